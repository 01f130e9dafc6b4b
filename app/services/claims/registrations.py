"""Freezes claims before the data come in, and logs the looks at them.

A claim that was frozen before the first scan of its days was uploaded can't have been made to fit
them (Nosek et al. 2018, "The preregistration revolution", doi 10.1073/pnas.1708274114). What is
frozen has a hash: published elsewhere, it proves to others that nothing was changed since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.claims import ClaimLookRow, ClaimPlanRow, ClaimRegistrationRow, ClaimRow
from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.publications import is_named, same_newspaper
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.models.message import Message
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.claim.context import LEVEL
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.practice import practice_problem
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import (
    Node,
    baseline_metrics_of,
    metric_text,
    metrics_of,
    pages_of,
    version,
    written,
)
from presslens.pipelines.statistics.measure import Inference, Weight
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN

MOST_LOOKS = 100
"""Largest number of looks that a verdict lists; all are counted."""

HIGHEST_LEVEL = 0.5


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """How a claim is tested.

    Raises:
        InvalidRequest: The level is out of its range.
    """

    level: float = LEVEL  # largest probability that the verdict is wrong, above 0 up to 0.5
    estimand: Inference = Inference.THESE  # the editions that the verdict is about

    def __post_init__(self) -> None:
        if not 0.0 < self.level <= HIGHEST_LEVEL:
            raise InvalidRequest("a level lies above 0 and up to 0.5; 0.05 is 5 %")

    def check(self, rule: Node) -> None:
        """Check that a rule can be tested in this way.

        Raises:
            InvalidRequest: It is no rule about the newspaper's practice, as it should be.
        """
        problem = practice_problem(rule) if self.estimand is Inference.PRACTICE else None
        if problem is not None:
            raise InvalidRequest(problem)


@dataclass(frozen=True, slots=True)
class Registration(Served):
    """What was frozen of a version of a claim."""

    SERVED: ClassVar[str] = "frozen_at sha256 content scans_by_then=scans"

    frozen_at: Moment  # when
    sha256: str  # hash of the document
    document: str  # the frozen content: canonical JSON
    scans: int  # editions of its days that had been uploaded by then
    first_scan_at: datetime | None  # when the first of them was uploaded; None: there was none

    @property
    def content(self) -> dict[str, Any]:
        """The frozen content."""
        content: dict[str, Any] = json.loads(self.document)
        return content

    @property
    def test(self) -> ClaimTest:
        """How the claim is tested."""
        content = self.content
        return ClaimTest(content["level"], Inference(content["estimand"]))

    def timing(self, first_scan_at: datetime | None) -> dict[str, Any]:
        """Return whether the claim was frozen before the scans, with both times, and in words.

        Args:
            first_scan_at: When the first scan of its days was uploaded, of those at hand today;
                None: there is none.
        """
        uploads = [moment for moment in (self.first_scan_at, first_scan_at) if moment is not None]
        first = min(uploads, default=None)
        before = self.scans == 0 and (first is None or self.frozen_at < first)
        day = f"{self.frozen_at:%Y-%m-%d}"
        early = Message(
            "registered %(day)s, before the first scan of these days was uploaded", day=day
        )
        late = Message(
            "registered %(day)s, after the first scan of these days was uploaded", day=day
        )
        words = early if before else late
        if first is None:
            words = Message("%(sentence)s; there is none yet", sentence=words)
        else:
            words = Message("%(sentence)s (%(day)s)", sentence=words, day=f"{first:%Y-%m-%d}")
        return {
            "before_first_scan": before,
            "first_scan_at": first.isoformat() if first is not None else None,
            "sentence": words,
        }


@dataclass(frozen=True, slots=True)
class Look(Served):
    """A verdict on a frozen claim that rested on editions."""

    SERVED: ClassVar[str] = "looked_at recipe=recipe_id editions verdict"

    looked_at: Moment
    recipe_id: str
    editions: int
    verdict: TruthValue


def freeze_claim(
    home: Installation,
    claim_id: int,
    test: ClaimTest,
    *,
    recipe: bool = False,
    coder: str | None = None,
    now: datetime,
) -> tuple[Registration, bool]:
    """Freeze the latest version of a claim; return what is frozen and whether it is new.

    A question is a claim from then on; the looks at it before stay looks.

    Args:
        claim_id: Id of the version.
        test: How it is to be tested.
        recipe: Freeze the recipe as well, so that verdicts under another one say so.
        coder: Who freezes it; None: nobody gave a name.

    Raises:
        NotFound: There is no such claim.
        Conflict: It is not the latest version, or it is frozen or was looked at with another test.
        InvalidRequest: The rule can't be about the newspaper's practice.
    """
    with home.database.write() as session:
        row = session.get(ClaimRow, claim_id)
        if row is None:
            raise NotFound("there is no such claim")
        latest = session.scalar(select(func.max(ClaimRow.version)).filter_by(key=row.key))
        if row.version != latest:
            raise Conflict(f"version {row.version} of {row.key} is an old one: freeze the latest")
        test.check(parse(row.rule))
        document = _document(row, test, home.recipe.id if recipe else None)
        scans, first = scans_of(session, row)
        values = {
            "frozen_at": now,
            "sha256": hashlib.sha256(document.encode()).hexdigest(),
            "document": document,
            "scans": scans,
            "first_scan_at": first,
        }
        new = insert_new(session, ClaimRegistrationRow, claim_id=row.id, **values)
        stored = registrations_of(session, [row.id])[row.id]
        if stored.document != document:
            raise Conflict(
                f"{row.key} is frozen already, to be tested in another way: add it under another"
                " key, or change its text for a new version"
            )
        if new:
            _check_looks(session, claim_id, test)
            row.draft = False
            text = Message("frozen: %(statement)s", statement=row.statement)
            by = Author(coder, home.recipe.codebook, now)
            add_edit(session, by, Action.FREEZE_CLAIM, ("claim", claim_id), text)
        return stored, new


def _check_looks(session: Session, claim_id: int, test: ClaimTest) -> None:
    """Check that the looks at a question before it is frozen are those of its test.

    Raises:
        Conflict: It was drawn for, or decided, by another test, or the looks have spent its level.
    """
    query = select(ClaimLookRow.risk, ClaimLookRow.verdict)
    looks = session.execute(query.filter_by(claim_id=claim_id).where(ClaimLookRow.stage >= 0)).all()
    plan = session.scalar(select(ClaimPlanRow.stage).filter_by(claim_id=claim_id).limit(1))
    decided = any(verdict is not TruthValue.UNDECIDED for _, verdict in looks)
    if (plan is not None or decided) and test != ClaimTest():
        raise Conflict(
            "it was drawn for or decided already, at the usual level and about these editions:"
            " register it so"
        )
    if sum(risk or 0.0 for risk, _ in looks) >= test.level:
        raise Conflict("the looks before have spent this level: register it at a higher one")


def registrations_of(session: Session, claim_ids: Collection[int]) -> dict[int, Registration]:
    """Return what is frozen of versions of claims, by their ids."""
    query = select(ClaimRegistrationRow).where(ClaimRegistrationRow.claim_id.in_(claim_ids))
    return {
        row.claim_id: Registration(
            row.frozen_at, row.sha256, row.document, row.scans, row.first_scan_at
        )
        for row in session.scalars(query)
    }


def frozen_versions(session: Session, keys: Collection[str]) -> dict[str, list[int]]:
    """Return the versions of claims that are frozen, in order, by the claims' keys."""
    query = select(ClaimRow.key, ClaimRow.version).join(ClaimRegistrationRow)
    query = query.where(ClaimRow.key.in_(keys)).order_by(ClaimRow.version)
    versions: dict[str, list[int]] = {}
    for key, number in session.execute(query):
        versions.setdefault(key, []).append(number)
    return versions


