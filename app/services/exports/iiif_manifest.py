"""Manifests and collections of IIIF Presentation 3.

https://iiif.io/api/presentation/3.0/ . A manifest carries the library's description of
the edition: rights, attribution beside that of the annotations, homepage and source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from presslens.app.db.queries import EditionScope
from presslens.app.services.catalogue.descriptions import EditionDescription
from presslens.app.services.catalogue.pages import AnalysedPage
from presslens.app.services.exports.iiif import (
    CONTEXT,
    NONE,
    IiifLinks,
    IiifObject,
    Publisher,
    annotation_page,
    english,
    own_canvas,
)
from presslens.pipelines.archives.described_edition import DescriptionKind

SEARCH_CONTEXT = "http://iiif.io/api/search/2/context.json"
SEARCH_CONTEXT_1 = "http://iiif.io/api/search/1/context.json"
THUMBNAIL = 240
"""Width of the small picture of a page, in pixels."""

_RIGHTS = re.compile(
    r"https?://(?:www\.)?(creativecommons\.org/(?:licenses|publicdomain)/[^?#]+?"
    r"|rightsstatements\.org/(?:vocab|page)/[^?#]+?)(?:deed(?:\.\w+)?)?",
)
"""Addresses of licences and rights statements that IIIF permits, in all their spellings."""

ADDRESS = re.compile(r"https?://[^\s<>\"]+")
"""Texts of descriptions that are published as addresses."""

_FORMATS = {DescriptionKind.IIIF.value: "application/ld+json"}


@dataclass(frozen=True, slots=True)
class Issue:
    """An edition as a manifest names it."""

    id: int
    publication: str
    day: date

    @property
    def title(self) -> str:
        """Its newspaper and its day."""
        return f"{self.publication}, {self.day.isoformat()}"


@dataclass(frozen=True, slots=True)
class PartialCollection:
    """A collection within another one: some editions."""

    label: str
    scope: EditionScope


def manifest(
    publisher: Publisher,
    issue: Issue,
    pages: Sequence[AnalysedPage],
    description: EditionDescription | None,
) -> IiifObject:
    """Return the manifest of an edition: a canvas for each analysed page, with annotations.

    Args:
        publisher: The addresses and the provenance.
        issue: The edition.
        pages: All its pages, one of which was analysed at least.
        description: The library's description; None without one.
    """
    links = publisher.links
    analysed = [page for page in pages if page.size is not None]
    facts = {
        "Newspaper": issue.publication,
        "Date": issue.day.isoformat(),
        "Pages": str(len(pages)),
        "Pages without a picture": str(len(pages) - len(analysed)),
        "Photos": str(sum(len(page.photos) for page in analysed)),
        "Recipe": publisher.recipe,
    }
    return {
        "@context": [SEARCH_CONTEXT, CONTEXT],
        "id": links.manifest(issue.id),
        "type": "Manifest",
        "label": {NONE: [issue.title]},
        "summary": english(
            "The pages of one edition, and the photos on them as Presslens found and read them."
        ),
        "metadata": [
            *(_pair(label, value) for label, value in facts.items()),
            *(_description_pairs(description) if description else ()),
        ],
        **_rights(description),
        "requiredStatement": {
            "label": english("Attribution"),
            "value": {NONE: [*_library_statement(description), _our_statement(publisher)]},
        },
        "provider": list(_providers(links, issue, description)),
        "homepage": list(_homepages(links, issue, description)),
        "thumbnail": [thumbnail(links, analysed[0])],
        "navDate": _midnight(issue.day),
        "viewingDirection": "left-to-right",
        "behavior": ["paged"],
        "seeAlso": list(_see_also(links, issue, description)),
        "rendering": [_photo_table(links, issue), _pdf(links, issue)],
        "partOf": [
            _collection(links, EditionScope(issue.publication), {NONE: [issue.publication]}),
            _collection(links, EditionScope(), english(ALL)),
        ],
        "service": search_services(links.search(issue.id)),
        "items": [_canvas(publisher, page) for page in analysed],
    }


ALL = "Editions of newspapers"


def collection(
    links: IiifLinks,
    scope: EditionScope,
    parts: Sequence[PartialCollection],
    issues: Sequence[Issue],
) -> IiifObject:
    """Return a collection of collections, or of the manifests of editions.

    Args:
        links: The addresses.
        scope: What it is a collection of.
        issues: The editions in it.
    """
    label = {NONE: [scope.publication]} if scope.publication else english(ALL)
    above = [] if scope.whole else [_collection(links, EditionScope(), english(ALL))]
    return {
        "@context": CONTEXT,
        **_collection(links, scope, label),
        **({"partOf": above} if above else {}),
        "items": [
            *(_collection(links, part.scope, {NONE: [part.label]}) for part in parts),
            *(_listed(links, issue) for issue in issues if not parts),
        ],
    }


def _collection(
    links: IiifLinks, scope: EditionScope, label: dict[str, list[str]]
) -> dict[str, object]:
    return {"id": links.collection(scope), "type": "Collection", "label": label}


def _listed(links: IiifLinks, issue: Issue) -> IiifObject:
    return {
        "id": links.manifest(issue.id),
        "type": "Manifest",
        "label": {NONE: [issue.title]},
        "navDate": _midnight(issue.day),
    }


def search_services(address: str) -> list[IiifObject]:
    """Return the search services of an edition's address; see ``iiif_search``.

    The second has the version that Mirador 4 and Universal Viewer 4 support.
    """
    return [
        {
            "id": f"{address}/search.json",
            "type": "SearchService2",
            "service": [{"id": f"{address}/autocomplete.json", "type": "AutoCompleteService2"}],
        },
        {
            "@context": SEARCH_CONTEXT_1,
            "@id": f"{address}/search-1.json",
            "@type": "SearchService1",
            "profile": "http://iiif.io/api/search/1/search",
        },
    ]


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _description_pairs(description: EditionDescription) -> Iterator[IiifObject]:
    """Yield the metadata of a description that a manifest has no property for."""
    texts = {
        "Title in the library": description.title,
        "Edition of the day": description.edition_label,
        "Holder": description.holder,
        "Rights": description.rights,
        "Statement of rights": description.rights_address,
    }
    yield from (_pair(label, text) for label, text in texts.items() if text)
    if description.languages:
        yield _pair("Language", *description.languages)
    for label, identifiers in (
        ("Identifier of the newspaper", description.newspaper_identifiers),
        ("Identifier", description.identifiers),
    ):
        if identifiers:
            yield _pair(label, *(f"{one.scheme.upper()} {one.value}" for one in identifiers))


def _rights(description: EditionDescription | None) -> dict[str, str]:
    """Return the library's rights statement, if IIIF permits it."""
    match = _RIGHTS.fullmatch(description.rights_address) if description else None
    if match is None:
        return {}
    return {"rights": f"http://{match[1].replace('.org/page/', '.org/vocab/')}"}


