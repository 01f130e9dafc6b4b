"""Captions from the text that a library gives of a page."""

import pytest

from presslens.models.captions.described import (
    TextBlock,
    TextLine,
    described_captions,
    described_headlines,
)
from presslens.models.geometry import Box
from presslens.models.vocabulary import Caption, CaptionPlace, Headline, NotRead, TextSource

PHOTO = Box(100, 100, 500, 400)
RIGHT = Box(520, 100, 900, 400)


def read_here(text):
    box, source = Box(100, 405, 480, 450), TextSource.TESSERACT
    return Caption(box, CaptionPlace.BELOW, text=text, source=source)


def block(text, box, *, is_caption=False, sure=0.8, lines=1):
    height = box.height / lines
    made = tuple(
        TextLine(Box(box.x0, box.y0 + i * height, box.x1, box.y0 + (i + 1) * height), text, sure)
        for i in range(lines)
    )
    return TextBlock(made, is_caption)


def test_a_found_caption_keeps_its_box_and_gets_the_lines_in_it():
    found = read_here("W0rkers")
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
        text="Workers of the plant",
        source=TextSource.ALTO,
        confidence=pytest.approx((7 * 0.9 + 12 * 0.5) / 19),
    )


def test_a_headline_gets_the_librarys_lines_in_its_place_and_no_other_does():
    over, far = Box(100, 20, 600, 80), Box(700, 20, 900, 80)
    unread = [Headline(box, (0,), not_read=NotRead.NO_LANGUAGE) for box in (over, far)]
    lines = block("The Plant Opens", Box(98, 18, 604, 84), sure=0.7)
    read, still = described_headlines(unread, [lines], TextSource.ALTO)
    words = {"text": "The Plant Opens", "source": TextSource.ALTO, "confidence": 0.7}
    assert (read, still) == (Headline(over, (0,), **words), unread[1])


def test_a_found_caption_without_lines_stays_as_it_was_read():
    found = read_here("Workers")
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
                assert caption == Caption(
                    given.box, place, text="Text", source=TextSource.PAGE, confidence=0.8
                )


def test_each_block_is_the_caption_of_one_photo_the_nearest():
    left = block("Left", Box(110, 404, 480, 424), is_caption=True, sure=None)
    both = block("Right", Box(530, 404, 880, 424), is_caption=True)
    captions = described_captions([RIGHT, PHOTO], [None, None], [left, both], TextSource.ALTO)
    assert [caption and (caption.text, caption.confidence) for caption in captions] == [
        ("Right", 0.8),
        ("Left", None),
    ]


def test_the_text_of_a_found_caption_is_nobody_elses():
    found = Caption(Box(110, 404, 480, 424), CaptionPlace.BELOW)
    below = Box(100, 428, 500, 700)
    text = block("Workers", Box(110, 404, 480, 424), is_caption=True)
    captions = described_captions([PHOTO, below], [found, None], [text], TextSource.ALTO)
    assert [caption and caption.text for caption in captions] == ["Workers", None]
