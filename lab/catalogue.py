"""Gathers what the pages say, and keeps the catalogues complete: ``make catalogue``.

Messages stand in templates (``_("…")``, ``{% trans %}``), in Python (``Message("…")``,
``Conflict.saying("…")``, ``spoken.text("…")``, ``spoken.plural("…", "…", n)``), and in the
vocabulary: words that rows and documents hold, and that pages translate as they are.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from enum import StrEnum
from http import HTTPStatus
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from presslens.app.api.descriptions import NOUNS as API_NOUNS
from presslens.app.api.example_values import NOBODY_S
from presslens.app.db.columns import Status
from presslens.app.db.publications import NewspaperKind
from presslens.app.main import create_app
from presslens.app.platform.headings import NUMBERS, SHARES
from presslens.app.platform.language import CATALOGUES, LANGUAGES
from presslens.app.platform.permissions import PRESETS, AccountRole, Permission
from presslens.app.platform.settings import Settings
from presslens.app.services.accounts.audit import AuditAction
from presslens.app.services.accounts.identity import Via
from presslens.app.services.catalogue.photo_filter import SizeClass
from presslens.app.services.catalogue.progress import EditionStatus
from presslens.app.services.edits.listing import NAMES
from presslens.app.web.api_docs import documented
from presslens.app.web.claim_words import EARLIER, FUNCTIONS
from presslens.models import vocabulary
from presslens.models.faces import explain as faces
from presslens.models.faces.gallery import Role
from presslens.models.focus import explain as focus
from presslens.models.labels.vocabulary import BUILT_IN
from presslens.models.measured import load_reliability
from presslens.pipelines.failure import FailureCategory
from presslens.pipelines.scans.scan import RejectReason
from presslens.pipelines.statistics import explanations, layout, measure
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.validity import ValidityState

ROOT = Path(__file__).resolve().parents[1]

FACES = [("app/web/**.py", "python"), ("app/charts/**.py", "python"),
         ("app/citations/**.py", "python"),
         ("app/web/templates/**.html", "jinja2")]  # fmt: skip
"""Where ``text``, ``plural`` and templates speak; elsewhere functions of these names do not."""

SENTENCES = [("app/**.py", "python"), ("models/**.py", "python"), ("pipelines/**.py", "python")]

KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "text": None,
    "plural": (1, 2),
}
"""The functions that take messages, and the places of messages among their arguments."""

OPTIONS = {
    "app/web/templates/**.html": {
        "trimmed": "true",
        "silent": "false",
        "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols",
    }
}

HEADER = """\
# Translations of Presslens.
# AGPL-3.0-or-later, as the program itself.
#"""

NOUNS = (
    "answer", "coarse scan", "coder", "deleted edition", "drawn answer", "edition", "event", "face",
    "file", "page", "photo", "photograph", "question", "review",
)  # fmt: skip
"""The nouns that sentences count (``pipelines.counted``)."""

REFUSALS = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
"""Statuses that the framework answers pages with, in its own words."""

ENUMERATIONS: tuple[type[StrEnum], ...] = (
    EditionStatus,
    NewspaperKind,
    ValidityState,
    Status,
    layout.PageType,
    layout.Quadrant,
    measure.Zone,
    Role,
    SizeClass,
    vocabulary.Answer,
    vocabulary.Facing,
    vocabulary.Focus,
    vocabulary.ShotSize,
    vocabulary.Subject,
    AccountRole,
    AuditAction,
    Permission,
    Via,
)
"""The vocabularies whose words pages show as they are."""


def words() -> Iterator[str]:
    """Yield the words of the vocabulary that pages translate as they are; some come twice."""
    for one in ENUMERATIONS:
        yield from (member.value.replace("_", " ") for member in one)
    yield from (name.replace("_", " ") for name in BUILT_IN)
    yield from (*NUMBERS.values(), *SHARES.values())
    yield from (text for metric in PLAIN.values() for text in (metric.words, metric.meaning))
    yield from (*RejectReason, *FailureCategory)
    yield from (status.description for status in REFUSALS)
    yield from (phrase for noun in NOUNS for phrase in (f"1 {noun}", f"%(n)s {noun}s"))
    yield from (*explanations.WORDS.values(), *explanations.ZONES.values(), *explanations.WEEKDAYS)
    yield from (phrase for pair in focus.WORDS.values() for phrase in pair)
    yield from (
        phrase for pair in (*faces.WORDS.values(), *faces.TURNED.values()) for phrase in pair
    )
    yield from API_NOUNS
    yield from EARLIER
    yield from FUNCTIONS
    for operation in documented(create_app(Settings()).openapi(), "", NOBODY_S):
        yield operation.summary
        yield from (one.description for one in operation.fields if one.place != "body")
    yield from (diagram.shown_as for diagram in load_reliability())
    yield from ("photo", *NAMES, *PRESETS)


def gather() -> Catalog:
    """Return all messages of the program, with the files that they stand in."""
    catalogue = Catalog(project="Presslens", charset="utf-8", fuzzy=False, header_comment=HEADER)
    messages = chain(
        extract_from_dir(ROOT, FACES, OPTIONS, KEYWORDS),
        extract_from_dir(
            ROOT, SENTENCES, keywords={"Message": None, "NotFound": None, "saying": None}
        ),
    )
    for file, _line, message, _comments, context in messages:
        catalogue.add(message, locations=[(file, 0)], context=context)
    for word in words():
        catalogue.add(word, locations=[("vocabulary", 0)])
    return catalogue


def catalogue_file(code: str) -> Path:
    """Return the file of a language's translations."""
    return CATALOGUES / code / "LC_MESSAGES" / "presslens.po"


def updated(code: str) -> Catalog:
    """Return the catalogue of a language with today's messages; translations stay."""
    path = catalogue_file(code)
    if path.is_file():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=code)
    else:
        catalogue = Catalog(locale=code, project="Presslens", header_comment=HEADER, fuzzy=False)
    catalogue.update(gather(), no_fuzzy_matching=True, update_header_comment=True)
    catalogue.obsolete.clear()
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as a PO file, sorted, without times: equal for equal content."""
    out = io.BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, include_lineno=False, omit_header=False)
    lines = out.getvalue().decode().splitlines(keepends=True)
    moving = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator')
    return "".join(line for line in lines if not line.startswith(moving)).encode()


def untranslated(catalogue: Catalog) -> Iterator[str]:
    """Yield the messages of a catalogue that have no translation."""
    for message in catalogue:
        texts = [message.string] if isinstance(message.string, str) else message.string
        if message.id and not all(texts or [""]):
            yield str(message.id)


def main() -> None:
    """Bring all catalogues up to today's messages, and print how many wait for a translation."""
    for code in [code for code in LANGUAGES if code != "en"]:
        catalogue = updated(code)
        path = catalogue_file(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(catalogue))
        waiting = len(list(untranslated(catalogue)))
        print(f"{code}: {len(catalogue)} messages, {waiting} without a translation")  # noqa: T201


if __name__ == "__main__":
    main()
