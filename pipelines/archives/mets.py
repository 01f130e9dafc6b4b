"""METS 1: which files are the pages of an issue, in which order, and what issue it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from lxml import etree

from presslens.pipelines.archives.markup import children, first, local_name, number, text_of

_HREF = "{http://www.w3.org/1999/xlink}href"
_DAY = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
_DATES = ("dateIssued", "issued", "date", "dateCreated")
"""What holds the day, the surest first: what was created may be the scans."""


@dataclass(frozen=True, slots=True)
class MetsFile:
    """A file of a page."""

    id: str  # its id in the document
    href: str  # where it is, as written
    use: str  # the group that it is in, "Images" or "master" for instance


@dataclass(frozen=True, slots=True)
class MetsPage:
    """A page of an issue."""

    label: str  # the number that the document gives it; "" where it gives none
    files: tuple[MetsFile, ...]  # its files: images in several sizes, its text


@dataclass(frozen=True, slots=True)
class MetsDocument:
    """An issue as a METS document describes it."""

    title: str  # the newspaper; "" where it is not said
    day: date | None  # the day; None where no whole date is said
    days: tuple[date, ...]  # all days that are said to be the issue's: they should be one
    pages: tuple[MetsPage, ...]  # the pages in their order
    # The ids of the text blocks that are captions, by the id of their file.
    captions: Mapping[str, frozenset[str]]
    rights: str  # what is said of rights and access
    languages: tuple[str, ...] = ()  # the languages as they are written, codes before names


def read_mets(root: etree._Element) -> MetsDocument:
    """Return the issue that a METS document describes."""
    files = _files(root)
    described = list(_descriptions(root))
    titles = (title for one in described if (title := _title(one)))
    label = root.get("LABEL", "")
    named = day_in(label)
    days = next(filter(None, map(_days, described)), [])
    days = list(dict.fromkeys(filter(None, [*days, named])))
    return MetsDocument(
        next(titles, label.split(",")[0].strip() if named else ""),
        next(iter(days), None),
        tuple(days),
        tuple(_pages(root, files)),
        _captions(root),
        " ".join(dict.fromkeys(filter(None, map(text_of, root.iter("{*}accessCondition")))))
        or text_of(first(root, "rights")),
        _languages(described),
    )


def day_in(text: str) -> date | None:
    """Return the first whole date in a text, 2019-12-16 or 20191216; None without one."""
    for year, month, day in _DAY.findall(text):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None


def _files(root: etree._Element) -> dict[str, MetsFile]:
    """Return the files by id; the use of a group holds for the groups and files in it."""
    files: dict[str, MetsFile] = {}
    section = first(root, "fileSec")
    pending = [] if section is None else [(section, "")]
    while pending:
        element, use = pending.pop()
        use = element.get("USE", use) or element.get("ID", "")
        if local_name(element) != "file":
            pending += [(child, use) for child in children(element, "fileGrp", "file")]
            continue
        place = next(children(element, "FLocat"), None)
        identifier, href = element.get("ID"), None if place is None else place.get(_HREF)
        if identifier and href:
            files[identifier] = MetsFile(identifier, href, use)
    return files


def _pages(root: etree._Element, files: Mapping[str, MetsFile]) -> Iterator[MetsPage]:
    divs = _page_divs(root)
    orders = [number(div.get("ORDER")) for div in divs]
    if None not in orders and len(set(orders)) == len(divs):
        divs.sort(key=lambda div: number(div.get("ORDER")) or 0)
    numbers = _numbers_by_description(root)
    for div in divs:
        named = dict.fromkeys(one.get("FILEID", "") for one in div.iter("{*}fptr", "{*}area"))
        given = [div.get("ORDERLABEL"), *map(numbers.get, div.get("DMDID", "").split())]
        label = next(filter(None, given), None) or div.get("ORDER") or ""
        yield MetsPage(label.strip(), tuple(files[name] for name in named if name in files))


def _page_divs(root: etree._Element) -> list[etree._Element]:
    """Return the divisions that are pages: of the physical map, or of the first that has some."""
    maps = list(root.iter("{*}structMap"))
    maps.sort(key=lambda one: one.get("TYPE", "").casefold() != "physical")
    for one in maps:
        divs = [div for div in one.iter("{*}div") if _is_page(div)]
        if divs:
            return divs
    return []


def _is_page(div: etree._Element) -> bool:
    kind = div.get("TYPE", "").casefold().rpartition(":")[2]
    return kind == "page" and next(div.iter("{*}fptr"), None) is not None


def _numbers_by_description(root: etree._Element) -> dict[str, str]:
    """Return the page numbers that descriptions of single pages give, by their ids."""
    numbers = {}
    for section in root.iter("{*}dmdSec"):
        for detail in section.iter("{*}detail"):
            if detail.get("type") == "page number":
                numbers[section.get("ID", "")] = text_of(first(detail, "number"))
        extent = first(section, "extent")
        if extent is not None and extent.get("unit") == "pages":
            numbers.setdefault(section.get("ID", ""), text_of(first(extent, "start")))
    return numbers


def _descriptions(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the descriptive sections, those of the outermost divisions first."""
    sections = {one.get("ID", ""): one for one in root.iter("{*}dmdSec")}
    outermost = [name for div in _outer_divs(root) for name in div.get("DMDID", "").split()]
    for name in dict.fromkeys([*outermost, *sections]):
        if name in sections:
            yield sections[name]


def _outer_divs(root: etree._Element) -> Iterator[etree._Element]:
    for one in root.iter("{*}structMap"):
        for div in children(one, "div"):
            yield div
            yield from children(div, "div")


def _title(section: etree._Element) -> str:
    """Return the title of the newspaper: of the series that an issue is in, else its own."""
    for related in section.iter("{*}relatedItem"):
        if related.get("type") == "host" and (title := text_of(first(related, "title"))):
            return title
    return text_of(first(section, "title"))


def _languages(sections: Iterable[etree._Element]) -> tuple[str, ...]:
    """Return the languages of the first description that says any; those of other works are not."""
    for section in sections:
        said = (one for one in section.iter("{*}language") if not _is_of_another(one))
        if terms := [term for element in said for term in _terms(element)]:
            return tuple(terms)
    return ()


def _terms(element: etree._Element) -> list[str]:
    """Return the terms of a language of MODS, codes first, or the text of one of Dublin Core."""
    terms = sorted(children(element, "languageTerm"), key=lambda one: one.get("type") != "code")
    return list(filter(None, map(text_of, terms or [element])))


def _days(section: etree._Element) -> list[date]:
    """Return the days of an issue by the surest of its elements; those of other works are not."""
    for name in _DATES:
        elements = (one for one in section.iter(f"{{*}}{name}") if not _is_of_another(one))
        if days := [day for one in elements if (day := day_in(text_of(one)))]:
            return days
    return []


def _is_of_another(element: etree._Element) -> bool:
    return next(element.iterancestors("{*}relatedItem"), None) is not None


def _captions(root: etree._Element) -> dict[str, frozenset[str]]:
    """Return the blocks that the logical map calls captions, by file."""
    captions: dict[str, set[str]] = {}
    for div in root.iter("{*}div"):
        if div.get("TYPE", "").casefold() != "caption":
            continue
        for area in div.iter("{*}area"):
            if block := area.get("BEGIN"):
                captions.setdefault(area.get("FILEID", ""), set()).add(block)
    return {file: frozenset(blocks) for file, blocks in captions.items()}
