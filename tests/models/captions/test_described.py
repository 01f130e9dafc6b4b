"""Captions from the text that a library gives of a page."""

import pytest

from presslens.models.captions.described import TextBlock, TextLine, described_captions
from presslens.models.geometry import Box
from presslens.models.vocabulary import Caption, CaptionPlace, TextSource

PHOTO = Box(100, 100, 500, 400)
RIGHT = Box(520, 100, 900, 400)


def block(text, box, *, is_caption=False, sure=0.8, lines=1):
    height = box.height / lines
    made = tuple(
        TextLine(Box(box.x0, box.y0 + i * height, box.x1, box.y0 + (i + 1) * height), text, sure)
        for i in range(lines)
    )
    return TextBlock(made, is_caption)


def test_a_found_caption_keeps_its_box_and_gets_the_lines_in_it():
    found = Caption(Box(100, 405, 480, 450), CaptionPlace.BELOW, "W0rkers", TextSource.TESSERACT)
    blocks = [
        TextBlock(
            (
                TextLine(Box(98, 428, 300, 452), "of the plant", 0.5),
                TextLine(Box(98, 403, 470, 426), "Workers", 0.9),
                TextLine(Box(98, 470, 470, 494), "The report goes on", 0.9),
            )
        )
    ]
    (caption,) = described_captions([PHOTO], [found], blocks, TextSource.ALTO)
    assert caption == Caption(
        found.box,
        CaptionPlace.BELOW,
        "Workers of the plant",
        TextSource.ALTO,
        pytest.approx((7 * 0.9 + 12 * 0.5) / 19),
    )


def test_a_found_caption_without_lines_stays_as_it_was_read():
    found = Caption(Box(100, 405, 480, 450), CaptionPlace.BELOW, "Workers", TextSource.TESSERACT)
    far = block("Elsewhere", Box(100, 700, 480, 720))
    assert described_captions([PHOTO], [found], [far], TextSource.PAGE) == [found]


def test_a_photo_without_a_caption_gets_a_block_that_can_be_its_own(subtests):
    for case, given, place in (
        ("directly below", block("Text", Box(110, 405, 480, 425)), CaptionPlace.BELOW),
        ("too far below", block("Text", Box(110, 440, 480, 460)), None),
        ("wider than the photo", block("Text", Box(110, 405, 700, 425)), None),
        ("a report", block("Text", Box(110, 405, 480, 565), lines=8), None),
        ("marked, further below", block("Text", Box(110, 440, 480, 460), is_caption=True),
         CaptionPlace.BELOW),
        ("marked, above", block("Text", Box(110, 70, 480, 90), is_caption=True),
         CaptionPlace.ABOVE),
        ("marked, beside", block("Text", Box(20, 200, 90, 220), is_caption=True),
         CaptionPlace.BESIDE),
        ("marked, inside", block("Text", Box(120, 300, 300, 320), is_caption=True),
         CaptionPlace.INSIDE),
        ("marked, too far", block("Text", Box(110, 600, 480, 620), is_caption=True), None),
    ):  # fmt: skip
        with subtests.test(case):
            (caption,) = described_captions([PHOTO], [None], [given], TextSource.PAGE)
            if place is None:
                assert caption is None
            else:
                assert caption == Caption(given.box, place, "Text", TextSource.PAGE, 0.8)


def test_each_block_is_the_caption_of_one_photo_the_nearest():
    left = block("Left", Box(110, 404, 480, 424), is_caption=True, sure=None)
    both = block("Right", Box(530, 404, 880, 424), is_caption=True)
    captions = described_captions([RIGHT, PHOTO], [None, None], [left, both], TextSource.ALTO)
    assert [caption and (caption.text, caption.confidence) for caption in captions] == [
        ("Right", 0.8),
        ("Left", None),
    ]


def test_the_text_of_a_found_caption_is_nobody_elses():
    found = Caption(Box(110, 404, 480, 424), CaptionPlace.BELOW, None)
    below = Box(100, 428, 500, 700)
    text = block("Workers", Box(110, 404, 480, 424), is_caption=True)
    captions = described_captions([PHOTO, below], [found, None], [text], TextSource.ALTO)
    assert [caption and caption.text for caption in captions] == ["Workers", None]
