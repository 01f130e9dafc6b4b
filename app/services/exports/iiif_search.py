"""Search within an edition for IIIF viewers: captions, headlines, and what photos show.

https://iiif.io/api/search/2.0/ . A search finds annotations in which all of its terms occur, in any
case and any form of Unicode: a Latin term at the beginning of a word, others anywhere, as not all
scripts part words. Photos are found by subjects, labels and focus where they are taken to show them
in their newspaper, in each language of the program, and by the figures that are in them.
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
from presslens.app.services.catalogue.pages import AnalysedPage, AnalysedPhoto, cached_pages
from presslens.app.services.exports.iiif import (
    IiifLinks,
    IiifObject,
    Publisher,
    own_canvas,
)
from presslens.app.services.exports.iiif_documents import publisher_of
from presslens.app.services.exports.iiif_manifest import SEARCH_CONTEXT
from presslens.app.services.exports.page_regions import ReadingKind, photo_readings
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.vocabulary import Focus

ITEMS = 100
"""Annotations of one page of an answer."""

TERMS = 50
"""Most terms that are suggested."""

CONTEXT_CHARACTERS = 40
MOST_TERMS = 20

TRANSCRIBED, TAGGED = "supplementing", "tagging"

CALLED = {Focus.FACILITY: ("factory", "plant", "machinery", "공장", "기계"), Focus.LEADER: ()}
"""The focuses that are found, and what else people call them."""

NOTHING = Message(
    "Nothing is found. Searched are captions and headlines that were read, and what photos are"
    " decided to show; not what is only likely, nor other text of the page. All words have to stand"
    " together."
)

_TERM = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """What a viewer searches for."""

    q: str = ""  # terms, parted by blanks; a phrase is in quotes
    motivation: str = ""  # of which motivations, parted by blanks; "" any
    ignored: tuple[str, ...] = ()  # the parameters that were given and change nothing


@dataclass(frozen=True, slots=True)
class Found:
    """A text on a page that can be found."""

    id: str  # the end of its annotation's address
    page: int  # id of the page
    box: str  # its place, x,y,w,h on the canvas
    motivation: str
    text: str  # what stands there, or what a photo shows
    names: tuple[str, ...] = ()  # what else it is found by


Address = Callable[[Mapping[str, str | int]], str]
"""Returns the address of an answer: takes the parameters that differ from those of the question."""


def search_edition(
    home: Installation,
    edition_id: int,
    question: SearchQuestion,
    *,
    page: int,
    links: IiifLinks,
    address: Address,
) -> IiifObject:
    """Return a page of the annotations of an edition in which the terms occur.

    Args:
        page: Which page of the answer, from 1.
        address: Gives the addresses of this answer's pages.

    Raises:
        NotFound: There is no such edition.
        InvalidRequest: There is no such page of the answer, or there are too many terms.
    """
    patterns = search_patterns(question.q)
    found = [
        one
        for one in _searched(home, edition_id, question, links)
        if all(any(pattern.search(fold(name)) for name in (one.text, *one.names))
               for pattern in patterns)
    ] if patterns else []  # fmt: skip
    last = max(1, -(-len(found) // ITEMS))
    if page > last:
        raise InvalidRequest(f"the answer has {last} pages")
    shown = found[(page - 1) * ITEMS : page * ITEMS]
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
        **({"ignored": list(question.ignored)} if question.ignored else {}),
        **({} if found else {"summary": _scope()}),
        "partOf": {
            "id": f"{base}/search.json#all",
            "type": "AnnotationCollection",
            "total": len(found),
            "first": _page_link(address, 1),
            "last": _page_link(address, last),
        },
        "startIndex": (page - 1) * ITEMS,
        **more,
        "items": [_annotation(base, links, one) for one in shown],
        "annotations": [
            {"type": "AnnotationPage", "items": items}
            for motivation in ("contextualizing", "highlighting")
            if (items := list(_matches(base, shown, patterns, motivation)))
        ],
    }


def suggest_terms(
    home: Installation,
    edition_id: int,
    question: SearchQuestion,
    *,
    least: int,
    links: IiifLinks,
    address: Address,
) -> IiifObject:
    """Return the terms of an edition that begin like a question, the most frequent first.

    Args:
        least: In how many annotations they are at least.
        address: Gives the address of this answer and, with ``q``, that of the search for a term.

    Raises:
        NotFound: There is no such edition.
    """
    begins = fold(question.q)
    counts: Counter[str] = Counter()
    for one in _searched(home, edition_id, question, links):
        counts.update({fold(term) for term in _terms(one)})
    fitting = [(term, n) for term, n in counts.items() if term.startswith(begins) and n >= least]
    fitting.sort(key=lambda pair: (-pair[1], pair[0]))
    return {
        "@context": SEARCH_CONTEXT,
        "id": address({}),
        "type": "TermPage",
        **({"ignored": list(question.ignored)} if question.ignored else {}),
        "items": [
            {
                "value": term,
                "total": total,
                "service": [{"id": address({"q": _quoted(term)}), "type": "SearchService2"}],
            }
            for term, total in (fitting[:TERMS] if begins else ())
        ],
    }


def fold(text: str) -> str:
    """Return a text as it is compared: in Unicode's form NFKC, without case, with single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def search_patterns(q: str) -> list[re.Pattern[str]]:
    """Return what finds the terms of a question in folded texts.

    Raises:
        InvalidRequest: There are more than 20.
    """
    terms = [fold(phrase or word) for phrase, word in _TERM.findall(q)]
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


