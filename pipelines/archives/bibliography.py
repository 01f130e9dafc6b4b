"""MODS and Dublin Core of an issue: title, day, identifiers, languages, holder, rights.

Sections come from the outermost to the innermost: of a newspaper, its volume, its issue.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from lxml import etree

from presslens.pipelines.archives.days import day_in, edition_in, is_edition, is_time, title_in
from presslens.pipelines.archives.identifiers import (
    GIVEN_ONCE,
    OF_NEWSPAPERS,
    Identifier,
    IdentifierScheme,
    read_identifier,
)
from presslens.pipelines.archives.issue_document import IssueRecord
from presslens.pipelines.archives.markup import children, first, local_name, text_of

_DATES = ("{*}part/{*}date", "{*}dateIssued", "{*}issued", "{*}date", "{*}dateCreated")
"""What holds the day, the surest first: what was created may be the scans."""

_BEGINNING = "{*}dateIssued[@point='start']"
_END = ".//{*}dateIssued[@point='end']"
"""The first and the last day of a run."""

_SCHEMES = {scheme.value: scheme for scheme in GIVEN_ONCE}
_ISSN = re.compile(r"\b[ep]?issn(?:\b|_)", re.IGNORECASE)
"""Types of ISSN: of all media, of print, of what is online."""

_AROUND = frozenset({"host", "series"})
SOURCE = "source"
"""What METS that goes out calls the library's own description, among related items of MODS."""

_RIGHTS = ("accessCondition", "license", "rights", "accessRights", "useAndReproduction")
_LINKS = ("href", "URI", "resource")
_PARTS = ("part", "partName")
_LABELS = ("edition", "temporal", *_PARTS)
_NUMBERS = {"volume": "vol.", "issue": "no.", "number": "no."}
_UNTITLED = frozenset({"abbreviated", "alternative", "translated", "uniform"})
_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")
_MOST_IDENTIFIERS = 20
_LONGEST = 250
"""Characters of an address or a label, at most."""
_LONGEST_ARTICLE = 5
"""Letters of an article before a title: Der, The, Los, L'."""


def read_record(
    sections: Sequence[etree._Element],
    labels: Iterable[str],
    others: Iterable[etree._Element],
    issue: Sequence[etree._Element] = (),
) -> IssueRecord:
    """Return what sections say of an issue.

    Args:
        sections: The descriptions of the newspaper and of the issue, the outermost first.
        labels: Names of the whole document, with the day in them.
        others: Further sections, which may name the holder and the languages.
        issue: Those of the sections that are known to be the issue's own.
    """
    labels = [label for label in labels if label]
    label_days = [day for label in labels if (day := day_in(label))]
    dated, own_days = _dated([*issue, *reversed(sections)], label_days)
    days = list(dict.fromkeys([*own_days, *label_days]))
    newspaper, of_issue, addresses = _identifiers(sections, dated)
    everything = [*sections, *others]
    rights, rights_address = _rights(sections)
    return IssueRecord(
        _title(sections, [title_in(label) for label in labels if day_in(label)], days),
        tuple(days),
        _languages(everything),
        rights,
        rights_address,
        next(filter(None, map(_holder, everything)), ""),
        _edition_label(sections, labels),
        newspaper,
        of_issue,
        next(iter(addresses), ""),
        next(filter(None, map(_source, sections)), ""),
    )


def identifier_of(value: str, kind: str = "") -> Identifier | None:
    """Return an identifier as its scheme writes it; None for an address that holds none.

    Args:
        value: It, as it is written.
        kind: The type that is written beside it: "lccn", "dcx:PPN".
    """
    name = kind.rpartition(":")[2].strip()
    is_issn = _ISSN.search(name) is not None
    identifier = read_identifier(
        value, IdentifierScheme.ISSN if is_issn else _SCHEMES.get(name.casefold())
    )
    if identifier is not None or name.casefold() == "invalid" or _ADDRESS.match(value.strip()):
        return identifier
    bare_name = name.casefold() in {"", "local", "localid"}
    return read_identifier(value if bare_name else f"{name} {value}", IdentifierScheme.LOCAL)


def address_in(text: str) -> str:
    """Return the first address in a text, "" without one."""
    match = _ADDRESS.search(text)
    return match[0].rstrip(".,;:") if match and len(match[0]) <= _LONGEST else ""


def _title(
    sections: Sequence[etree._Element], labels: Sequence[str], days: Collection[date]
) -> str:
    """Return the title of the newspaper, with its article if one source has it and another not."""
    titles = [title for section in sections if (title := _title_in(section, days))] + list(labels)
    title = next(filter(None, titles), "")
    for other in titles:
        article = other[: -len(title)].strip(" '’")
        if other.endswith(title) and article.isalpha() and len(article) <= _LONGEST_ARTICLE:
            return other
    return title


