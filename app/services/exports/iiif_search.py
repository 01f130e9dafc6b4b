"""Search within an edition for IIIF viewers: captions, headlines, and what photos show.

https://iiif.io/api/search/2.0/ . A search matches annotations in which all of its terms occur, in
any case and any form of Unicode: a Latin term at the beginning of a word, others anywhere, as not
all scripts separate words. Photos match by decided subjects, labels and focus, in each language of
the program, and by their figures.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import LANGUAGES, language
from presslens.app.platform.text import fold_name
from presslens.app.services.catalogue.pages import AnalysedPage, AnalysedPhoto, cached_pages
from presslens.app.services.exports.iiif import IiifLinks, IiifObject, Publisher, own_canvas
from presslens.app.services.exports.iiif_documents import publisher_of
from presslens.app.services.exports.iiif_manifest import SEARCH_CONTEXT, SEARCH_CONTEXT_1
from presslens.app.services.exports.page_regions import ReadingKind, photo_readings
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.vocabulary import Focus

ITEMS = 100
"""Annotations of a page of a response."""

TERMS = 50
"""Most suggested terms."""

CONTEXT_CHARACTERS = 40
MOST_TERMS = 20

TRANSCRIBED, TAGGED = "supplementing", "tagging"

SYNONYMS = {Focus.FACILITY: ("factory", "plant", "machinery", "공장", "기계"), Focus.LEADER: ()}
"""The focuses that are searchable, and their synonyms."""

NOTHING = Message(
    "Nothing is found. Searched are captions and headlines that were read, and what photos are"
    " decided to show; not what is only likely, nor a focus that people have not checked, nor other"
    " text of the page. All words have to stand together."
)

_TERM = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search of a viewer."""

    q: str = ""  # terms, separated by blanks; a phrase is in quotes
    motivation: str = ""  # the requested motivations, separated by blanks; "" any
    ignored: tuple[str, ...] = ()  # the parameters of the request that are not supported


@dataclass(frozen=True, slots=True)
class SearchableText:
    """A text on a page, or a reading of a photo."""

    id: str  # the end of its annotation's address
    page: int  # id of the page
    box: str  # x,y,w,h on the canvas
    motivation: str
    text: str  # the printed text, or what a photo shows
    names: tuple[str, ...] = ()  # synonyms and translations


Address = Callable[[Mapping[str, str | int]], str]
"""Returns the address of a response, given the parameters that differ from the request's."""