def _library_statement(description: EditionDescription | None) -> Iterator[str]:
    if description is None:
        return
    if description.rights:
        yield description.rights
    if description.holder and description.holder not in description.rights:
        yield description.holder


def _our_statement(publisher: Publisher) -> str:
    return (
        "Annotations are machine-made by Presslens and can be wrong, but for boxes that people have"
        " drawn and what they have settled; each has its probability, or says that people say so."
        f" Recipe {publisher.recipe}."
    )


def _providers(
    links: IiifLinks, issue: Issue, description: EditionDescription | None
) -> Iterator[IiifObject]:
    """Yield the holder of the edition, and the installation."""
    if description is not None and description.holder:
        pages = list(_library_pages(description))
        yield {
            "id": f"{links.manifest(issue.id)}/holder",
            "type": "Agent",
            "label": {NONE: [description.holder]},
            **({"homepage": pages} if pages else {}),
        }
    yield {
        "id": links.start(),
        "type": "Agent",
        "label": {NONE: ["Presslens"]},
        "homepage": [_page(links.start(), "Presslens")],
    }


def _homepages(
    links: IiifLinks, issue: Issue, description: EditionDescription | None
) -> Iterator[IiifObject]:
    yield _page(links.edition_page(issue.id), f"{issue.title}: photos, measured")
    if description is not None:
        yield from _library_pages(description)


