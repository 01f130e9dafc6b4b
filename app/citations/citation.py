"""The declaration of a citation: authors, title, address and recipe."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.metadata import version

from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import Language
from presslens.app.platform.settings import DOI

_AUTHOR = re.compile(r"(?P<name>[^<>;]+?)\s*(<(?P<orcid>[^<>]+)>)?\s*(;\s*(?P<at>[^<>;]+))?")
_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")

LONGEST_KEY = 60
"""Most letters of the title in the key of a reference."""

DIGITS_OF_KEY = 6
"""Digits of a hash that distinguish keys of equal letters."""

_LOSSLESS = re.compile(r"[\w\s,.:;/?&=+-]*", re.ASCII)
"""Titles of which the words of a key lose nothing."""

SPDX = "https://spdx.org/licenses/"

UNSTATED = ":unav"
"""The name that formats get which demand one that nobody has said: DataCite's "unavailable"."""

RECIPE_DIGITS = 12
"""Digits of the recipe's hash that citations name."""


@dataclass(frozen=True, slots=True)
class CitedAuthor:
    """A person, whose name is written "Family, Given", or else an organisation."""

    name: str
    orcid: str = ""  # 0000-0002-1825-0097; "": unknown, or an organisation
    affiliation: str = ""

    @property
    def kind(self) -> str:
        """What it is in the words of schema.org."""
        return "Person" if self.family else "Organization"

    @property
    def family(self) -> str:
        """The family name of a person; "" of an organisation."""
        return self.name.partition(",")[0].strip() if "," in self.name else ""

    @property
    def given(self) -> str:
        """The given names of a person; "" of an organisation."""
        return self.name.partition(",")[2].strip()

    @property
    def orcid_address(self) -> str:
        """The ORCID as an address; "" without one."""
        return f"https://orcid.org/{self.orcid}" if self.orcid else ""

    @classmethod
    def parse(cls, text: str) -> CitedAuthor:
        """Return the author of a text: "Family, Given <ORCID>; Affiliation", or an organisation.

        Raises:
            InvalidRequest: It is something else, or no ORCID.
        """
        match = _AUTHOR.fullmatch(text.strip())
        if match is None:
            raise InvalidRequest(
                f"an author is written 'Family, Given <ORCID>; Affiliation', not {text!r}"
            )
        author = cls(
            match["name"].strip(), orcid_of(match["orcid"] or ""), (match["at"] or "").strip()
        )
        if not author.family and (author.orcid or author.affiliation):
            raise InvalidRequest(
                f"{author.name} has no comma, and would be an organisation: a person is written"
                " 'Family, Given <ORCID>; Affiliation'"
            )
        return author


PRESSLENS = CitedAuthor("Presslens")
"""The author of pages."""


