"""The description of a deposit, which all formats of its metadata are written from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from presslens.app.citations.citation import SPDX, Citation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.exports.snapshot.manifest import SnapshotManifest

FORMAT = "presslens-deposit"
VERSION = 1
"""Raised whenever the meaning of a file of a deposit changes; other versions are rejected."""

PROGRAM_LICENCE = "AGPL-3.0-or-later"
"""The licence of the program, its weights and its built-in labels, and of its documentation."""

SCANS = "scans"
"""The part whose rights are said in words."""

_SPDX = re.compile(r"[A-Za-z0-9.+-]{2,60}")
_FUNDER = re.compile(r"(?P<name>[^;]+?)\s*(;\s*(?P<award>[^;]+))?")

KEYWORDS = ("newspapers", "photographs", "content analysis")
"""Keywords of every deposit."""


@dataclass(frozen=True, slots=True)
class Funder:
    """A funder, and the number of the award."""

    name: str
    award: str = ""

    @classmethod
    def parse(cls, text: str) -> Funder:
        """Return the funder of a text: "Name; number of the award".

        Raises:
            InvalidRequest: The text has another form.
        """
        match = _FUNDER.fullmatch(text.strip())
        if match is None:
            raise InvalidRequest(f"a funder is written 'Name; award', not {text!r}")
        return cls(match["name"].strip(), (match["award"] or "").strip())


@dataclass(frozen=True, slots=True)
class DepositedPart:
    """A part of a deposit, and its licence."""

    part: str
    place: str  # its folder; "": it is not in the deposit
    licence: str  # an SPDX identifier or a line of rights; "": unknown

    @property
    def licence_address(self) -> str:
        """The address of its licence; "" of a line of rights."""
        return f"{SPDX}{self.licence}" if self.licence and self.part != SCANS else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The description of a deposit."""

    citation: Citation
    manifest: SnapshotManifest
    languages: tuple[str, ...] = ()  # of the newspapers, BCP 47 codes
    funders: tuple[Funder, ...] = ()
    scans: str = ""  # the line of rights of the scans; "": they are not in it
    named: bool = False  # coders keep their names
    code_address: str = ""
    described: bool = True  # its description is stated

    @property
    def day(self) -> date:
        """The day of its publication."""
        assert self.citation.day is not None  # noqa: S101 - a deposit always has one
        return self.citation.day

    @property
    def parts(self) -> tuple[DepositedPart, ...]:
        """Its parts with their licences."""
        data = self.citation.licence
        return (
            DepositedPart("measurements, answers and decisions", "data/snapshot", data),
            DepositedPart("the same as Parquet", "data/tables", data),
            DepositedPart("published numbers", "data/numbers", data),
            DepositedPart("codebook and data dictionary", "data/documents", PROGRAM_LICENCE),
            DepositedPart(SCANS, "data/scans" if self.scans else "", self.scans),
            DepositedPart("Presslens, its weights and built-in labels", "", PROGRAM_LICENCE),
        )

    @property
    def licensed(self) -> Mapping[str, tuple[DepositedPart, ...]]:
        """The parts that are in it and whose licence is known, by their licence."""
        licensed = [part for part in self.parts if part.place and part.licence]
        return {one.licence: tuple(part for part in licensed if part.licence == one.licence)
                for one in licensed}  # fmt: skip

    def licence_of(self, path: str) -> DepositedPart | None:
        """Return the part of a file whose licence is another one than that of the data."""
        return next((part for part in self.parts if part.place and path.startswith(
            f"{part.place}/") and part.licence != self.citation.licence), None)  # fmt: skip

    @property
    def coverage(self) -> str:
        """The first and the last day of its editions, "2025-12-01/2025-12-31"; "" without any."""
        first, last = self.manifest.first_day, self.manifest.last_day
        return f"{first.isoformat()}/{last.isoformat()}" if first and last else ""

    def missing(self) -> Iterator[str]:
        """Yield the unknown metadata that repositories require, and its options."""
        if not self.citation.authors:
            yield "authors: --author 'Family, Given <ORCID>; Affiliation', repeatable"
        if not self.citation.licence:
            yield "a licence of the data: --licence CC-BY-4.0, CC0-1.0, or what its owners say"
        if not self.described:
            yield "a description: --description TEXT"
        if not self.citation.doi:
            yield "a DOI: reserve one in the repository, and give it with --doi"


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record that have a value."""
    return {name: value for name, value in fields.items() if value not in ("", None, [])}


def checked_licence(text: str) -> str:
    """Return a licence by its SPDX identifier; "" for none.

    Raises:
        InvalidRequest: It can't be one.
    """
    if text and not _SPDX.fullmatch(text):
        raise InvalidRequest(
            f"{text!r} is no SPDX identifier: CC-BY-4.0 or CC0-1.0, see https://spdx.org/licenses/"
        )
    return text
