import pytest

from presslens.pipelines.statistics.page import PageRecord, missing_pages, with_missing


@pytest.mark.parametrize(
    ("numbers", "expected", "missing"),
    [
        ([1, 2, 3], None, []), ([1, 2, 3], 6, [4, 5, 6]), ([3, 4], None, [1, 2]),
        ([1, 2, 3], 2, []), ([4, 30], 2, []), ([4, 6], 3, [1, 2, 3, 5]),
        ([], 2, [1, 2]), ([], None, []),
    ],
)  # fmt: skip
def test_pages_are_missing_up_to_the_highest_number_or_what_was_said(numbers, expected, missing):
    assert missing_pages(numbers, expected) == missing


def test_missing_pages_count_as_pages_that_were_not_seen():
    page = PageRecord(2, seen=True, area=1.0, photos=())
    completed = with_missing([page], 4)
    assert [(p.number, p.seen) for p in completed] == [
        (2, True),
        (1, False),
        (3, False),
        (4, False),
    ]