class CitedKind(StrEnum):
    """The kind of a cited work."""

    PAGE = "page"  # a page of an installation, on the day of access
    DATA = "data set"  # a snapshot or a deposit


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A citation, which its sentence and all of its formats are made from."""

    title: str
    recipe_id: str
    kind: CitedKind = CitedKind.PAGE
    authors: tuple[CitedAuthor, ...] = (PRESSLENS,)  # of a data set none where nobody says so
    address: str = ""  # the public address; "": unknown
    doi: str = ""  # of the deposit of its numbers, 10.…; "": none
    day: date | None = None  # of access to a page, or of publication of a data set
    version: str = ""
    publisher: str = ""  # "": nobody has said
    licence: str = ""  # SPDX identifier; "": unknown
    language: str = "en"
    thing: str = ""  # its identity in every language, for the key; "": its title
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()  # what its note says before the recipe

    @property
    def recipe(self) -> str:
        """The first digits of the recipe's hash."""
        return self.recipe_id[:RECIPE_DIGITS]

    @property
    def names(self) -> str:
        """The names of its authors, which may hold commas."""
        return "; ".join(author.name for author in self.authors)

    @property
    def licence_address(self) -> str:
        """The address of the licence; "" without one."""
        return f"{SPDX}{self.licence}" if self.licence else ""

    @property
    def doi_address(self) -> str:
        """The DOI as an address; "" without one."""
        return f"https://doi.org/{self.doi}" if self.doi else ""

    @property
    def places(self) -> tuple[str, ...]:
        """Its addresses, the DOI last."""
        return tuple(place for place in (self.address, self.doi_address) if place)

    @property
    def key(self) -> str:
        """The unique key of a reference, in ASCII: author, year and title."""
        year = str(self.day.year) if self.day else ""
        first = next((author.family or author.name for author in self.authors), "")
        name = _ascii(first).replace(" ", "") or "presslens"
        thing = self.thing or f"{self.title} {self.version}".strip()
        words = _ascii(thing).replace(" ", "-")
        if len(words) > LONGEST_KEY or not _LOSSLESS.fullmatch(_without_accents(thing)):
            digits = hashlib.sha256(thing.encode()).hexdigest()[:DIGITS_OF_KEY]
            words = f"{words[:LONGEST_KEY].strip('-')}-{digits}".removeprefix("-")
        return f"{name}{year}{words}"

    def line(self, *facts: str) -> str:
        """Return the citation of a data set in a line, with facts of its content before its DOI."""
        year = f" ({self.day.year})" if self.day else ""
        title = self.title.rstrip(".")
        named = f"{self.names}{year}: {title}" if self.authors else f"{title}{year}"
        version = f"Version {self.version}" if self.version else ""
        parts = (f"{named} [{self.kind}]", version, self.publisher.rstrip("."), *facts)
        return " ".join((*(f"{part}." for part in parts if part), *self.places))

    def sentence(self, spoken: Language) -> str:
        """Return the citation of a page in a sentence, in the language of its reader."""
        where = " ".join(self.places)
        if not where and self.facts:
            where = spoken.text(
                "In an archive without a public address: whoever keeps it finds %(thing)s there",
                thing=self.thing,
            )
        facts = "; ".join(spoken.say(fact) for fact in self.facts)
        parts = (
            f"{self.names}: {self.title.rstrip('.')}",
            f"{facts[:1].upper()}{facts[1:]}",
            measured_by(self.recipe_id, spoken),
            where,
        )
        seen = spoken.text("(seen on %(day)s).", day=spoken.day(self.day))
        return f"{'. '.join(filter(None, parts))} {seen}".replace("?.", "?")


def measured_by(recipe_id: str, spoken: Language) -> str:
    """Return which method numbers were measured by."""
    return spoken.text(
        "Measured by the method %(recipe)s of Presslens %(version)s",
        recipe=recipe_id[:RECIPE_DIGITS],
        version=_version(),
    )


@cache
def _version() -> str:
    return version("presslens")


def orcid_of(text: str) -> str:
    """Return an ORCID without its address; "" for none.

    Raises:
        InvalidRequest: It is none: its last digit checks the others (ISO 7064, MOD 11-2).
    """
    if not text.strip():
        return ""
    match = _ORCID.fullmatch(text.strip())
    if match is not None:
        digits = match[1].replace("-", "")
        total = 0
        for digit in digits[:-1]:
            total = (total + int(digit)) * 2
        if "0123456789X"[(12 - total % 11) % 11] == digits[-1]:
            return match[1]
    raise InvalidRequest(f"{text} is no ORCID: it has 16 digits, 0000-0002-1825-0097 for instance")


def doi_of(text: str) -> str:
    """Return a DOI without its address; "" for none.

    Raises:
        InvalidRequest: It is none.
    """
    if not text.strip():
        return ""
    match = DOI.fullmatch(text.strip())
    if match is None:
        raise InvalidRequest(f"{text} is no DOI: it begins with 10., 10.5281/zenodo.1234 say")
    return match[1]


def _ascii(text: str) -> str:
    """Return the Latin letters and digits of a text in lower case, without accents."""
    plain = _without_accents(text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
