"""METS 1 and 2: which files are the pages of an issue, in which order, and what issue it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from lxml import etree

from presslens.pipelines.archives.bibliography import address_in, identifier_of, read_record
from presslens.pipelines.archives.days import title_in
from presslens.pipelines.archives.identifiers import Identifier, IdentifierScheme
from presslens.pipelines.archives.issue_document import (
    DocumentOf,
    IssueDocument,
    IssueFile,
    IssuePage,
    IssueRecord,
)
from presslens.pipelines.archives.markup import children, first, local_name, number, text_of
from presslens.pipelines.scans.page_numbers import MOST_PAGES

_HREF = "{http://www.w3.org/1999/xlink}href"
_METS_2 = "http://www.loc.gov/METS/v2"
_SECTIONS = {
    "PROVENANCE": "digiprovMD",
    "RIGHTS": "rightsMD",
    "SOURCE": "sourceMD",
    "TECHNICAL": "techMD",
}
"""What METS 1 calls metadata, by the use that METS 2 gives; others describe."""

_REEL = re.compile(r"microfilmReel|np:reel")
_NO_PAGE = re.compile(r"target|colou?r|chart|attachment", re.IGNORECASE)
"""Divisions with images that are none of pages: targets of microfilm, colour profiles."""

_SPAR = "http://bibnum.bnf.fr/ns/spar_dc"
_DFG = "http://dfg-viewer.de/"
_SPACES = (_SPAR, _DFG)
_PROFILES = (
    ("ndnp", "NDNP"),
    ("enmap", "ENMAP"),
    (_SPAR, "SPAR"),
    ("ocr-d", "OCR-D"),
    ("ocrd", "OCR-D"),
    (_DFG, "DFG"),
    ("goobi", "Goobi"),
    ("kitodo", "Kitodo"),
    ("veridian", "Veridian"),
    ("docworks", "docWorks"),
)
"""How METS is used, by words of its header and its namespaces."""

_LABELS = ("LABEL", "ORDERLABEL")
CANVASES, SERVICES = "IIIF-CANVAS", "IIIF-IMAGE"
"""The uses of groups of what is no file, but where the library has the pages."""

_NEWSPAPER = re.compile(r"newspaper|periodical(_title)?$")
_PLACEHOLDER = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)+")
"""What a program puts where a title is to stand: DOCUMENT_TITLE_PLACEHOLDER."""

_KEEPERS = frozenset({"ARCHIVIST", "CUSTODIAN", "IPOWNER"})
_PROGRAM = re.compile(
    r"abbyy|docworks|escriptorium|goobi|kitodo|metae|\bocr-?d|transkribus|\buibk\b|\d+\.\d",
    re.IGNORECASE,
)
"""Programs that write METS, and who made them: no keepers."""

_OTHER_KEEPERS = frozenset({"CUSTODIAN", "HOLDER", "OWNER", "REPOSITORY"})


def read_mets(root: etree._Element) -> IssueDocument:
    """Return the issue that a METS document describes."""
    _rename(root)
    files = _files(root)
    mapped = tuple(islice(_pages(root, files), MOST_PAGES + 1)) or tuple(_pages_by_groups(files))
    pages = tuple(_with_shared(mapped, files))
    of = DocumentOf.EDITION
    if _REEL.search(f"{root.get('TYPE')} {root.get('PROFILE')}") or any(
        div.get("TYPE") == "np:reel" for div in _outer_divs(root)
    ):
        of = DocumentOf.REEL
    elif not pages and first(root, "mptr") is not None:
        of = DocumentOf.EDITIONS
    record = _record(root)
    if of is DocumentOf.REEL:
        titles = {text_of(one) for one in root.iter("{*}titles")}
        record = replace(record, title=titles.pop() if len(titles) == 1 else "")
    return IssueDocument(_profile(root), of, record, pages, captions_in(root))


def _rename(root: etree._Element) -> None:
    """Give what METS 2 renamed the names of METS 1."""
    for element in root.iter(f"{{{_METS_2}}}*"):
        if local_name(element) == "md":
            element.tag = _SECTIONS.get(element.get("USE", "").upper(), "dmdSec")
        for new, old in (("MDID", "DMDID"), ("LOCREF", _HREF)):
            if new in element.attrib:
                element.set(old, element.get(new, ""))


def captions_in(root: etree._Element) -> dict[str, frozenset[str]]:
    """Return the blocks that the logical map calls captions, by file."""
    captions: dict[str, set[str]] = {}
    for div in root.iter("{*}div"):
        if "caption" not in div.get("TYPE", "").casefold():
            continue
        for area in div.iter("{*}area"):
            if block := area.get("BEGIN"):
                captions.setdefault(area.get("FILEID", ""), set()).add(block)
    return {file: frozenset(blocks) for file, blocks in captions.items()}


def _files(root: etree._Element) -> dict[str, IssueFile]:
    """Return the files by id; the use of a group holds for the groups and files in it."""
    files: dict[str, IssueFile] = {}
    section = first(root, "fileSec")
    pending = [] if section is None else [(section, "", "")]
    while pending:
        element, use, group = pending.pop()
        use = str(element.get("USE") or use or element.get("ID", ""))
        if local_name(element) != "file":
            group = element.get("ID", "")
            inside = [(child, use, group) for child in children(element, "fileGrp", "file")]
            pending += reversed(inside)
            continue
        places = (place.get(_HREF) for place in children(element, "FLocat"))
        identifier, hrefs = element.get("ID"), list(filter(None, places))
        if identifier and hrefs:
            hrefs.sort(key=lambda href: "://" in href and not href.startswith("file:"))
            hrefs += filter(None, [element.get("OWNERID")])
            mime, shared = element.get("MIMETYPE", ""), element.get("GROUPID", "")
            file = IssueFile(identifier, hrefs[0], use, mime, "", group, tuple(hrefs[1:]), shared)
            files[identifier] = file
    return files


def _pages(root: etree._Element, files: Mapping[str, IssueFile]) -> Iterator[IssuePage]:
    divs = _page_divs(root, files)
    orders = [number(div.get("ORDER")) for div in divs]
    if None not in orders and len(set(orders)) == len(divs):
        divs.sort(key=lambda div: number(div.get("ORDER")) or 0)
    numbers = _numbers_by_description(root)
    for div in divs:
        begins: dict[str, str] = {}
        for one in div.iter("{*}fptr", "{*}area"):
            begins.setdefault(one.get("FILEID", ""), one.get("BEGIN", ""))
        labels = [div.get("ORDERLABEL"), *map(numbers.get, div.get("DMDID", "").split())]
        label = next(filter(None, labels), None) or div.get("ORDER") or ""
        pointed = (replace(files[name], begins=at) for name, at in begins.items() if name in files)
        yield _with_canvas(IssuePage(label.strip(), tuple(pointed)), div)


def _with_canvas(page: IssuePage, div: etree._Element) -> IssuePage:
    """Return a page with its canvas of IIIF, as METS that went out names it among its files."""
    by_use = {file.use: file for file in page.files}
    if CANVASES not in by_use:
        return page
    canvas, service = by_use[CANVASES], by_use.get(SERVICES)
    areas = (one for one in div.iter("{*}area") if one.get("FILEID") == canvas.id)
    _, _, width, height = next((one.get("COORDS", "").split(",") for one in areas), [""] * 4)
    others = tuple(file for file in page.files if file not in (canvas, service))
    size = number(width), number(height)
    return IssuePage(page.label, others, canvas.href, service.href if service else "", size)


def _with_shared(pages: Sequence[IssuePage], files: Mapping[str, IssueFile]) -> Iterator[IssuePage]:
    """Yield pages with the files that share a name with theirs, and with no other page's."""
    mapped = {file.id for page in pages for file in page.files}
    counts = Counter(one for page in pages for one in {file.shared for file in page.files})
    sharing: dict[str, list[IssueFile]] = {}
    for file in files.values():
        if file.id not in mapped and counts[file.shared] == 1:
            sharing.setdefault(file.shared, []).append(file)
    for page in pages:
        names = dict.fromkeys(file.shared for file in page.files if file.shared)
        more = (file for name in names for file in sharing.get(name, ()))
        yield replace(page, files=(*page.files, *more))


