"""Values of IIIF documents of Presentation 2 and 3: texts in languages, lists or single objects."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

Entry = Mapping[str, Any]

_TAGS = re.compile(r"<[^<>]{0,400}>")
_NO_LANGUAGE = ("none", "@none", "und", "")


def printable(text: str) -> str:
    """Return a text without what JSON may hold and no file or database takes."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def kind_of_entry(entry: Entry) -> str:
    """Return the type of an object: Manifest, Canvas, AnnotationPage."""
    return str(entry.get("type") or entry.get("@type") or "").rpartition(":")[2]


def address_of(entry: object) -> str:
    """Return the id of an object, or the text that stands for one; "" without one."""
    if isinstance(entry, dict):
        entry = entry.get("id") or entry.get("@id")
    return printable(entry) if isinstance(entry, str) else ""


def entries(value: object) -> list[dict[str, Any]]:
    """Return the objects of a value that may be one, a list of them, or anything else."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict)]


def addresses(value: object) -> list[str]:
    """Return the addresses of a value that may be one, an object with one, or a list of both."""
    values = value if isinstance(value, list) else [value]
    return list(filter(None, map(address_of, values)))


def by_language(value: object) -> dict[str, str]:
    """Return a text by language, in whichever way of both versions it is written.

    Markup is taken out: version 2 allows some.
    """
    texts: dict[str, list[str]] = {}
    for language, text in _pairs(value):
        plain = printable(" ".join(html.unescape(_TAGS.sub("", text)).split()))
        if plain and plain not in texts.setdefault(language, []):
            texts[language].append(plain)
    return {language: "; ".join(parts) for language, parts in texts.items() if parts}


def text_in(value: object) -> str:
    """Return a text in one language: English first, then none, then the first that there is."""
    texts = by_language(value)
    english = next((text for key, text in texts.items() if key.split("-")[0] == "en"), "")
    plain = next((texts[key] for key in _NO_LANGUAGE if key in texts), "")
    return english or plain or next(iter(texts.values()), "")


def all_texts(value: object) -> str:
    """Return a text in all its languages."""
    return "; ".join(dict.fromkeys(by_language(value).values()))


def facts_of(document: Entry) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the metadata of a document: what it is called in each language, and the value."""
    for entry in entries(document.get("metadata")):
        values = by_language(entry.get("value"))
        for label in dict.fromkeys(by_language(entry.get("label")).values()):
            yield label.casefold().strip(" :"), values


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    """Yield the texts of a value with their languages, "" where none is said."""
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, list):
        for one in value:
            yield from _pairs(one)
    elif isinstance(value, dict) and "@value" in value:
        language = value.get("@language")
        for _, text in _pairs(value["@value"]):
            yield (language.casefold() if isinstance(language, str) else ""), text
    elif isinstance(value, dict):
        for language, texts in value.items():
            for _, text in _pairs(texts):
                yield str(language).casefold(), text
