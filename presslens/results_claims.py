"""Results of ``import presslens`` about claims: the models of the API."""

# Written by `python -P -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from presslens.answers import Record, VerdictResult
from presslens.results_comparisons import TippingPoint, WhatHelps
from presslens.results_statistics import ExcludedEdition, Validity


class Registration(Record):
    """What was frozen of a version of a claim."""

    frozen_at: dt.datetime
    """When."""
    sha256: str
    """Hash of the document."""
    content: dict[str, Any]
    """The frozen content."""
    scans_by_then: int
    """Editions of its days that had been uploaded by then."""


class ClaimState(Record):
    """A version of a claim; ``latest`` is the one that counts.

    ``registration`` is what is frozen of it; ``changes_frozen`` is the latest earlier version that
    was frozen, and that this one changes. A ``draft`` is a question in work; ``kept_after`` is how
    often it was looked at before it was kept, of a claim that was a question.
    """

    id: int
    key: str
    version: int
    latest: bool
    statement: str
    rule: str
    rule_version: str
    publication: str
    from_: dt.date = Field(alias="from")
    to: dt.date
    source: str
    note: str | None
    seeded: bool
    created_at: dt.datetime
    draft: bool
    kept_after: int | None
    frozen_at: dt.datetime | None
    """When."""
    frozen_sha256: str | None
    """Hash of the document."""
    registration: Registration | None
    changes_frozen_version: int | None


class ClaimList(Record):
    """Claims; ``next`` is the cursor of those that follow."""

    claims: list[ClaimState]
    next: str | None


TruthValue = Literal["true", "false", "undecided"]
"""A truth value (Kleene 1952, "Introduction to Metamathematics", § 64)."""


class Look(Record):
    """A verdict on a frozen claim that rested on editions."""

    looked_at: dt.datetime
    recipe: str
    editions: int
    verdict: TruthValue


class EditionVerdict(Record):
    """The truth value of a rule for one edition."""

    edition: int
    """Id of the edition."""
    date: dt.date
    verdict: TruthValue
    """The part that it has in the verdict on all editions: *false* is corrected for the number
    of editions, *true* needs no correction there.
    """
    simultaneous_verdict: TruthValue
    """The verdict that may be read beside those on the other editions: of all of these
    together one is wrong with the probability of the level at most (Holm).
    """


class Step(Record):
    """A comparison of a rule, with its outcome."""

    edition: int | None
    """Id of the edition that it is about; None: of no single edition."""
    date: dt.date | None
    """Day of that edition."""
    comparison: str
    """Its text in the rule."""
    left: Any
    """The number on the left."""
    operator: str
    right: Any
    """The number on the right."""
    verdict: TruthValue
    risk: float | None
    """The probability that the verdict is wrong."""
    tested: list[Any] | None
    """The intervals at the level of the test."""
    reasons: list[str]
    """Why it is not known."""


class ShownPhoto(Record):
    """A photo of the evidence."""

    id: int
    edition: int
    """Id of its edition."""
    date: dt.date
    """Day of the edition."""
    page: int
    """Id of its page."""
    page_number: int
    """Number of the page, from 1."""
    why: str
    """"highest", "borderline", "largest" or "front lead"."""
    probability: float | None
    """Of the metric's measure, 0–1; None for a metric without one."""
    settled: bool | None
    """The consensus of the coders on that measure; None: there is none. Of a lead photo, True
    where they have one on its focus.
    """
    area_share: float | None
    """Share of its page area, 0–1."""
    address: str | None = None
    """Its address, which the API fills in."""
    image: str | None = None
    """The address of its picture."""


class ShownPage(Record):
    """A page of the evidence."""

    id: int
    edition: int
    date: dt.date
    number: int
    address: str | None = None
    """Its address, which the API fills in."""
    image: str | None = None
    """The address of its picture."""


class Evidence(Record):
    """The evidence of one metric, or of the focus of the front page's lead photo."""

    metric: str
    photos: list[ShownPhoto]
    pages: list[ShownPage]


class ClaimVerdict(VerdictResult):
    """The verdict on a rule for the editions of some days, with its evidence."""

    claim: ClaimState | None = None
    """The claim whose rule it is; None for a rule without a claim."""
    registered: dict[str, Any] | None = None
    """Whether the claim was frozen before the scans; None: it is not frozen."""
    looks: list[Look] | None = None
    """The latest looks at a frozen claim."""
    looks_count: int | None = None
    """Number of all looks at a frozen claim."""
    recipe: str
    """The recipe of the numbers."""
    publication: str
    """Name of the newspaper."""
    from_: dt.date = Field(alias="from")
    """First day."""
    to: dt.date
    """Last day."""
    verdict: TruthValue
    rule: str
    """The rule's canonical text."""
    rule_version: str
    """Identifies the rule and the language's version: equal rules have equal ones."""
    level: float
    """Largest probability that the verdict is wrong, 0–1."""
    simultaneous: bool
    """Several tests, of editions or of a function over them, hold together."""
    tests: int
    """Largest number of tests that one of its comparisons is corrected for; 1: none is."""
    correction: str
    """How it is corrected, in words."""
    inference: str = Field(alias="estimand")
    """What the verdict is about, in words: these editions, or practice."""
    reasons: list[str]
    """In words: missing days, then the outcomes of the comparisons."""
    n: int
    """Number of editions."""
    baseline_editions: int
    """Number of earlier editions."""
    editions: list[EditionVerdict]
    """The verdict on each edition; empty for a rule over all editions together."""
    comparisons: list[Step]
    """The comparisons, ``MOST_STEPS`` at most."""
    comparisons_left_out: int
    """Number of further comparisons."""
    metrics: list[str]
    """The metrics of the rule."""
    help: list[WhatHelps]
    """What would decide it; empty for a verdict that is not undecided, or where nothing is
    foreseen.
    """
    tipping: list[TippingPoint]
    """How far assumptions must be off until the verdict falls; empty for one that is
    undecided, that rests on no photo, or on more editions than ``MOST_TIPPED``.
    """
    pages: int
    """Pages of the editions."""
    pages_seen: int
    """Pages of the editions that were analysed."""
    coverage: float | None
    """Share of the pages that were analysed, 0–1."""
    left_out: list[ExcludedEdition]
    """Editions of the days that were excluded, and the reasons."""
    validity: list[Validity]
    """Whether the machine is worth anything in the newspaper, for each share of the rule."""
    unchecked: str | None
    """What readings it rests on that nobody has checked."""
    stands: str | None = None
    """That a look decided it, and what is known now would not."""
    evidence: list[Evidence]
    """Photos and pages, for each metric."""