def _title_in(section: etree._Element, days: Collection[date]) -> str:
    for related in section.iter("{*}relatedItem"):
        infos = related.iter("{*}titleInfo")
        if related.get("type") in _AROUND and (title := _whole_title(infos, days)):
            return title
    own = [one for one in section.iter("{*}titleInfo") if not _is_of_another(one)]
    if own:
        return _whole_title(own, days)
    plain = (one for one in section.iter("{*}title") if _type_of(one) == "")
    return next(filter(None, (title_in(text_of(one), days) for one in plain)), "")


def _whole_title(infos: Iterable[etree._Element], days: Collection[date]) -> str:
    """Return a title with its article, what follows it, and the part of the newspaper."""
    ordered = sorted(infos, key=lambda info: info.get("type") in _UNTITLED)
    for info in ordered:
        article, title = text_of(first(info, "nonSort")), text_of(first(info, "title"))
        between = "" if article.endswith(("'", "’")) else " "
        if title and (whole := title_in(f"{article}{between}{title}".strip(), days)):
            if more := title_in(text_of(first(info, "subTitle")), days):
                whole = f"{whole} : {more}"
            part = title_in(text_of(first(info, "partName")), days)
            return whole if not part or is_time(part) or is_edition(part) else f"{whole}. {part}"
    return ""


def _dated(
    sections: Sequence[etree._Element], label_days: Sequence[date]
) -> tuple[etree._Element | None, list[date]]:
    """Return the first section that says the days of an issue, and these.

    What begins and has no end is an issue's day, too, where its labels say no other: some write so.
    """
    for names in (_DATES[:-1], (_BEGINNING,), _DATES[-1:]):
        for section in sections:
            days = _days(section, names)
            if days and (names[0] != _BEGINNING or not label_days or days[0] in label_days):
                return section, days
    return None, []


def _days(section: etree._Element, names: Sequence[str]) -> list[date]:
    """Return the days of an issue by the surest of its elements.

    Those of other works are not, nor the first and the last day of a newspaper's run.
    """
    if names[0] == _BEGINNING and section.find(_END) is not None:
        return []
    for name in names:
        elements = (
            one
            for one in section.iterfind(f".//{name}")
            if not _is_of_another(one) and (name == _BEGINNING or one.get("point") is None)
        )
        if days := [day for one in elements if (day := day_in(text_of(one)))]:
            return days
    return []


def _languages(sections: Iterable[etree._Element]) -> tuple[str, ...]:
    """Return the languages of the first description that says any; those of other works are not."""
    for section in sections:
        languages = (one for one in section.iter("{*}language") if not _is_of_another(one))
        languages = (one for one in languages if one.get("objectPart") != "summary")
        if terms := [term for element in languages for term in _terms(element)]:
            return tuple(terms)
    return ()


def _terms(element: etree._Element) -> list[str]:
    """Return the terms of a language of MODS, codes first, or the text of one of Dublin Core."""
    terms = sorted(children(element, "languageTerm"), key=lambda one: one.get("type") != "code")
    return list(filter(None, map(text_of, terms or [element])))


def _holder(section: etree._Element) -> str:
    """Return who keeps the original: by name before by code."""
    places = sorted(
        section.iter("{*}physicalLocation"), key=lambda one: one.get("authority") is not None
    )
    for place in places:
        if name := (place.get("displayLabel") or "").strip() or text_of(place):
            return name
    for name in ("provenance", "owner", "recordRights", "recordContentSource"):
        if holder := text_of(first(section, name)):
            return holder
    return ""


def _rights(sections: Iterable[etree._Element]) -> tuple[str, str]:
    """Return what is said of rights, and the address of a licence or statement."""
    texts, addresses = [], []
    for section in sections:
        for name in _RIGHTS:
            for element in section.iter(f"{{*}}{name}"):
                if len(element) and name == "rights":
                    continue  # a group of elements that have names of their own
                texts.append(text_of(element))
                linked = (v for k, v in element.attrib.items() if str(k).endswith(_LINKS))
                addresses += [*map(str, linked), texts[-1]]
    words = (text for text in texts if text != address_in(text))
    address = next(filter(None, map(address_in, addresses)), "")
    return " ".join(dict.fromkeys(filter(None, words))) or address, address


def _edition_label(sections: Sequence[etree._Element], labels: Iterable[str]) -> str:
    """Return which edition of the day it is, or else its volume and number."""
    titles = (text_of(one) for section in sections for one in section.iter("{*}title"))
    editions = [*map(_edition_of_day, sections), *map(edition_in, [*labels, *titles])]
    return next(filter(None, [*editions, *map(_numbers_of, sections)]), "")


