"""The manifest, the citation and the readme of a snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from presslens.app.citations.cff import citation_file
from presslens.app.citations.citation import Citation, CitedAuthor, CitedKind
from presslens.app.db.queries import EditionScope
from presslens.pipelines.counted import counted

FORMAT = "presslens-snapshot"
VERSION = 11
"""Raised whenever an exported column means something else; other versions are rejected.

A snapshot has exactly the tables and columns that are read: one with others, of before one was
added or removed, is rejected by their names.
"""

MANIFEST = "manifest.json"
MASTHEAD = "masthead-"
"""Begins the name of the file of a masthead; its sha256 follows."""

HEX = r"^[0-9a-f]{64}$"


@dataclass(frozen=True, slots=True)
class Published:
    """What a snapshot's publisher says of it; "" and None: nothing."""

    title: str = ""  # "": that of its newspapers and days
    authors: tuple[CitedAuthor, ...] = ()
    day: date | None = None
    version: str = ""  # "": the first digits of the hash of its tables
    publisher: str = ""
    licence: str = ""  # SPDX identifier of the data
    doi: str = ""
    address: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    code_address: str = ""  # of the source of the program


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SnapshotFile(_Part):
    """One file of a snapshot."""

    name: str = Field(max_length=100)
    sha256: str = Field(pattern=HEX)
    bytes: int = Field(ge=0)
    rows: int | None = Field(None, ge=0)


class SnapshotScope(_Part):
    """The editions that a snapshot was made of, as they were asked for."""

    publication: str | None = None
    first_date: date | None = None
    last_date: date | None = None
    edition: int | None = None

    @classmethod
    def of(cls, scope: EditionScope) -> SnapshotScope:
        """Return a scope as a part of a manifest."""
        return cls(
            publication=scope.publication,
            first_date=scope.first,
            last_date=scope.last,
            edition=scope.edition,
        )


class ContentCounts(_Part):
    """How much a snapshot holds of something."""

    editions: int = Field(0, ge=0)
    pages: int = Field(0, ge=0)
    photos: int = Field(0, ge=0)

    def __str__(self) -> str:
        names = {"edition": self.editions, "page": self.pages, "photo": self.photos}
        return ", ".join(counted(count, name) for name, count in names.items())


class SnapshotManifest(_Part):
    """The contents of a snapshot. There is no time in it: the same content makes the same file."""

    format: str
    version: int
    title: str
    authors: tuple[str, ...]
    presslens: str
    recipe: str = Field(pattern=HEX)
    observation_id: str = Field(pattern=HEX)
    scope: SnapshotScope
    publications: tuple[str, ...]
    first_day: date | None
    last_day: date | None
    editions: int = Field(ge=0)
    pages: int = Field(ge=0)
    photos: int = Field(ge=0)
    superseded: ContentCounts | None = None  # of these, by later uploads; None: it does not say
    content_sha256: str = Field(pattern=HEX)
    files: tuple[SnapshotFile, ...]

    @property
    def span(self) -> str:
        """The days that the snapshot covers, in words."""
        return f"{self.first_day} to {self.last_day}" if self.first_day else "no days"

    @property
    def counts(self) -> str:
        """The contents as counts, and how many of these no statistic counts."""
        counts = ContentCounts(editions=self.editions, pages=self.pages, photos=self.photos)
        if self.superseded is None or not self.superseded.editions:
            return str(counts)
        return (
            f"{counts} (statistics leave {self.superseded} of these out, which a later upload of"
            " the day supersedes)"
        )

    @property
    def made(self) -> str:
        """The contents as counts, and what has made them."""
        return (
            f"{self.counts}; machine-made by Presslens {self.presslens} under recipe"
            f" {self.recipe[:12]}"
        )

    def citation(self, cited: Citation | None = None) -> str:
        """Return the citation of the snapshot, in one line.

        Args:
            cited: What its publisher says of it; None: no more than the manifest holds.
        """
        authors = tuple(map(CitedAuthor, self.authors))
        cited = cited or Citation(
            kind=CitedKind.DATA, title=self.title, recipe_id=self.recipe, authors=authors
        )
        return cited.line(self.made, f"Content sha256 {self.content_sha256}")

    def text(self) -> str:
        """Return the manifest as JSON."""
        return self.model_dump_json(indent=1) + "\n"


def code_version() -> str:
    """Return the version of this program."""
    try:
        return version("presslens")
    except PackageNotFoundError:
        return "unknown"


def title_of(publications: Sequence[str], first: date | None, last: date | None) -> str:
    """Return the title of a snapshot."""
    names = ", ".join(publications) or "no newspaper"
    days = f", {first} to {last}" if first else ""
    return f"Photos in {names}{days}"


def content_hash(files: Sequence[SnapshotFile]) -> str:
    """Return the hash of the tables of a snapshot without its other files: 64 hex digits."""
    lines = sorted(f"{file.sha256}  {file.name}\n" for file in files if file.rows is not None)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


README = """{title}

{citation}

What this is
  A snapshot of measurements by Presslens: what photographs each page of these editions carries,
  what they show, the reviews of people, and the log of what they have changed. The scans are not
  in it, nor are faces, embeddings or image features. Only enrolled public figures are named.

How to read it
  manifest.json     what is in this file, with a sha256 of each part
  citation.txt, CITATION.cff   how to cite it
  recipe.toml, recipe.json     the rules that every number was made by, recipe {recipe}
  datapackage.json  what each column of each table means, for readers of Frictionless packages
  *.csv             the tables: UTF-8, commas, an empty cell is a missing value; a quote before
                    text that looks like a formula is there for spreadsheets
  masthead-*.jpg    the mastheads of newspapers that people have set, named by their sha256

How to check it
  sha256sum of each file is that in manifest.json. content_sha256 is the sha256 of the lines
  "SHA256  NAME" of the tables, sorted.

How to load it into Presslens {version} or later
  export PRESSLENS_RECIPE=recipe.toml PRESSLENS_DATA_DIR=a-new-folder
  presslens init
  presslens import --snapshot THIS.zip
"""


def cited_snapshot(manifest: SnapshotManifest, published: Published) -> Citation:
    """Return the citation of a snapshot."""
    return Citation(
        kind=CitedKind.DATA,
        title=manifest.title,
        recipe_id=manifest.recipe,
        authors=published.authors,
        address=published.address,
        doi=published.doi,
        day=published.day,
        version=published.version or manifest.content_sha256[:12],
        publisher=published.publisher,
        licence=published.licence,
        abstract=published.description
        or f"{title_of(manifest.publications, manifest.first_day, manifest.last_day)}:"
        f" {manifest.made}.",
        keywords=published.keywords,
    )


def write_readme(
    manifest: SnapshotManifest, folder: Path, cited: Citation, code_address: str
) -> Mapping[str, Path]:
    """Write the readme and the citations of a snapshot, and return their paths by name."""
    texts = {
        "README.txt": README.format(
            title=manifest.title,
            citation=manifest.citation(cited),
            recipe=manifest.recipe,
            version=manifest.presslens,
        ),
        "citation.txt": manifest.citation(cited) + "\n",
        "CITATION.cff": citation_file(
            cited,
            sha256=manifest.content_sha256,
            program=manifest.presslens,
            code_address=code_address,
        ),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return {name: folder / name for name in texts}