def _library_pages(description: EditionDescription) -> Iterator[IiifObject]:
    if ADDRESS.fullmatch(description.homepage):
        yield _page(description.homepage, f"The edition at {description.holder or 'its library'}")


def _page(address: str, label: str) -> IiifObject:
    return {"id": address, "type": "Text", "label": english(label), "format": "text/html"}


def _see_also(
    links: IiifLinks, issue: Issue, description: EditionDescription | None
) -> Iterator[IiifObject]:
    """Yield machine-readable descriptions of the edition: the library's, and ours."""
    if description is not None and ADDRESS.fullmatch(description.source):
        form = _FORMATS.get(description.kind, "text/xml")
        yield _data(description.source, form, "The library's own description")
    yield _data(links.edition(issue.id), "application/json", "The edition, with its composition")
    yield _photo_table(links, issue)
    alto = _data(links.alto(issue.id), "application/zip", "ALTO of each page")
    yield alto | {"profile": "http://www.loc.gov/standards/alto/"}


def _photo_table(links: IiifLinks, issue: Issue) -> IiifObject:
    return _data(links.photos(issue.id), "text/csv", "The photos of the edition as a table")


def _pdf(links: IiifLinks, issue: Issue) -> IiifObject:
    label = english("The pages of the edition as a PDF")
    return {"id": links.pdf(issue.id), "type": "Text", "label": label, "format": "application/pdf"}


def _data(address: str, form: str, label: str) -> IiifObject:
    return {"id": address, "type": "Dataset", "label": english(label), "format": form}


def thumbnail(links: IiifLinks, page: AnalysedPage) -> IiifObject:
    """Return the small picture of an analysed page."""
    width, height = page.size or (0, 0)
    small = min(THUMBNAIL, width)
    low = max(1, round(height * small / width))
    service = links.image_service(page.id)
    return {
        "id": f"{service}/full/{small},{low}/0/default.jpg",
        "type": "Image",
        "format": "image/jpeg",
        "width": small,
        "height": low,
        "service": [_image_service(service)],
    }


def _image_service(address: str) -> IiifObject:
    return {"id": address, "type": "ImageService3", "profile": "level2"}


def _canvas(publisher: Publisher, page: AnalysedPage) -> IiifObject:
    width, height = page.size or (0, 0)
    canvas = publisher.links.canvas(page.id)
    return {
        "id": canvas,
        "type": "Canvas",
        "label": english(f"Page {page.number}"),
        "width": width,
        "height": height,
        "thumbnail": [thumbnail(publisher.links, page)],
        "items": [
            {
                "id": f"{canvas}/painting",
                "type": "AnnotationPage",
                "items": [
                    {
                        "id": f"{canvas}/painting/image",
                        "type": "Annotation",
                        "motivation": "painting",
                        "target": canvas,
                        "body": {
                            "id": publisher.links.page_image(page.id),
                            "type": "Image",
                            "format": "image/jpeg",
                            "width": width,
                            "height": height,
                            "service": [_image_service(publisher.links.image_service(page.id))],
                        },
                    }
                ],
            }
        ],
        "annotations": [annotation_page(publisher, page, own_canvas(publisher.links, page))],
    }


def _pair(label: str, *values: str) -> IiifObject:
    return {"label": english(label), "value": {NONE: list(values)}}
