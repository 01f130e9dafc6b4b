"""What a IIIF manifest says of an issue and its newspaper: title, day, identifiers, rights."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from presslens.pipelines.archives.days import day_in, edition_in, title_in
from presslens.pipelines.archives.identifiers import (
    GIVEN_ONCE,
    MOST_CHARACTERS,
    OF_NEWSPAPERS,
    Identifier,
    IdentifierScheme,
    read_identifier,
)
from presslens.pipelines.archives.iiif_values import (
    Entry,
    address_of,
    addresses,
    all_texts,
    entries,
    facts_of,
    text_in,
)
from presslens.pipelines.archives.issue_document import IssueRecord

_DATES = frozenset(
    {
        "ausgabedatum", "data", "date", "date created", "date issued", "date of issue",
        "date of publication", "date published", "datum", "erscheinungsdatum", "fecha",
        "issue date", "issued", "publication date", "published",
    }
)  # fmt: skip
_TITLES = frozenset(
    {
        "host title", "journal", "newspaper", "newspaper title", "periodical", "publication",
        "serial title", "series", "zeitung",
    }
)  # fmt: skip
_OWN_TITLES = frozenset({"title", "titel", "titre", "título", "titulo", "titolo"})
_LANGUAGES = frozenset({"idioma", "language", "languages", "langue", "sprache", "taal"})
_HOLDERS = frozenset(
    {
        "besitzende institution", "bibliothek", "contributing institution", "data provider",
        "held by", "holder", "holding institution", "holding library",
        "institution", "library", "owner", "owning institution", "repository",
    }
)  # fmt: skip
_RIGHTS = frozenset(
    {
        "access rights", "copyright", "droits", "licence", "license", "lizenz", "rechte", "rights",
        "rights statement", "terms of use", "usage rights", "use and reproduction",
    }
)  # fmt: skip
_EDITIONS = frozenset({"ausgabe", "edition", "edition label", "edición", "editie", "édition"})
_IDENTIFIERS = re.compile(
    r"\b(identifi\w+|kennung|permalink|persistent|uri|url|permanent|signatur|shelfmark|ppn|zdb)\b"
)
_HOUR = re.compile(r"T(?!00:00(?::00)?(?:\.0+)?(?:Z|[+-]|$))\d\d:\d\d")
_BETWEEN = re.compile(r"[;,/]")
_DOCUMENT = re.compile(r"/(?:manifest|info|collection)?(?:\.json)?/?$")
_MOST_IDENTIFIERS = 20

Facts = list[tuple[str, dict[str, str]]]


def issue_record(document: Entry, label: str) -> IssueRecord:
    """Return what a manifest or collection says of an issue.

    Args:
        document: The manifest.
        label: Its label, in one language.
    """
    facts = list(facts_of(document))
    days = _days(str(document.get("navDate") or ""), [*_values(facts, _DATES), label])
    rights, rights_address = _rights(document, facts)
    newspaper, issue = _identifiers(document, facts)
    return IssueRecord(
        _title(document, facts, label, days),
        days,
        _languages(facts),
        rights,
        rights_address,
        _holder(document, facts),
        _edition_label(facts, label),
        newspaper,
        issue,
        next(_pages_about(document), ""),
    )


def _days(moment: str, texts: Iterable[str]) -> tuple[date, ...]:
    """Return the day of an issue, and another that is said of it.

    A moment of another hour than midnight is midnight where the library is: the day beside it,
    which is said in words, goes before it.
    """
    stated = next(filter(None, map(day_in, texts)), None)
    navigated = day_in(moment[:10])
    if stated is None or navigated is None or stated == navigated:
        return tuple(filter(None, [navigated or stated]))
    is_local = _HOUR.search(moment) is not None and abs((stated - navigated).days) == 1
    return (stated,) if is_local else (navigated, stated)


def _values(facts: Facts, labels: Collection[str]) -> list[str]:
    """Return the values of facts with one of some labels, in all their languages."""
    return [text for label, values in facts if label in labels for text in values.values()]


def _one_language(facts: Facts, labels: Collection[str]) -> Iterator[str]:
    return (text_in(values) for label, values in facts if label in labels)


def _languages(facts: Facts) -> tuple[str, ...]:
    """Return the languages that metadata name, one or several in a value."""
    parts = (part for value in _one_language(facts, _LANGUAGES) for part in _BETWEEN.split(value))
    return tuple(filter(None, map(str.strip, parts)))


def _title(document: Entry, facts: Facts, label: str, days: Collection[date]) -> str:
    """Return the newspaper: of metadata, of the collection, or the label without its day.

    A title of metadata is the newspaper's if no day, no number and no edition of the day is in it.
    """
    around = entries(document.get("partOf")) + entries(document.get("within"))
    named = [*_one_language(facts, _TITLES), *(text_in(one.get("label")) for one in around)]
    own = list(_one_language(facts, _OWN_TITLES))
    whole = [one for one in own if title_in(one) == one and read_identifier(one) is None]
    titles = [*named, *whole, label, *own]
    return next(filter(None, (title_in(one, days) for one in titles)), "")


def _edition_label(facts: Facts, label: str) -> str:
    stated = next(filter(None, _one_language(facts, _EDITIONS)), "")
    texts = [label, *_one_language(facts, _OWN_TITLES)]
    return (stated or next(filter(None, map(edition_in, texts)), ""))[:MOST_CHARACTERS]


def _holder(document: Entry, facts: Facts) -> str:
    providers = (text_in(one.get("label")) for one in entries(document.get("provider")))
    return next(filter(None, [*providers, *_one_language(facts, _HOLDERS)]), "")


def _rights(document: Entry, facts: Facts) -> tuple[str, str]:
    """Return what is said of rights and whom to name, and the address of a licence or statement."""
    texts = [all_texts(one.get("value")) for one in entries(document.get("requiredStatement"))]
    texts += [all_texts(document.get(key)) for key in ("attribution", "rights", "license")]
    texts += _values(facts, _RIGHTS)
    links = [text for text in texts if _is_address(text)]
    words = [text for text in texts if text and text not in links]
    address = next(iter(links), "")
    others = (link for link in links if link != address)
    return "; ".join(dict.fromkeys([*words, *others])) or address, address


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://")) and " " not in text


def _pages_about(document: Entry) -> Iterator[str]:
    """Yield the addresses of pages about an issue: its homepage, or what is related and is HTML."""
    yield from filter(_is_address, addresses(document.get("homepage")))
    related = document.get("related")
    for one in related if isinstance(related, list) else [related]:
        kind = one.get("format", "text/html") if isinstance(one, dict) else "text/html"
        if "html" in str(kind) and _is_address(address := address_of(one)):
            yield address


def _identifiers(
    document: Entry, facts: Facts
) -> tuple[tuple[Identifier, ...], tuple[Identifier, ...]]:
    """Return the identifiers of the newspaper and of the issue."""
    around = entries(document.get("partOf")) + entries(document.get("within"))
    newspaper = dict.fromkeys(_in_addresses(map(address_of, around)))
    own = [*addresses(document.get("homepage")), *addresses(document.get("related"))]
    issue = dict.fromkeys([*_named(facts), *_in_addresses([address_of(document), *own])])
    of_newspaper = [one for one in issue if one.scheme in OF_NEWSPAPERS]
    newspaper |= dict.fromkeys(of_newspaper)
    return (
        tuple(newspaper)[:_MOST_IDENTIFIERS],
        tuple(one for one in issue if one not in newspaper)[:_MOST_IDENTIFIERS],
    )


def _named(facts: Facts) -> Iterator[Identifier]:
    """Yield the identifiers of metadata: by the scheme that a label names, or by their look."""
    for label, values in facts:
        scheme = _scheme_of(label)
        if scheme is None and not _IDENTIFIERS.search(label):
            continue
        for text in _each(values):
            identifier = read_identifier(text, scheme)
            if identifier is None and not _is_address(text):
                identifier = read_identifier(text, IdentifierScheme.LOCAL)
            if identifier is not None:
                yield identifier


def _each(values: Mapping[str, str]) -> list[str]:
    return [part for text in values.values() for part in text.split("; ")]


def _scheme_of(label: str) -> IdentifierScheme | None:
    words = set(re.findall(r"[a-z]+", label))
    return next((one for one in GIVEN_ONCE if one.value in words), None)


def _in_addresses(addresses: Iterable[Any]) -> Iterator[Identifier]:
    """Yield the identifiers that addresses hold; of an ARK what names the thing, no part of it."""
    for address in addresses:
        identifier = read_identifier(_DOCUMENT.sub("", address)) if _is_address(address) else None
        if identifier is None:
            continue
        if identifier.scheme is IdentifierScheme.ARK:
            begin, _, name = identifier.value.removeprefix("ark:/").partition("/")
            whole = re.split(r"[/.]", name)[0]
            yield Identifier(IdentifierScheme.ARK, f"ark:/{begin}/{whole}")
        else:
            yield identifier