def _pages_by_groups(files: Mapping[str, IssueFile]) -> Iterator[IssuePage]:
    """Yield pages without a map of images: files that share a name; else by groups of one size."""
    images_of_all = [file for file in files.values() if file.is_image]
    shared = Counter((file.shared, file.use, file.group) for file in images_of_all)
    if len({file.shared for file in images_of_all}) > 1 and set(shared.values()) == {1}:
        for name in dict.fromkeys(file.shared for file in images_of_all):
            yield IssuePage("", tuple(one for one in images_of_all if one.shared == name))
        return
    groups: dict[str, list[IssueFile]] = {}
    for file in files.values():
        groups.setdefault(f"{file.use} {file.group}", []).append(file)
    images = [group for group in groups.values() if all(file.is_image for file in group)]
    most = max(map(len, images), default=0)
    even = [group for group in groups.values() if len(group) == most]
    for page in zip(*even, strict=True):
        yield IssuePage("", page)


def _page_divs(root: etree._Element, files: Mapping[str, IssueFile]) -> list[etree._Element]:
    """Return the divisions that are pages: of the physical map, or of the first that has some."""
    maps = list(root.iter("{*}structMap"))
    maps.sort(key=lambda one: one.get("TYPE", "").casefold() != "physical")
    return next(filter(None, (_page_divs_of(one, files) for one in maps)), [])


