"""ALTO 1 to 4, with the errors that libraries' files have: the text of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import reduce

from lxml import etree

from presslens.models.captions.described import TextBlock, TextLine
from presslens.models.geometry import Box
from presslens.models.vocabulary import TextSource
from presslens.pipelines.archives.markup import children, first, local_name, number, share, text_of
from presslens.pipelines.archives.page_text import EVEN, PageText

_CAPTION = "caption"
_NO_TEXT = "no_text"
"""What a program for American batches writes on a page that has none."""

_MARGINS = ("PrintSpace", "TopMargin", "LeftMargin", "RightMargin", "BottomMargin")


def read_alto(root: etree._Element) -> tuple[PageText, ...]:
    """Return the texts of the pages of an ALTO document, in their order."""
    captions = _caption_tags(root)
    unit = text_of(first(root, "MeasurementUnit"))
    return tuple(_page_text(page, root, captions, unit) for page in root.iter("{*}Page"))


def _page_text(
    page: etree._Element, root: etree._Element, captions: frozenset[str], unit: str
) -> PageText:
    size = _size(page)
    width, height = size or (None, None)
    space = next(children(page, "PrintSpace"), None)
    # Without a size, only pixels can be told from their numbers.
    is_placed = size is not None or unit in {"", "pixel"}
    return PageText(
        TextSource.ALTO,
        width,
        height,
        text_of(first(root, "fileName")),
        None if space is None or not is_placed else _box(space),
        tuple(_blocks(page, captions)) if is_placed else (),
        tuple(box for picture in page.iter("{*}Illustration") if (box := _box(picture)))
        if is_placed
        else (),
        (page.get("PRINTED_IMG_NR") or "").strip(),
        page.get("ID", ""),
        _language(page),
    )


def _size(page: etree._Element) -> tuple[float, float] | None:
    """Return the width and height of a page in the unit of its boxes; None where it has none.

    The margins and the print space fill the page. Where they are larger in the same proportions,
    their boxes are of a larger image than the size is, and so are those of the text.
    """
    width, height = number(page.get("WIDTH")), number(page.get("HEIGHT"))
    edges = [box for one in children(page, *_MARGINS) if (box := _box(one, empty=True))]
    across = max((box.x1 for box in edges), default=0.0)
    down = max((box.y1 for box in edges), default=0.0)
    if not width or not height or width < 0 or height < 0:
        whole = len(edges) == len(_MARGINS) and across > 0 and down > 0
        return (across, down) if whole else None
    is_larger = across > width * (1 + EVEN) and down > height * (1 + EVEN)
    if is_larger and abs(across / down * height / width - 1) <= EVEN:
        return across, down
    return width, height


def _language(page: etree._Element) -> str:
    """Return the language of most blocks, as version 3 says it or versions before."""
    blocks = page.iter("{*}TextBlock")
    languages = Counter(one.get("LANG") or one.get("language") or "" for one in blocks)
    return languages.most_common(1)[0][0] if languages else ""


def _caption_tags(root: etree._Element) -> frozenset[str]:
    """Return the ids of the tags that mark a block as a caption."""
    tags = first(root, "Tags")
    return frozenset(
        tag.get("ID", "")
        for tag in (() if tags is None else tags)
        if _CAPTION in f"{tag.get('LABEL')} {tag.get('TYPE')}".casefold()
    )


def _blocks(page: etree._Element, captions: frozenset[str]) -> Iterator[TextBlock]:
    for block in page.iter("{*}TextBlock"):
        if lines := tuple(_lines(block)):
            yield TextBlock(lines, _is_caption(block, captions), block.get("ID", ""))


def _is_caption(block: etree._Element, captions: frozenset[str]) -> bool:
    """Return whether a block is tagged as a caption, or composed with a picture alone."""
    if captions.intersection(block.get("TAGREFS", "").split()):
        return True
    around = block.getparent()
    named = [block.get("TYPE"), block.get("type"), around is not None and around.get("TYPE")]
    if any(_CAPTION in name.casefold() for name in named if name):
        return True
    if around is None or local_name(around) != "ComposedBlock":
        return False
    inside = [local_name(one) for one in around if local_name(one) != "Shape"]
    return inside.count("TextBlock") == 1 and len(inside) == 2 and "Illustration" in inside


def _lines(block: etree._Element) -> Iterator[TextLine]:
    """Yield the lines of a block; a word that goes on in the next line is whole in the first."""
    is_begun = False
    for line in children(block, "TextLine"):
        strings = list(children(line, "String"))
        words = [" ".join(string.get("CONTENT", "").split()) for string in strings]
        is_whole = False
        if strings and is_begun and strings[0].get("SUBS_TYPE") == "HypPart2":
            words[0] = ""
        if strings and strings[-1].get("SUBS_TYPE") == "HypPart1":
            whole = strings[-1].get("SUBS_CONTENT", "").strip()
            words[-1], is_whole = whole or words[-1], bool(whole)
        is_begun = is_whole
        text = " ".join(filter(None, words))
        if text and not is_whole:
            text += next((one.get("CONTENT", "-") for one in children(line, "HYP")), "")
        box = _box(line) or _around(strings)
        if box is not None and text and text != _NO_TEXT:
            sure = [one for string in strings if (one := share(string.get("WC"))) is not None]
            yield TextLine(box, text, sum(sure) / len(sure) if sure else None)


def _around(strings: list[etree._Element]) -> Box | None:
    boxes = [box for string in strings if (box := _box(string))]
    return reduce(Box.union, boxes) if boxes else None


def _box(element: etree._Element, *, empty: bool = False) -> Box | None:
    """Return the box of an element; None where it has none, or one without an area."""
    names = ("HPOS", "VPOS", "WIDTH", "HEIGHT")
    left, top, width, height = (number(element.get(name)) for name in names)
    if left is None or top is None or width is None or height is None:
        return None
    if not empty and (width <= 0 or height <= 0):
        return None
    return Box(left, top, left + width, top + height)
