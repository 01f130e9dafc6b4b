"""The calibration of a recipe, learned from left-out sources: all measures, pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from presslens.lab.evaluation.calibration import (
    EDITION,
    PREVALENCE,
    PRIOR_SHIFT,
    SLOPE,
    SOURCE,
    SourceReadings,
    by_source,
    likelihood,
    prevalence_likelihood,
)
from presslens.lab.evaluation.period import PERIOD, period_likelihood
from presslens.lab.evaluation.pooling import NOTHING, Spread, pooled, weighted
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.lab.training.subjects.examples import SETS
from presslens.lab.training.subjects.readers import OutOfFoldReading
from presslens.models.accuracy import Measure
from presslens.models.recipe import OTHER, Calibration

Numbers = NDArray[np.float64]

BOTH = (AS_IS, PRINTED)
"""The ways of showing that components are learned from; each photo counts once in all."""

_SCALES = {"edition": 1.0, "source": 1.0, "slope": 0.5, "prevalence": 2.0, "period": 0.5}
"""The scales of the half-normal priors, in logits."""

_AXES = EDITION, SOURCE, SLOPE
_AXIS_SCALES = [_SCALES[name] for name in ("edition", "source", "slope")]

METHOD = "posterior mean over left-out sources, pooled over measures"
WHOLE = f"{METHOD}; the source's with the shift of its prevalence"


@dataclass(frozen=True, slots=True)
class LearnedCalibration:
    """The components of one measure, each with what is known of it.

    Attributes:
        source: The standard deviation of a source's shift beyond that of its prevalence, logits.
        period: That of a scanner's or print's shift within a source, logits.
        edition: That of an edition's shift within a source, logits.
        slope: That of the log of a source's slope.
        prevalence: That of the prevalence's log odds around the reference.
        prior_shift: The share of the prevalence's shift that the source's shift holds.
        reference: The prevalence where the measure is calibrated, 0–1; None: not measured.
    """

    source: Spread
    period: Spread
    edition: Spread
    slope: Spread
    prevalence: Spread
    prior_shift: Spread
    reference: float | None

    def rules(self) -> Calibration:
        """Return the components for a recipe: posterior means."""
        values = {name: round(spread.mean, 2) for name, spread in self.spreads().items()}
        return Calibration(**values, reference=self.reference and round(self.reference, 3))

    def spreads(self) -> dict[str, Spread]:
        """Return the standard deviations, and the share, by name."""
        names = ("source", "period", "edition", "slope", "prevalence", "prior_shift")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, eq=False)
class SourceEvidence:
    """What one source tells of the components of one measure: log likelihoods over the grids."""

    measure: str
    collection: str
    source: str
    editions: int
    photos: int
    # Of what is left beyond shares of the shift of the prevalence, (PRIOR_SHIFT, ...).
    shifts: Numbers
    prevalence: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationEvidence:
    """What all sources tell of the components.

    Attributes:
        sources: Each source's evidence on each measure.
        periods: The log likelihood of the period's spread by measure and collection.
        references: The prevalence of each measure among the photos that teach its reader, 0–1.
    """

    sources: tuple[SourceEvidence, ...]
    periods: Mapping[tuple[str, str], Numbers]
    references: Mapping[str, float]

    @classmethod
    def of(cls, judged: Sequence[OutOfFoldReading]) -> CalibrationEvidence:
        """Return the evidence of readings by readers that never saw the photos' collections."""
        evidence: list[SourceEvidence] = []
        for each in judged:
            shown = [by_source(each, shown=how) for how in BOTH]
            evidence += [_evidence(ways) for ways in zip(*shown, strict=True)]
        periods = {
            (each.subject.value, collection): value
            for each in judged
            for collection, value in period_likelihood(each).items()
        }
        references = {each.subject.value: _reference(each) for each in judged}
        return cls(tuple(evidence), periods, references)

    def learned(
        self, *, without: str | None = None, measure: str | None = None
    ) -> tuple[dict[str, LearnedCalibration], LearnedCalibration]:
        """Return the components of each measure, and those of any other measure.

        Args:
            without: A collection whose photos tell nothing: its own intervals are measured with
                the components of the others.
            measure: A measure that tells nothing: it is then any other one.
        """
        used = [s for s in self.sources if s.collection != without and s.measure != measure]
        names = list(dict.fromkeys(s.measure for s in used))
        every = {name: sum((s.shifts for s in used if s.measure == name), _NONE) for name in names}
        shares = {
            name: weighted(part, PRIOR_SHIFT, _AXES, _AXIS_SCALES) for name, part in every.items()
        }
        shifts, _ = pooled(
            {name: logsumexp(part, axis=0) for name, part in every.items()}, _AXES, _AXIS_SCALES
        )
        spreads, _ = pooled(
            {name: sum((s.prevalence for s in used if s.measure == name), _NONE) for name in names},
            (PREVALENCE,),
            (_SCALES["prevalence"],),
        )
        periods, other_period = pooled(
            {name: self._periods(name, without) for name in names}, (PERIOD,), (_SCALES["period"],)
        )
        own = {
            name: LearnedCalibration(
                shifts[name][1],
                periods[name][0],
                shifts[name][0],
                shifts[name][2],
                spreads[name][0],
                shares[name],
                self.references.get(name),
            )
            for name in names
        }
        # Scores do not tell the prevalence where nobody knows the reference: all that a source is
        # shifted by is then its error.
        whole = pooled({name: part[0] for name, part in every.items()}, _AXES, _AXIS_SCALES)[1]
        rest = LearnedCalibration(
            whole[1], other_period[0], whole[0], whole[2], NOTHING, NOTHING, None
        )
        return own, rest

    def _periods(self, measure: str, without: str | None) -> Numbers:
        values = [
            value
            for (name, collection), value in self.periods.items()
            if name == measure and collection != without
        ]
        return np.asarray(sum(values, np.zeros(len(PERIOD))))

    def measures(self) -> list[Measure]:
        """Return the components as lines of the accuracy page."""
        own, rest = self.learned()
        rows = []
        for name, learned in own.items():
            mine = [s for s in self.sources if s.measure == name]
            editions, photos = sum(s.editions for s in mine), sum(s.photos for s in mine)
            data = f"{name}, {len(mine)} sources, {editions} editions, {photos} photos"
            rows += [
                Measure("calibration", what, data, photos, s.mean, s.interval, METHOD)
                for what, s in learned.spreads().items()
            ]
            if (share := learned.reference) is not None:
                rows.append(Measure("calibration", "reference", data, photos, share, None, METHOD))
        rows += [
            Measure(
                "calibration",
                what,
                f"any other measure, from these {len(own)}",
                len(own),
                s.mean,
                s.interval,
                WHOLE,
            )
            for what, s in rest.spreads().items()
        ]
        return rows

    def rules(self) -> dict[str, Calibration]:
        """Return the components for ``aggregate.calibration`` of a recipe."""
        own, rest = self.learned()
        return {
            **{name: learned.rules() for name, learned in own.items()},
            OTHER: rest.rules(),
        }

    def toml(self) -> str:
        """Return the components as the tables of a recipe file."""
        return "\n".join(
            "\n".join(
                [
                    f"[aggregate.calibration.{name}]",
                    *(f"{key} = {value:g}" for key, value in rules.model_dump().items()),
                    "",
                ]
            )
            for name, rules in self.rules().items()
        )


_NONE = np.zeros(())


def _evidence(ways: Sequence[SourceReadings]) -> SourceEvidence:
    """Return the evidence of one source, shown in several ways that count as one."""
    first = ways[0]
    return SourceEvidence(
        first.measure,
        first.collection,
        first.source,
        int(first.edition.max()) + 1,
        len(first.truth),
        np.mean([_by_share(way) for way in ways], axis=0),
        prevalence_likelihood(first),
    )


def _by_share(readings: SourceReadings) -> Numbers:
    return np.stack([likelihood(readings, around=share * readings.shift) for share in PRIOR_SHIFT])


def _reference(judged: OutOfFoldReading) -> float:
    """Return the prevalence among all photos that teach the reader of a subject, 0–1."""
    return float(judged.of(sets=SETS).truth.mean())
