"""MPEG-21 DIDL, as the Dutch national library describes issues: pages are items with an image."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from presslens.pipelines.archives.bibliography import read_record
from presslens.pipelines.archives.issue_document import (
    DocumentOf,
    IssueDocument,
    IssueFile,
    IssuePage,
)
from presslens.pipelines.archives.markup import children, first, local_name, text_of

_WITH_CAPTION = "onderschrift"
"""Articles whose subject has this word are pictures, with the caption as their text."""


def read_didl(root: etree._Element) -> IssueDocument:
    """Return the issue that a DIDL document describes."""
    issue = next(children(root, "Item"), root)
    sections = [
        resource
        for component in children(issue, "Component")
        for resource in children(component, "Resource")
        if len(resource)
    ]
    pages = tuple(page for item in issue.iter("{*}Item") if (page := _page(item)))
    return IssueDocument(
        "DIDL",
        DocumentOf.EDITION,
        read_record(sections, (), ()),
        pages,
        _captions(root, pages),
    )


def _page(item: etree._Element) -> IssuePage | None:
    """Return the page that an item is, None where no image is its own."""
    files = tuple(_files(item))
    if not any(file.is_image and not file.href.lower().endswith(".pdf") for file in files):
        return None
    roles = (text_of(one) for one in item.iterfind("{*}Descriptor/{*}Statement"))
    number = first(item, "nativePageNumber")
    label = text_of(number) or next(roles, "").rpartition(" ")[2]
    return IssuePage(label, files)


def _files(item: etree._Element) -> Iterator[IssueFile]:
    """Yield the files of an item; their names go before addresses of the web."""
    for component in children(item, "Component"):
        role = text_of(component.find("{*}Descriptor/{*}Statement"))
        for resource in children(component, "Resource"):
            names = (key for key in map(str, resource.attrib) if key.endswith("filename"))
            href = resource.get(next(names, "ref")) or resource.get("ref")
            if href:
                yield IssueFile(href, href, role, resource.get("mimeType", ""))


def _captions(root: etree._Element, pages: tuple[IssuePage, ...]) -> dict[str, frozenset[str]]:
    """Return the blocks of articles that are pictures, by the id of their file."""
    ids = {file.href: file.id for page in pages for file in page.files}
    captions: dict[str, set[str]] = {}
    for item in root.iter("{*}Item"):
        subjects = (text_of(one) for one in item.iterfind("{*}Component//{*}subject"))
        if not any(_WITH_CAPTION in subject.casefold() for subject in subjects):
            continue
        for blocks in item.iter("{*}blocks"):
            named = {one.get("ID", "") for one in blocks if local_name(one) == "TextBlock"}
            captions.setdefault(ids.get(blocks.get("alto", ""), ""), set()).update(named)
    return {file: frozenset(blocks) for file, blocks in captions.items()}
