import pytest

from presslens.pipelines.scans.page_numbers import (
    least_unread_number,
    number_pages,
    parse_page_numbers,
)


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["page_01.jpg", "page_02.jpg"], [1, 2]),
        (["page_03.jpg"], [3]),
        (["page_1.jpg", "page_2.jpg", "page_4.jpg"], [1, 2, 4]),
        (["page_1.jpg", "page_2.jpg", "page_10.jpg"], [1, 2, 3]),
        (["page_2.jpg", "page_10.jpg"], [2, 10]),
        (["Rodong 2009-12-01 p11.png", "Rodong 2009-12-01 p4.png"], [11, 4]),
        (["a.zip/inside/Page 7.tif", "a.zip/inside/Page 8.tif"], [7, 8]),
        (["page_1.jpg", "page_1.png"], [1, 2]),
        (["page_0.jpg", "page_1.jpg"], [1, 2]),
        (["page_2.jpg", "back.jpg"], [1, 2]),
        (["scan_0007.jpg", "scan_0009.jpg"], [1, 2]),
        (["page.pdf#5", "page.pdf#6"], [1, 2]),
        (["page_2009.jpg"], [1]),
        (["paper-2024-05-01-0004.jpg"], [4]),
        (["img_2018-02-01-6-C.jpg", "img_2018-02-01-29-C.jpg"], [6, 29]),
        (["Times 01.02.2018 12.png", "Times_20180201_03.png"], [12, 3]),
        (["2018-02-01-6-A.jpg", "2018-02-01-6-B.jpg"], [1, 2]),
        (["2019-12-16.jpg"], [1]),
        (["Courier_2019-12-16_120.jpg"], [1]),
        (["2019-12-16_0215.jpg"], [1]),
        (["ISSN 0027-8378_45.jpg"], [1]),
        (["2019-12-16_4K.jpg"], [1]),
        (["#5 2019-12-16-3.jpg"], [1]),
        (["IMG_20240501_130512.jpg", "IMG_20240501_1306.jpg"], [1, 2]),
        ([], []),
    ],
)
def test_names_tell_page_numbers_only_if_all_do(names, numbers):
    assert number_pages(names) == numbers


@pytest.mark.parametrize(
    ("names", "least"),
    [
        (["scan_0007.jpg", "scan_0009.jpg"], 7),
        (["2018-02-01-6-A.jpg", "2018-02-01-6-B.jpg"], 6),
        (["scan_1.jpg", "scan_2.jpg"], 1),
        (["page_7.jpg", "page_9.jpg"], None),
        (["scan_7.jpg", "back.jpg"], None),
        (["Rodong 2019-12-16.jpg"], None),
        (["IMG_4711.jpg"], None),
    ],
)
def test_numbers_that_may_be_of_pages_are_not_read_silently(names, least):
    assert least_unread_number(names) == least


def test_given_numbers_count_before_names_and_pages_beyond_them_follow():
    assert number_pages(["page_1.jpg", "page_2.jpg", "page_3.jpg"], [5, 4]) == [5, 4, 6]
    assert number_pages(["page_1.jpg"], [5, 4]) == [5]


def test_lists_of_page_numbers_are_read():
    assert parse_page_numbers("1, 3,5-8") == [1, 3, 5, 6, 7, 8]


@pytest.mark.parametrize("text", ["", "x", "0", "8-5", "1,1", "2-4,3", "1001", "1;2"])
def test_other_lists_are_refused(text):
    with pytest.raises(ValueError, match=r"page"):
        parse_page_numbers(text)