def _numbers_of(section: etree._Element) -> str:
    """Return the volume and the number of an issue: "vol. 3, no. 12"."""
    numbers: dict[str, str] = {}
    for detail in section.iter("{*}detail"):
        kind, value = _NUMBERS.get(detail.get("type", "")), text_of(first(detail, "number")).strip()
        if kind and value and _is_own_or_around(detail):
            numbers.setdefault(kind, f"{kind} {value.lstrip('0')}")
    return ", ".join(numbers[kind] for kind in sorted(numbers, reverse=True))


def _edition_of_day(section: etree._Element) -> str:
    """Return which edition of the day it is; the first of several has no label."""
    for detail in section.iter("{*}detail"):
        if detail.get("type") == "edition":
            number = text_of(first(detail, "number"))
            label = text_of(first(detail, "caption"))
            if label or number.lstrip("0") not in {"", "1"}:
                return label or number
    for name in _LABELS:
        elements = (one for one in section.iter(f"{{*}}{name}") if not _is_of_another(one))
        labels = (one.get("type", "") if name == "part" else text_of(one) for one in elements)
        editions = (one for one in labels if one and (name not in _PARTS or is_edition(one)))
        if label := next(editions, ""):
            return label[:_LONGEST]
    return ""


def _source(section: etree._Element) -> str:
    """Return the address of the library's own description, as METS that went out has it."""
    related = (one for one in section.iter("{*}relatedItem") if one.get("displayLabel") == SOURCE)
    return next((address_in(text_of(url)) for one in related for url in one.iter("{*}url")), "")


def _identifiers(
    sections: Sequence[etree._Element], dated: etree._Element | None
) -> tuple[tuple[Identifier, ...], tuple[Identifier, ...], list[str]]:
    """Return the identifiers of the newspaper and of the issue, and addresses of pages about it."""
    newspaper: dict[Identifier, None] = {}
    issue: dict[Identifier, None] = {}
    addresses = []
    for section in sections:
        for element, kind in _numbers_in(section):
            text = text_of(element) or element.get("{http://www.w3.org/1999/xlink}href", "")
            of_newspaper = _is_of_newspaper(element, kind) or (
                dated is not None and section is not dated
            )
            identifier = identifier_of(text, kind)
            if identifier is not None and (of_newspaper or identifier.scheme in OF_NEWSPAPERS):
                newspaper[identifier] = None
            elif identifier is not None:
                issue[identifier] = None
            if not of_newspaper and text.startswith("http"):
                addresses.append(address_in(text))
    numbers = {one.value.rpartition(" ")[2] for one in newspaper}
    of_issue = [one for one in issue if one.value.rpartition(" ")[2] not in numbers]
    return (
        tuple(newspaper)[:_MOST_IDENTIFIERS],
        tuple(of_issue)[:_MOST_IDENTIFIERS],
        list(filter(None, addresses)),
    )


def _numbers_in(section: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Yield what identifies, with its type; nothing of related works but of what it is part of."""
    for element in section.iter():
        name = local_name(element)
        kind = element.get("type") or _type_of(element)
        is_reference = name == "mdRef" and element.get("LOCTYPE") in {"ARK", "URN", "DOI"}
        is_relation = name == "relation" and kind.rpartition(":")[2] == "ark"
        around = element.getparent()
        is_address = name == "url" and around is not None and local_name(around) == "location"
        named = name in {"identifier", "recordIdentifier"} or is_address
        is_one = (named or is_reference or is_relation) and element.get("invalid") != "yes"
        if is_one and _is_own_or_around(element):
            yield element, "" if name == "recordIdentifier" or is_address else kind


def _is_of_newspaper(element: etree._Element, kind: str) -> bool:
    """Return whether an identifier is the newspaper's: of what the issue is part of, or a PPN."""
    within = next(element.iterancestors("{*}relatedItem"), None)
    around = within is not None and within.get("type") in _AROUND
    name = local_name(element)
    return around or name in {"mdRef", "relation"} or kind == "dcx:PPN"


def _is_own_or_around(element: etree._Element) -> bool:
    within = next(element.iterancestors("{*}relatedItem"), None)
    return within is None or within.get("type") in _AROUND


def _is_of_another(element: etree._Element) -> bool:
    return next(element.iterancestors("{*}relatedItem"), None) is not None


def _type_of(element: etree._Element) -> str:
    return element.get("{http://www.w3.org/2001/XMLSchema-instance}type", "")