def _page_divs_of(
    structure: etree._Element, files: Mapping[str, IssueFile]
) -> list[etree._Element]:
    """Return the divisions of a map that are pages: those which point to images.

    A division is none if divisions in it point to other images, unless it is called a page: an
    issue may point to its cover, a page to its halves.
    """
    divs = list(structure.iter("{*}div"))
    own = {div: _images_of(div, files) for div in divs}
    below: dict[etree._Element, set[str]] = {}
    for div in reversed(divs):
        parent, inside = div.getparent(), own[div] | below.get(div, set())
        if inside and parent is not None and not _NO_PAGE.search(div.get("TYPE", "")):
            below.setdefault(parent, set()).update(inside)
    pages = []
    pending = list(reversed(list(children(structure, "div"))))
    while pending:
        div = pending.pop()
        kind = div.get("TYPE", "")
        if _NO_PAGE.search(kind):
            continue
        inside = below.get(div, set())
        is_page = kind.casefold().endswith("page")
        if (own[div] and not inside - own[div]) or (is_page and (own[div] or inside)):
            pages.append(div)
        else:
            pending += reversed(list(children(div, "div")))
    return pages


def _images_of(div: etree._Element, files: Mapping[str, IssueFile]) -> set[str]:
    """Return the images that a division itself points to."""
    pointers = (one for fptr in children(div, "fptr") for one in fptr.iter("{*}fptr", "{*}area"))
    identifiers = (one.get("FILEID", "") for one in pointers)
    return {name for name in identifiers if name in files and files[name].is_image}


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