def search_edition(
    home: Installation,
    edition_id: int,
    request: SearchRequest,
    *,
    page: int,
    links: IiifLinks,
    address: Address,
) -> IiifObject:
    """Return a page of the annotations of an edition in which the terms occur.

    Args:
        page: The page of the response, from 1.
        address: Returns the addresses of the response's pages.

    Raises:
        NotFound: There is no such edition.
        InvalidRequest: There is no such page of the response, or there are too many terms.
    """
    patterns = search_patterns(request.q)
    matches = [
        one
        for one in _searchable_texts(home, edition_id, request, links)
        if all(any(pattern.search(fold_name(name)) for name in (one.text, *one.names))
               for pattern in patterns)
    ] if patterns else []  # fmt: skip
    last = max(1, -(-len(matches) // ITEMS))
    if page > last:
        raise InvalidRequest(f"the answer has {last} pages")
    shown = matches[(page - 1) * ITEMS : page * ITEMS]
    base = links.search(edition_id)
    more = {
        name: _page_link(address, number)
        for name, number in (("prev", page - 1), ("next", page + 1))
        if 1 <= number <= last
    }
    return {
        "@context": SEARCH_CONTEXT,
        "id": address({"page": page} if page > 1 else {}),
        "type": "AnnotationPage",
        **({"ignored": list(request.ignored)} if request.ignored else {}),
        **({} if matches else {"summary": _scope()}),
        "partOf": {
            "id": f"{base}/search.json#all",
            "type": "AnnotationCollection",
            "total": len(matches),
            "first": _page_link(address, 1),
            "last": _page_link(address, last),
        },
        "startIndex": (page - 1) * ITEMS,
        **more,
        "items": [_annotation(base, links, one) for one in shown],
        "annotations": [
            {"type": "AnnotationPage", "items": items}
            for motivation in ("contextualizing", "highlighting")
            if (items := list(_highlights(base, shown, patterns, motivation)))
        ],
    }


def suggest_terms(
    home: Installation,
    edition_id: int,
    request: SearchRequest,
    *,
    least: int,
    links: IiifLinks,
    address: Address,
) -> IiifObject:
    """Return the terms of an edition that begin like the requested text, the most frequent first.

    Args:
        least: The least number of annotations that have a term.
        address: Returns the address of this response and, with ``q``, of the search for a term.

    Raises:
        NotFound: There is no such edition.
    """
    begins = fold_name(request.q)
    counts: Counter[str] = Counter()
    for one in _searchable_texts(home, edition_id, request, links):
        counts.update({fold_name(term) for term in _terms(one)})
    fitting = [(term, n) for term, n in counts.items() if term.startswith(begins) and n >= least]
    fitting.sort(key=lambda pair: (-pair[1], pair[0]))
    return {
        "@context": SEARCH_CONTEXT,
        "id": address({}),
        "type": "TermPage",
        **({"ignored": list(request.ignored)} if request.ignored else {}),
        "items": [
            {
                "value": term,
                "total": total,
                "service": [{"id": address({"q": _quoted(term)}), "type": "SearchService2"}],
            }
            for term, total in (fitting[:TERMS] if begins else ())
        ],
    }


def search_patterns(q: str) -> list[re.Pattern[str]]:
    """Return the patterns of the terms of a search in folded texts.

    Raises:
        InvalidRequest: There are more than 20.
    """
    terms = [fold_name(phrase or word) for phrase, word in _TERM.findall(q)]
    if len(terms) > MOST_TERMS:
        raise InvalidRequest(f"a search has at most {MOST_TERMS} terms")
    return [
        re.compile((r"(?<!\w)" if term.isascii() else "") + re.escape(term))
        for term in dict.fromkeys(terms)
        if term
    ]


def _quoted(term: str) -> str:
    return f'"{term}"' if " " in term else term


def _page_link(address: Address, number: int) -> IiifObject:
    return {"id": address({"page": number} if number > 1 else {}), "type": "AnnotationPage"}


def _searchable_texts(
    home: Installation, edition_id: int, request: SearchRequest, links: IiifLinks
) -> Iterator[SearchableText]:
    """Yield the searchable texts of an edition, of the requested motivations."""
    pages = [page for page in cached_pages(home, edition_id) if page.size is not None]
    publisher, _ = publisher_of(home, links, edition_id, pages)
    motivations = request.motivation.split()
    for page in pages:
        for one in _of_page(publisher, page):
            if not motivations or one.motivation in motivations:
                yield one


def _of_page(publisher: Publisher, page: AnalysedPage) -> Iterator[SearchableText]:
    canvas = own_canvas(publisher.links, page)

    def searchable(
        name: str, box: Box, motivation: str, text: str, *names: str
    ) -> Iterator[SearchableText]:
        region = canvas.region(box)
        if region is not None:
            yield SearchableText(f"page-{page.id}/{name}", page.id, region, motivation, text, names)

    for i, headline in enumerate(page.headlines):
        if headline.text:
            yield from searchable(f"headline-{i}", headline.box, TRANSCRIBED, _plain(headline.text))
    for position, photo in enumerate(page.photos):
        caption = photo.observation.caption
        if caption and caption.text:
            yield from searchable(
                f"caption-{position}", caption.box, TRANSCRIBED, _plain(caption.text)
            )
        box = photo.observation.frame.box
        for i, (text, names) in enumerate(_photo_texts(photo, publisher)):
            yield from searchable(f"photo-{position}/shows-{i}", box, TAGGED, text, *names)


def _scope() -> dict[str, list[str]]:
    """Return a description of what is searched, in each language."""
    return {code: [language(code).say(NOTHING)] for code in LANGUAGES}


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _photo_texts(photo: AnalysedPhoto, publisher: Publisher) -> Iterator[tuple[str, list[str]]]:
    """Yield what a photo is decided to show, with synonyms and translations."""
    for reading in photo_readings(photo, publisher.decided):
        if reading.kind is ReadingKind.FOCUS and reading.name in SYNONYMS:
            focus, *also = (
                language(code).text("focus: %(focus)s", focus=language(code).say(reading.name))
                for code in ("en", *(code for code in LANGUAGES if code != "en"))
            )
            yield focus, [reading.name, *also, *SYNONYMS[Focus(reading.name)]]
        if not reading.shows or reading.kind is ReadingKind.FOCUS:
            continue
        name = reading.name.replace("_", " ") if reading.kind is ReadingKind.LABEL else reading.name
        others = () if reading.kind is ReadingKind.FIGURE else (
            language(code).say(name) for code in LANGUAGES
        )  # fmt: skip
        yield name, [other for other in dict.fromkeys(others) if other != name]


def _terms(one: SearchableText) -> Sequence[str]:
    """Return the words of a printed text, or the whole names of what a photo shows."""
    return _WORD.findall(one.text) if one.motivation == TRANSCRIBED else (one.text, *one.names)


def _annotation(base: str, links: IiifLinks, one: SearchableText) -> IiifObject:
    return {
        "id": f"{base}/annotations/{one.id}",
        "type": "Annotation",
        "motivation": one.motivation,
        "body": {"type": "TextualBody", "value": one.text, "format": "text/plain"},
        "target": f"{links.canvas(one.page)}#xywh={one.box}",
    }


def _places(text: str, patterns: Sequence[re.Pattern[str]]) -> list[tuple[int, int]]:
    """Return the beginnings and ends of terms in a text, which is folded letter by letter."""
    folded = [unicodedata.normalize("NFKC", letter).casefold() for letter in text]
    origin = [i for i, letters in enumerate(folded) for _ in letters]
    matches = (match for one in patterns for match in one.finditer("".join(folded)))
    return sorted({(origin[match.start()], origin[match.end() - 1] + 1) for match in matches})


def _highlights(
    base: str, shown: Sequence[SearchableText], patterns: Sequence[re.Pattern[str]], motivation: str
) -> Iterator[IiifObject]:
    """Yield the occurrences of terms in the texts of annotations, with their context."""
    for one in shown:
        text = one.text
        for i, (begin, end) in enumerate(_places(text, patterns)):
            yield {
                "id": f"{base}/annotations/{one.id}/{motivation}-{i}",
                "type": "Annotation",
                "motivation": motivation,
                "target": {
                    "type": "SpecificResource",
                    "source": f"{base}/annotations/{one.id}",
                    "selector": [
                        {
                            "type": "TextQuoteSelector",
                            "prefix": text[max(0, begin - CONTEXT_CHARACTERS) : begin],
                            "exact": text[begin:end],
                            "suffix": text[end : end + CONTEXT_CHARACTERS],
                        }
                    ],
                },
            }


def as_annotation_list(response: IiifObject) -> IiifObject:
    """Return a response in the form of version 1 of the specification, which most viewers read.

    https://iiif.io/api/search/1.0/ .

    Args:
        response: A page of a response, see ``search_edition``.
    """
    layer = response["partOf"]
    quotes = [
        (page["target"]["source"], page["target"]["selector"][0])
        for one in response["annotations"][:1]
        for page in one["items"]
    ]
    return {
        "@context": [
            "http://iiif.io/api/presentation/2/context.json",
            SEARCH_CONTEXT_1,
        ],
        "@id": response["id"],
        "@type": "sc:AnnotationList",
        "within": {
            "@type": "sc:Layer",
            "total": layer["total"],
            "first": layer["first"]["id"],
            "last": layer["last"]["id"],
            **({"ignored": response["ignored"]} if "ignored" in response else {}),
        },
        "startIndex": response["startIndex"],
        **{name: response[name]["id"] for name in ("prev", "next") if name in response},
        "resources": [
            {
                "@id": item["id"],
                "@type": "oa:Annotation",
                "motivation": "sc:painting" if item["motivation"] == TRANSCRIBED else "oa:tagging",
                "resource": {"@type": "cnt:ContentAsText", "chars": item["body"]["value"]},
                "on": item["target"],
            }
            for item in response["items"]
        ],
        "hits": [
            {
                "@type": "search:Hit",
                "annotations": [source],
                "match": quote["exact"],
                "before": quote["prefix"],
                "after": quote["suffix"],
            }
            for source, quote in quotes
        ],
    }
