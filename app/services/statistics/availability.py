"""In which editions a metric is known, and why it is not in the others.

What was not looked for has no row in ``edition_share``, though there are photos, and NULL in
``edition_summary``: an edition keeps that under each recipe, whoever is enrolled today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import Status
from presslens.app.db.publications import stated_newspaper
from presslens.app.db.statistics import EditionShareRow
from presslens.app.db.tables import OutcomeRow, PageRow
from presslens.app.services.figures.looked_for import enrolled_now
from presslens.app.services.labels.label_set import own_names
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.selection import StatEdition
from presslens.app.services.shares.validities import load_validities
from presslens.models.labels.vocabulary import shipped_names
from presslens.models.message import Message, join_messages
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.availability import NO_FRONT, NOT_READ
from presslens.pipelines.statistics.measure import FIGURE, LABEL, OF_LEADER, SUBJECTS, Zone
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.plain import PLAIN, Enrolment
from presslens.pipelines.statistics.share_estimate import NOT_KNOWN, NOT_OFFERED
from presslens.pipelines.statistics.validity import Validity, measured_validity, worst


@dataclass(frozen=True, slots=True, eq=False)
class Availability:
    """In which editions a metric is known."""

    # For each edition whether it is, shape (e,); it is in one without photos.
    mask: NDArray[np.bool_]
    reason: str | None  # why it is not in the others, and what to do; None if it is in all
    # Its validity in the newspaper of each edition, e of them; empty where nobody asks.
    validities: Sequence[Validity] = ()

    @property
    def known(self) -> bool:
        """Whether it is known in all editions, and nothing is to be said of its validity."""
        return self.reason is None and not self.validities

    def masked(self, estimate: Estimate, rows: Sequence[int] | None = None) -> Estimate:
        """Return an estimate over some editions, given by index, with what is not known of it."""
        validity = self.validity(rows)
        state = validity.state if validity else None
        if (why := self._unknown(rows)) is not None:
            return Estimate(None, None, 0, NOT_KNOWN, why, validity=state)
        if (why := validity.why_not if validity else None) and not estimate.by_people:
            nothing = Estimate(None, None, estimate.n, NOT_OFFERED, why, validity=state)
            return replace(nothing, drawn=estimate.drawn, picked=estimate.picked)
        lacking = self.note(rows)
        note = join_messages(filter(None, (estimate.note, lacking))) if lacking else estimate.note
        return replace(estimate, note=note, validity=state)

    def refused(self, rows: Sequence[int] | None = None) -> str | None:
        """Return why the metric of some editions, given by index, is not offered; else None.

        It is known in none of them, or not to be had of the machine in the newspaper of one.
        """
        validity = self.validity(rows)
        return self._unknown(rows) or (validity.why_not if validity else None)

    def validity(self, rows: Sequence[int] | None = None) -> Validity | None:
        """Return the validity in that newspaper of some editions where it is worst."""
        every = range(len(self.validities)) if rows is None else rows
        return worst([self.validities[i] for i in every] if self.validities else ())

    def by_newspaper(self, editions: Sequence[StatEdition]) -> dict[str, Validity]:
        """Return the validity in each newspaper of the editions."""
        pairs = zip(editions, self.validities, strict=False)
        return {edition.publication: one for edition, one in pairs}

    def _unknown(self, rows: Sequence[int] | None) -> str | None:
        mask = self._of(rows)
        return self.reason if len(mask) and not mask.any() else None

    def note(self, rows: Sequence[int] | None = None) -> str | None:
        """Return in how many of some editions the metric is not known; None if in all it is."""
        mask = self._of(rows)
        lacking = int((~mask).sum())
        if not lacking:
            return None
        return Message(
            "it is not known in %(lacking)s of %(every)s editions", lacking=lacking, every=len(mask)
        )

    def _of(self, rows: Sequence[int] | None) -> NDArray[np.bool_]:
        return self.mask if rows is None else self.mask[list(rows)]


def availability_of(
    session: Session,
    today: Recipe,
    metrics: Sequence[Metric],
    editions: Sequence[StatEdition],
    recipe: Provenance,
    *,
    checked: bool = True,
) -> dict[Metric, Availability]:
    """Return in which editions metrics are known, and whether they are valid there.

    Args:
        today: The recipe that figures are enrolled under.
        metrics: Shares and plain metrics.
        editions: From ``select_editions``, with their numbers for plain metrics.
        recipe: The recipe of their summaries.
        checked: Whether validity counts: not for who plans to look at photos.
    """
    reader = _Reader(session, today, editions, recipe, metrics)
    found = {metric: reader.availability(metric) for metric in metrics}
    if not checked or not editions:
        return found
    shares = [metric.name for metric in metrics if metric.is_share]
    papers = dict.fromkeys(edition.publication for edition in editions) if shares else ()
    of = {paper: load_validities(session, paper, recipe, shares) for paper in papers}
    for metric, one in found.items():
        measured = measured_validity(metric.name)
        if metric.is_share:
            validities = [of[edition.publication][metric.name] for edition in editions]
            found[metric] = replace(one, validities=validities)
        elif measured is not None:
            found[metric] = replace(one, validities=[measured] * len(editions))
    return found


def _is_read_by_name(name: str) -> bool:
    """Return whether photos are read for a measure only once somebody asks for it."""
    return name in OF_LEADER or name.startswith((FIGURE, LABEL))


def _shared(name: str) -> str:
    """Return the measure whose shares tell where another was read."""
    # The measures of the leader are read together, or none of them.
    return "leader" if name in OF_LEADER else name


@dataclass(frozen=True, eq=False)
class _Reader:
    """Reads what editions were looked at for, each thing once."""

    session: Session
    today: Recipe
    editions: Sequence[StatEdition]
    recipe: Provenance
    metrics: Sequence[Metric]

    def availability(self, metric: Metric) -> Availability:
        name = metric.name
        if not metric.is_share:
            mask = _plain(name, self.editions)
        elif _is_read_by_name(name):
            read = self._read(_shared(name), metric.zone)
            mask = read | ~self._read(SUBJECTS[0], metric.zone)
        else:
            mask = np.ones(len(self.editions), bool)
        reason = None if mask.all() else self._why(name, mask)
        if metric.is_share and metric.zone is Zone.FRONT:
            mask = mask & self._front_seen
        return Availability(mask, None if mask.all() else reason or NO_FRONT)

    def _read(self, measure: str, zone: Zone) -> NDArray[np.bool_]:
        """Return for each edition whether photos of a zone were read for a measure."""
        ids = self._editions_read[measure, zone]
        return np.array([edition.id in ids for edition in self.editions], bool)

    @cached_property
    def _editions_read(self) -> Mapping[tuple[str, Zone], set[int]]:
        """The editions with a share of a measure in a zone."""
        measures = {_shared(one.name) for one in self.metrics if _is_read_by_name(one.name)}
        row, read = EditionShareRow, defaultdict[tuple[str, Zone], set[int]](set)
        query = select(row.edition_id, row.measure, row.zone).where(
            row.recipe_id == self.recipe.id,
            row.measure.in_({SUBJECTS[0], *measures}),
            row.zone.in_({one.zone for one in self.metrics}),
            self._between(row.edition_id.expression),
        )
        for id_, measure, zone in self.session.execute(query):
            read[measure, zone].add(id_)
        return read

    @cached_property
    def _front_seen(self) -> NDArray[np.bool_]:
        query = (
            select(PageRow.edition_id)
            .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
            .where(
                PageRow.is_front,
                OutcomeRow.observation_id == self.recipe.observation_id,
                OutcomeRow.status.in_((Status.DONE, Status.EMPTY)),
            )
        )
        return self._among(query, PageRow.edition_id.expression)

    def _among(self, query: Select[int], column: ColumnElement[int]) -> NDArray[np.bool_]:
        """Return for each edition whether it is among the rows of a query."""
        ids = set(self.session.scalars(query.where(self._between(column))))
        return np.array([edition.id in ids for edition in self.editions], bool)

    def _between(self, column: ColumnElement[int]) -> ColumnElement[bool]:
        ids = [edition.id for edition in self.editions]
        return column.between(min(ids, default=0), max(ids, default=0))

    def _why(self, name: str, mask: NDArray[np.bool_]) -> str:
        """Return why a measure is not known in the editions that a mask leaves out."""
        label = name.removeprefix(LABEL)
        if label != name and label not in (*shipped_names(), *own_names(self.session)):
            return Message(
                "not known: there is no label %(label)s; see `presslens labels`", label=repr(label)
            )
        papers = {
            one.publication for one, known in zip(self.editions, mask, strict=True) if not known
        }
        reasons = (
            enrolled_now(
                self.session, self.today, stated_newspaper(self.session, paper).id
            ).why_not(name)
            for paper in sorted(papers)
        )
        return next(filter(None, reasons), NOT_READ)


def _plain(name: str, editions: Sequence[StatEdition]) -> NDArray[np.bool_]:
    columns = {Enrolment.LEADER: "leader_photos", Enrolment.TWO_FIGURES: "together_photos"}
    column = columns.get(PLAIN[name].enrolment)
    mask = [column is None or getattr(edition.row, column) is not None for edition in editions]
    return np.array(mask, bool)