def scans_of(session: Session, claim: ClaimRow) -> tuple[int, datetime | None]:
    """Return how many editions of the days of a claim were uploaded, deleted too, and the first."""
    query = (
        select(EditionRow.id, EditionRow.created_at)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(
            is_named(claim.publication),
            EditionRow.edition_date.between(claim.first_date, claim.last_date),
        )
    )
    uploads: dict[int | None, datetime] = dict(session.execute(query).all())
    paper = EditRow.change["publication"].as_string()
    deletions = select(EditRow.edition_id, EditRow.change).where(
        EditRow.action == Action.DELETE_EDITION, same_newspaper(paper, claim.publication)
    )
    for id_, deleted in session.execute(deletions):
        if claim.first_date.isoformat() <= deleted["date"] <= claim.last_date.isoformat():
            uploads.setdefault(id_, datetime.fromisoformat(deleted["uploaded_at"]))
    return len(uploads), min(uploads.values(), default=None)


def log_look(home: Installation, claim_id: int, look: Look) -> None:
    """Log a look at a frozen claim.

    Raises:
        NoDatabase: The database can only be read.
    """
    with home.database.write() as session:
        session.add(
            ClaimLookRow(
                claim_id=claim_id,
                looked_at=look.looked_at,
                recipe_id=look.recipe_id,
                editions=look.editions,
                verdict=look.verdict,
            )
        )


def looks_of(session: Session, claim_id: int) -> tuple[list[Look], int]:
    """Return the latest looks at a claim, in order, and the number of all."""
    query = select(ClaimLookRow).filter_by(claim_id=claim_id).order_by(ClaimLookRow.id.desc())
    count = session.scalar(
        select(func.count()).select_from(ClaimLookRow).filter_by(claim_id=claim_id)
    )
    rows = list(session.scalars(query.limit(MOST_LOOKS)))
    looks = [Look(row.looked_at, row.recipe_id, row.editions, row.verdict) for row in rows[::-1]]
    return looks, count or 0


def _document(row: ClaimRow, test: ClaimTest, recipe_id: str | None) -> str:
    rule = parse(row.rule)
    on_pages = {metric for metrics in pages_of(rule).values() for metric in metrics}
    metrics = metrics_of(rule) | baseline_metrics_of(rule) | on_pages
    content = {
        "claim": row.key,
        "version": row.version,
        "statement": row.statement,
        "rule": written(rule),
        "rule_version": version(rule),
        "publication": row.publication,
        "from": row.first_date.isoformat(),
        "to": row.last_date.isoformat(),
        "source": row.source,
        "note": row.note,
        "level": test.level,
        "estimand": test.estimand.value,
        "metrics": {metric_text(metric): _meaning(metric) for metric in metrics},
        "recipe": recipe_id,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _meaning(metric: Metric) -> str:
    if not metric.is_share:
        return PLAIN[metric.name].meaning
    weight = "their printed area" if metric.weight is Weight.AREA else "their number"
    return f"share of the photos of the zone {metric.zone.value} that show it, by {weight}, 0–1"
