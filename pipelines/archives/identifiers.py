"""Identifiers of newspapers and editions: their schemes, their forms, and where they resolve."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MOST_CHARACTERS = 255
"""Longest identifier; longer ones are left out."""


class IdentifierScheme(StrEnum):
    """Who gives an identifier."""

    LCCN = "lccn"  # Library of Congress control number
    ISSN = "issn"
    ARK = "ark"
    URN = "urn"
    OCLC = "oclc"
    DOI = "doi"
    OBJID = "objid"  # the OBJID of a METS document, which means something to its maker alone
    LOCAL = "local"  # any other number of the library


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number under which a library keeps a newspaper or an edition.

    >>> str(Identifier(IdentifierScheme.LCCN, "sn85058233"))
    'lccn:sn85058233'
    """

    scheme: IdentifierScheme
    value: str  # as its scheme writes it: "sn85058233", "1234-5678", "ark:/12148/bpt6k1"

    def __str__(self) -> str:
        """Return the identifier as a person gives it: its scheme, unless the value begins so."""
        begins = self.value.startswith(f"{self.scheme}:")
        return self.value if begins else f"{self.scheme}:{self.value}"

    @property
    def address(self) -> str:
        """The address at which it resolves; "" where there is none."""
        if self.scheme is IdentifierScheme.URN:
            places = (place for begins, place in _URN_RESOLVERS if self.value.startswith(begins))
            place = next(places, "")
        else:
            place = _RESOLVERS.get(self.scheme, "")
        return f"{place}{self.value}" if place else ""


_RESOLVERS = {
    IdentifierScheme.LCCN: "https://lccn.loc.gov/",
    IdentifierScheme.ISSN: "https://portal.issn.org/resource/ISSN/",
    IdentifierScheme.ARK: "https://n2t.net/",
    IdentifierScheme.OCLC: "https://search.worldcat.org/title/",
    IdentifierScheme.DOI: "https://doi.org/",
}

_URN_RESOLVERS = (
    ("urn:nbn:fi", "https://urn.fi/"),
    ("urn:nbn:nl", "https://persistent-identifier.nl/"),
    ("urn:nbn:se", "https://urn.kb.se/resolve?urn="),
    ("urn:nbn", "https://nbn-resolving.org/"),
)
"""Where names of national libraries resolve, by how they begin; the first that fits."""

GIVEN_ONCE = frozenset(IdentifierScheme) - {IdentifierScheme.OBJID, IdentifierScheme.LOCAL}
"""The schemes in which no two things have one identifier: a newspaper is recognised by these."""

OF_NEWSPAPERS = frozenset({IdentifierScheme.LCCN, IdentifierScheme.ISSN, IdentifierScheme.OCLC})
"""The schemes in which newspapers are numbered, and their editions are not."""

_LCCN = re.compile(r"[a-z]{0,3}\d{8}(?:\d{2})?")
_LCCN_SERIAL = re.compile(r"([a-z]{0,3}\d{2}|[a-z]{0,2}\d{4})-(\d{1,6})")
_ISSN = re.compile(r"(?:ISSN(?:-L)?:?)?(\d{4})-?(\d{3}[\dX])(?:\([^()]*\))?")
_OCLC = re.compile(r"(?:\(ocolc\))?(?:ocm|ocn|on)?0*([1-9]\d*)")
_ARK = re.compile(r"ark:/?(\d{5,9}/[^\s?#]+)")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_URN = re.compile(r"(urn:[a-z0-9][a-z0-9-]{1,31}:(?:[a-z]{2}\b)?)(\S+)", re.IGNORECASE)

_PREFIX = re.compile(r"(lccn|issn(?:-?l)?|oclc|doi|objid|local)\s*[:\s]\s*(?=\S)", re.IGNORECASE)
_ADDRESSES = (
    (re.compile(r"https?://(?:www\.)?lccn\.loc\.gov/([^/?#]+)"), IdentifierScheme.LCCN),
    (re.compile(r"https?://(?:www\.)?loc\.gov/item/(sn\d+)"), IdentifierScheme.LCCN),
    (
        re.compile(r"https?://chroniclingamerica\.loc\.gov/lccn/([a-z]{0,3}\d+)"),
        IdentifierScheme.LCCN,
    ),
    (
        re.compile(r"https?://portal\.issn\.org/resource/issn/([^/?#]+)", re.IGNORECASE),
        IdentifierScheme.ISSN,
    ),
    (re.compile(r"https?://(?:dx\.)?doi\.org/(.+)"), IdentifierScheme.DOI),
    (
        re.compile(r"https?://(?:www|search)\.worldcat\.org/(?:oclc|title)/(\d+)"),
        IdentifierScheme.OCLC,
    ),
    (re.compile(r"https?://\S+?/(ark:/?\d.+)"), IdentifierScheme.ARK),
    (re.compile(r"https?://\S+?[/=](urn:nbn:.+)", re.IGNORECASE), IdentifierScheme.URN),
)