def _record(root: etree._Element) -> IssueRecord:
    sections = {one.get("ID", ""): one for one in root.iter("{*}dmdSec")}
    outer, inner = _described_divs(root)
    chosen = [sections[name] for name in outer if name in sections]
    pointed = {name for div in root.iter("{*}div") for name in div.get("DMDID", "").split()}
    if not chosen:
        chosen = [one for name, one in sections.items() if name not in pointed]
    others = [sections[name] for name in [*inner, *sections] if name in sections]
    labels = [root.get("LABEL", "")]
    labels += (div.get(name, "") for div in _outer_divs(root) for name in _LABELS)
    titles = (div.get("LABEL", "") for div in _outer_divs(root) if _NEWSPAPER.search(_kind(div)))
    newspaper = next((one for one in titles if one and not _PLACEHOLDER.fullmatch(one)), "")
    statements = [*root.iter("{*}rightsMD"), *root.iter("{*}accessCondition")]
    issue = [
        sections[name]
        for div in _outer_divs(root)
        if _kind(div).endswith("issue")
        for name in reversed(div.get("DMDID", "").split())
        if name in sections
    ]
    record = read_record(chosen, labels, others, issue)
    of_rights = read_record([*chosen, *statements], (), ())
    object_id = root.get("OBJID", "").strip()
    return replace(
        record,
        title=record.title or title_in(newspaper),
        rights=of_rights.rights,
        rights_address=of_rights.rights_address,
        holder=record.holder or of_rights.holder or _keeper(root),
        identifiers=_with_object_id(record.identifiers, object_id, root),
        homepage=record.homepage or address_in(object_id) or _presentation(root),
    )


def _described_divs(root: etree._Element) -> tuple[list[str], list[str]]:
    """Return the ids of the descriptions of outer divisions, and of the divisions in them."""
    outer = [name for div in _outer_divs(root) for name in div.get("DMDID", "").split()]
    divs = [div for outermost in _outer_divs(root) for div in children(outermost, "div")]
    inner = [name for div in divs for name in div.get("DMDID", "").split()]
    return list(dict.fromkeys(outer)), [name for name in dict.fromkeys(inner) if name not in outer]


def _outer_divs(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the divisions around everything: newspaper, volume, issue."""
    for one in root.iter("{*}structMap"):
        inside = list(children(one, "div"))
        while len(inside) == 1:
            if inside[0].get("TYPE", "").casefold().endswith("page"):
                break
            yield inside[0]
            inside = list(children(inside[0], "div"))


def _kind(div: etree._Element) -> str:
    return div.get("TYPE", "").casefold()


def _keeper(root: etree._Element) -> str:
    """Return who keeps the original by the header of the document."""
    agents = list(root.iter("{*}agent"))
    keepers = [
        agent
        for agent in agents
        if agent.get("ROLE") in _KEEPERS or agent.get("OTHERROLE", "").upper() in _OTHER_KEEPERS
    ]
    makers = [agent for agent in agents if agent.get("TYPE") == "ORGANIZATION"]
    names = (text_of(first(agent, "name")) for agent in [*keepers, *makers])
    return next((name for name in names if name and not _PROGRAM.search(name)), "")


def _with_object_id(
    identifiers: tuple[Identifier, ...], object_id: str, root: etree._Element
) -> tuple[Identifier, ...]:
    """Return the identifiers of an issue with those of the document and of its preservation."""
    others = [identifier_of(object_id)] if object_id else []
    others = [one for one in others if one and one.scheme is not IdentifierScheme.LOCAL]
    if object_id:
        others.append(Identifier(IdentifierScheme.OBJID, object_id))
    for one in root.iter("{*}objectIdentifier"):
        kind = text_of(first(one, "objectIdentifierType"))
        if kind.casefold() == "ark":
            others.append(identifier_of(text_of(first(one, "objectIdentifierValue")), kind))
    return tuple(dict.fromkeys([*identifiers, *filter(None, others)]))


def _presentation(root: etree._Element) -> str:
    """Return the address of a page about it, as German libraries give it."""
    for name in ("presentation", "reference"):
        if address := address_in(text_of(first(root, name))):
            return address
    return ""


def _profile(root: etree._Element) -> str:
    words = [root.get("PROFILE", ""), root.get("TYPE", "")]
    words += [text_of(agent) for agent in root.iter("{*}agent")]
    words += [space for space in _SPACES if next(root.iter(f"{{{space}}}*"), None) is not None]
    text = " ".join(words).casefold()
    names = [name for word, name in _PROFILES if word in text]
    return ", ".join(["METS", *names[:1]])