def _searched(
    home: Installation, edition_id: int, question: SearchQuestion, links: IiifLinks
) -> Iterator[Found]:
    """Yield what can be found in an edition, of the motivations that are asked for."""
    pages = [page for page in cached_pages(home, edition_id) if page.size is not None]
    publisher, _ = publisher_of(home, links, edition_id, pages)
    motivations = question.motivation.split()
    for page in pages:
        for one in _of_page(publisher, page):
            if not motivations or one.motivation in motivations:
                yield one


def _of_page(publisher: Publisher, page: AnalysedPage) -> Iterator[Found]:
    canvas = own_canvas(publisher.links, page)

    def found(name: str, box: Box, motivation: str, text: str, *names: str) -> Iterator[Found]:
        region = canvas.region(box)
        if region is not None:
            yield Found(f"page-{page.id}/{name}", page.id, region, motivation, text, names)

    for i, headline in enumerate(page.headlines):
        if headline.text:
            yield from found(f"headline-{i}", headline.box, TRANSCRIBED, _plain(headline.text))
    for position, photo in enumerate(page.photos):
        caption = photo.observation.caption
        if caption and caption.text:
            yield from found(f"caption-{position}", caption.box, TRANSCRIBED, _plain(caption.text))
        box = photo.observation.frame.box
        for i, (text, names) in enumerate(_shown(photo, publisher)):
            yield from found(f"photo-{position}/shows-{i}", box, TAGGED, text, *names)


def _scope() -> dict[str, list[str]]:
    """Return in what is searched, for who has found nothing, in each language."""
    return {code: [language(code).say(NOTHING)] for code in LANGUAGES}


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _shown(photo: AnalysedPhoto, publisher: Publisher) -> Iterator[tuple[str, list[str]]]:
    """Yield what a photo is taken to show, and what else that is called."""
    for reading in photo_readings(photo, publisher.decided):
        if reading.kind is ReadingKind.FOCUS and reading.name in CALLED:
            focus, *also = (
                language(code).text("focus: %(focus)s", focus=language(code).say(reading.name))
                for code in ("en", *(code for code in LANGUAGES if code != "en"))
            )
            yield focus, [reading.name, *also, *CALLED[Focus(reading.name)]]
        if not reading.shows or reading.kind is ReadingKind.FOCUS:
            continue
        name = reading.name.replace("_", " ") if reading.kind is ReadingKind.LABEL else reading.name
        others = () if reading.kind is ReadingKind.FIGURE else (
            language(code).say(name) for code in LANGUAGES
        )  # fmt: skip
        yield name, [other for other in dict.fromkeys(others) if other != name]


def _terms(one: Found) -> Sequence[str]:
    """Return the words of a printed text, or the whole names of what a photo shows."""
    return _WORD.findall(one.text) if one.motivation == TRANSCRIBED else (one.text, *one.names)


def _annotation(base: str, links: IiifLinks, one: Found) -> IiifObject:
    return {
        "id": f"{base}/annotations/{one.id}",
        "type": "Annotation",
        "motivation": one.motivation,
        "body": {"type": "TextualBody", "value": one.text, "format": "text/plain"},
        "target": f"{links.canvas(one.page)}#xywh={one.box}",
    }


def _places(text: str, patterns: Sequence[re.Pattern[str]]) -> list[tuple[int, int]]:
    """Return where terms begin and end in a text, which is folded letter by letter."""
    folded = [unicodedata.normalize("NFKC", letter).casefold() for letter in text]
    origin = [i for i, letters in enumerate(folded) for _ in letters]
    matches = (match for one in patterns for match in one.finditer("".join(folded)))
    return sorted({(origin[match.start()], origin[match.end() - 1] + 1) for match in matches})


def _matches(
    base: str, shown: Sequence[Found], patterns: Sequence[re.Pattern[str]], motivation: str
) -> Iterator[IiifObject]:
    """Yield where in the texts of annotations the terms occur, with what stands around them."""
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


def as_annotation_list(answer: IiifObject) -> IiifObject:
    """Return an answer as version 1 of the specification has it, which most viewers read.

    https://iiif.io/api/search/1.0/ .

    Args:
        answer: A page of an answer, see ``search_edition``.
    """
    layer = answer["partOf"]
    quotes = [
        (page["target"]["source"], page["target"]["selector"][0])
        for one in answer["annotations"][:1]
        for page in one["items"]
    ]
    return {
        "@context": [
            "http://iiif.io/api/presentation/2/context.json",
            "http://iiif.io/api/search/1/context.json",
        ],
        "@id": answer["id"],
        "@type": "sc:AnnotationList",
        "within": {
            "@type": "sc:Layer",
            "total": layer["total"],
            "first": layer["first"]["id"],
            "last": layer["last"]["id"],
            **({"ignored": answer["ignored"]} if "ignored" in answer else {}),
        },
        "startIndex": answer["startIndex"],
        **{name: answer[name]["id"] for name in ("prev", "next") if name in answer},
        "resources": [
            {
                "@id": item["id"],
                "@type": "oa:Annotation",
                "motivation": "sc:painting" if item["motivation"] == TRANSCRIBED else "oa:tagging",
                "resource": {"@type": "cnt:ContentAsText", "chars": item["body"]["value"]},
                "on": item["target"],
            }
            for item in answer["items"]
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