def read_identifier(text: str, scheme: IdentifierScheme | None = None) -> Identifier | None:
    """Return the identifier that a text is, in its scheme's own form; None where it is none.

    Args:
        text: The identifier, alone, behind the name of its scheme, or as a resolver's address.
        scheme: Its scheme; None: the text tells it.

    >>> str(read_identifier("ISSN 1234-5679")), read_identifier("1234-5670", IdentifierScheme.ISSN)
    ('issn:1234-5679', None)
    >>> str(read_identifier("sn 85-58233", IdentifierScheme.LCCN))
    'lccn:sn85058233'
    >>> str(read_identifier("https://gallica.bnf.fr/ark:/12148/bpt6k1"))
    'ark:/12148/bpt6k1'
    """
    text = " ".join(text.split()).strip(" .;,")
    for address, named in _ADDRESSES:
        if (match := address.match(text)) and scheme in {None, named}:
            return _in_scheme(match[1], named)
    if (match := _PREFIX.match(text)) and scheme in {None, _named(match[1])}:
        return _in_scheme(text[match.end() :], _named(match[1]))
    if scheme is not None:
        return _in_scheme(text, scheme)
    alone = (IdentifierScheme.ARK, IdentifierScheme.URN, IdentifierScheme.DOI)
    return next(filter(None, (_in_scheme(text, one) for one in alone)), None)


def telling_apart(
    identifiers: Iterable[Identifier], others: Iterable[Identifier]
) -> list[Identifier]:
    """Return the identifiers of both sides that say that two newspapers are not one.

    They are those of LCCN and of ISSN, if both sides have some and have none in common. An
    identifier that both have, of whatever scheme, says that they are one.

    >>> one, two = map(read_identifier, ("lccn:sn85058233", "lccn:sn83030214"))
    >>> [str(each) for each in telling_apart([one], [two])], telling_apart([one], [one, two])
    (['lccn:sn85058233', 'lccn:sn83030214'], [])
    """
    mine, theirs = list(dict.fromkeys(identifiers)), list(dict.fromkeys(others))
    if {*mine} & {*theirs}:
        return []
    apart = []
    for scheme in (IdentifierScheme.LCCN, IdentifierScheme.ISSN):
        sides = [[one for one in side if one.scheme is scheme] for side in (mine, theirs)]
        if all(sides):
            apart += [*sides[0], *sides[1]]
    return apart


def _named(prefix: str) -> IdentifierScheme:
    name = prefix.casefold()
    return IdentifierScheme.ISSN if name.startswith("issn") else IdentifierScheme(name)


def _in_scheme(text: str, scheme: IdentifierScheme) -> Identifier | None:
    value = _READERS.get(scheme, str)(text.strip())
    fits = 0 < len(value) <= MOST_CHARACTERS and value.isprintable()
    return Identifier(scheme, value) if fits else None


def _lccn(text: str) -> str:
    """Return a control number as https://www.loc.gov/marc/lccn-namespace.html has it, or ""."""
    plain = text.replace(" ", "").lower().partition("/")[0]
    if match := _LCCN_SERIAL.fullmatch(plain):
        plain = f"{match[1]}{match[2]:0>6}"
    return plain if _LCCN.fullmatch(plain) else ""


def _issn(text: str) -> str:
    """Return an ISSN whose check digit is right, or ""; see ISO 3297."""
    match = _ISSN.fullmatch(text.replace(" ", "").upper())
    if match is None:
        return ""
    digits = [10 if one == "X" else int(one) for one in match[1] + match[2]]
    total = sum(weight * digit for weight, digit in zip(range(8, 0, -1), digits, strict=True))
    return f"{match[1]}-{match[2]}" if total % 11 == 0 else ""


def _oclc(text: str) -> str:
    match = _OCLC.fullmatch(text.replace(" ", "").lower())
    return match[1] if match else ""


def _ark(text: str) -> str:
    match = _ARK.fullmatch(text)
    return f"ark:/{match[1].rstrip('/')}" if match else ""


def _doi(text: str) -> str:
    return text.lower() if _DOI.fullmatch(text) else ""


def _urn(text: str) -> str:
    match = _URN.fullmatch(text)
    return f"{match[1].lower()}{match[2]}" if match else ""


_READERS = {
    IdentifierScheme.LCCN: _lccn,
    IdentifierScheme.ISSN: _issn,
    IdentifierScheme.OCLC: _oclc,
    IdentifierScheme.ARK: _ark,
    IdentifierScheme.DOI: _doi,
    IdentifierScheme.URN: _urn,
}
