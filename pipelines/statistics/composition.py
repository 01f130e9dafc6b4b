"""The composition of an edition or a page: the statistics of its pages and photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from presslens.models.recipe import Aggregate, Calibration
from presslens.pipelines.result import Interval, Rounded, Served
from presslens.pipelines.statistics.availability import (
    LEAD_FOCUS,
    NO_FRONT,
    NOT_READ,
    NOT_YET,
    LookedFor,
)
from presslens.pipelines.statistics.count_estimates import (
    COUNTED_METRICS,
    CountEstimate,
    PageCheck,
    edition_counts,
)
from presslens.pipelines.statistics.decision import (
    DecisionPoint,
    Decisions,
    by_calibration,
    decided_photos,
    newspaper_point,
    why_apart,
)
from presslens.pipelines.statistics.edition_photos import EditionPhotos, mean_probability
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.figure_photos import figure_numbers
from presslens.pipelines.statistics.machine import beside_machine
from presslens.pipelines.statistics.measure import BUILT_IN, LABEL, Weight, Zone, in_zone
from presslens.pipelines.statistics.metrics import ShareCount
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.page import CountedPhoto, PageRecord, counted_photos
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable
from presslens.pipelines.statistics.plain import PLAIN, plain_metrics
from presslens.pipelines.statistics.share_estimate import UNSTATED, GroupEstimate
from presslens.pipelines.statistics.summary import (
    MachineNumbers,
    Summary,
    by_machine,
    lead_is_settled,
    summarise,
)
from presslens.pipelines.statistics.validity import FACILITY_FOCUS, Validity, unchecked


@dataclass(frozen=True, slots=True)
class Share(Served):
    """The share of photos that show a measure."""

    SERVED: ClassVar[str] = """
        share numerator denominator=estimate.size count decided n=estimate.n settled
        drawn=estimate.drawn machine interval method=estimate.method refused=estimate.refused
        note=estimate.note provisional=estimate.provisional decided_from decided_note
        validity=validity.state
    """

    estimate: GroupEstimate  # the share, its count and its interval
    # Photos that are taken to show it, by people or else the machine, or their area; None where it
    # is not known.
    decided: Rounded | None
    machine: Rounded | None  # the mean of the machine's probabilities, 0–1; None without photos
    # Probability by the machine from which on a photo is taken to show it; above 1: none is; None
    # where no calibration decides.
    decided_from: Rounded | None = None
    decided_note: str | None = None  # why more or fewer are taken to show it than the share says
    weight: Weight = Weight.COUNT  # what it is a share of
    validity: Validity | None = None  # whether the machine is worth anything; None: not asked

    @classmethod
    def unstated(cls, estimate: GroupEstimate, validity: Validity) -> Share:
        """Return a share of which nothing is stated."""
        return cls(estimate, None, None, validity=validity)

    @property
    def share(self) -> Rounded | None:
        """The estimated share, 0–1; None without photos, or where it is not known."""
        return self.estimate.value

    @property
    def interval(self) -> Interval | None:
        """The ends of the interval; None where there is no honest one."""
        return self.estimate.interval

    @property
    def numerator(self) -> Rounded | None:
        """Photos that show the measure, or their area in pages; None where it is not known."""
        if self.estimate.count is not None:
            return self.estimate.count[0]
        return None if self.estimate.method in UNSTATED else 0.0

    @property
    def settled(self) -> int:
        """Photos with a consensus of coders."""
        return self.estimate.drawn + self.estimate.picked

    @property
    def count(self) -> ShareCount:
        """The numerator with its interval."""
        nothing = None if self.estimate.method in UNSTATED else 0.0
        return ShareCount.of(self.estimate.count or (nothing, nothing, nothing), self.weight)


@dataclass(frozen=True, slots=True)
class ZoneShares(Served):
    """The photos of a part of an edition; None where the front page was not seen."""

    photos: int | None  # number of its photos
    shares: dict[str, Share]  # of the photos, by measure
    area_shares: dict[str, Share]  # of their printed area, by measure


@dataclass(frozen=True, eq=False)
class Composition(Served):
    """The statistics of an edition, or of one page."""

    SERVED: ClassVar[str] = f"""
        pages=summary.pages pages_seen=summary.pages_seen coverage page_types=summary.page_types
        {" ".join(f"{name}=plain.{name}" for name in PLAIN if name != "pages")}
        {" ".join(f"{name}_interval=intervals.{name}" for name in COUNTED_METRICS)}
        counts_method leader_unsure=summary.leader_unsure leader_placed
        front_lead_focus=summary.front_lead_focus front_lead_note machine=machine_numbers not_known
        shares area_shares labels=label_shares zones
    """

    MEANINGS: ClassVar[Mapping[str, str]] = {
        **{f"plain.{name}": metric.meaning for name, metric in PLAIN.items()},
        **{f"intervals.{name}": f"(low, high) of {name}" for name in COUNTED_METRICS},
    }
    """Meanings of the keys of mappings."""

    summary: Summary  # its plain numbers
    machine: Summary  # the same by the machine alone
    # Photos that the two means of the leader are of; None where none was looked for.
    leader_placed: int | None
    photos: tuple[CountedPhoto, ...]
    arrays: EditionPhotos  # the same photos as arrays
    rules: Aggregate  # the level of the intervals, and how far calibration may be off
    # Estimates that know of more than these photos, by measure: of the newspaper's other editions,
    # and of validation samples. A measure without takes these photos alone.
    newspaper: Mapping[str, ZoneEstimates]
    labels: tuple[str, ...]  # names of the labels that photos are read for, in the order of display
    looked_for: LookedFor  # the figures that the photos were looked at for
    front_seen: bool  # whether the front page is among the pages, and was analysed
    # Its counts of photos and pages, corrected where people looked, with intervals.
    counts: Mapping[str, CountEstimate]
    machine_photos: float | None  # the number of photos, by the machine alone
    # The newspaper's, where it has no estimates of its own here; None: there is no newspaper.
    decisions: Decisions | None = None
    # Whether the machine is worth anything in the newspaper, by measure; nobody has checked others.
    validities: Mapping[str, Validity] = field(default_factory=dict)
    _alone: dict[str, ZoneEstimates] = field(default_factory=dict)

    def share(self, measure: str, zone: Zone = Zone.ALL, weight: Weight = Weight.COUNT) -> Share:
        """Return the share of a measure; see ``pipelines.statistics.measure``."""
        sums = self.arrays.sums(measure, zone)
        refused = self.looked_for.why_not(measure)
        if refused is None and zone is Zone.FRONT and not self.front_seen:
            refused = NO_FRONT
        if refused is None and not sums.n and any(zone in photo.zones for photo in self.photos):
            refused = NOT_READ
        validity = self.validities.get(measure) or unchecked(measure)
        if refused is not None:
            return Share.unstated(GroupEstimate.not_known(measure, refused), validity)
        by_area = weight is Weight.AREA
        whole = sums.area if by_area else sums.n
        expected = sums.area_expected if by_area else sums.expected
        estimates = self._estimates(measure)
        estimate, point = estimates.estimate(zone, weight), estimates.point
        if (offered := estimate.offered(validity.why_not)) is not estimate:
            return Share.unstated(offered, validity)
        decided = estimates.decided_weight(zone, weight)
        return Share(
            estimate,
            decided,
            mean_probability(expected, whole),
            None if point is None else point.raw,
            why_apart(measure, point, estimate.value, decided / whole if whole else None),
            weight,
            validity,
        )

    def _estimates(self, measure: str) -> ZoneEstimates:
        estimates = self.newspaper.get(measure) or self._alone.get(measure)
        if estimates is None:
            table, areas, zones = self.arrays.table(measure)
            alone = ZoneEstimates(
                table,
                areas,
                zones,
                np.ones(len(table), bool),
                self.arrays.verdicts(measure),
                self.rules.calibration_of(measure),
                self.rules.confidence,
            )
            estimates = self._alone[measure] = self._decided(measure, alone)
        return estimates

    def _decided(self, measure: str, alone: ZoneEstimates) -> ZoneEstimates:
        """Return estimates with what is decided, by the newspaper or by these photos alone."""
        if not by_calibration(measure):
            return alone
        if self.decisions is not None:
            point = self.decisions.points.get(measure)
        else:
            point = alone.own_point(self.rules.decision)
        if point is None:
            return alone
        return replace(alone, point=point, decided=decided_photos(alone.table, point.raw))

    @property
    def not_known(self) -> dict[str, str]:
        """The numbers that are not known, shares aside, each with the reason."""
        names = [*PLAIN, "leader_unsure", LEAD_FOCUS]
        reasons = {name: self.looked_for.why_not(name) for name in names}
        if not self.front_seen:
            reasons[LEAD_FOCUS] = reasons[LEAD_FOCUS] or NO_FRONT
        if self._counted(0.0) is None:
            unseen = {name: reasons[name] or NOT_YET for name in PLAIN if name != "pages"}
            reasons |= unseen | dict.fromkeys(self.counts, NOT_YET)
        return {name: why for name, why in reasons.items() if why is not None}

    @property
    def front_lead_note(self) -> str | None:
        """What the reading of the focus of the front page's lead is worth; or None."""
        focus = self.validities.get(FACILITY_FOCUS) or unchecked(FACILITY_FOCUS)
        if self.summary.front_lead_focus is None or lead_is_settled(self.photos):
            return None
        return focus.beside_one

    @property
    def coverage(self) -> Rounded | None:
        """Share of the pages that were analysed, 0–1."""
        return self.summary.pages_seen / self.summary.pages if self.summary.pages else None

    @cached_property
    def plain(self) -> Mapping[str, Rounded | None]:
        """The plain metrics by name; photos and pages as they are estimated."""
        estimated = {name: self._counted(count.value) for name, count in self.counts.items()}
        counted = plain_metrics(self.summary)
        found = {name: self._counted(value) for name, value in counted.items() if name != "pages"}
        return {**counted, **found, **estimated}

    def _counted(self, value: float | None) -> float | None:
        """Return a number of photos or pages; None until a page is analysed."""
        return value if self.summary.pages_seen else None

    @cached_property
    def intervals(self) -> Mapping[str, Interval | None]:
        """The intervals of those that are estimated, by name."""
        seen = self._counted(0.0) is not None
        return {name: count.interval if seen else None for name, count in self.counts.items()}

    @property
    def counts_method(self) -> str:
        """The method of these intervals."""
        return self.counts["photos"].method

    @property
    def machine_numbers(self) -> MachineNumbers:
        """The numbers that follow what people have settled, by the machine alone."""
        return MachineNumbers(self.machine, self._counted(self.machine_photos))

    @property
    def shares(self) -> dict[str, Share]:
        """The share of the photos by measure."""
        return self._shares(Zone.ALL, Weight.COUNT)

    @property
    def area_shares(self) -> dict[str, Share]:
        """The share of their printed area by measure."""
        return self._shares(Zone.ALL, Weight.AREA)

    @property
    def label_shares(self) -> dict[str, Share]:
        """The share of the photos by label."""
        return {name: self.share(f"{LABEL}{name}") for name in self._label_names()}

    @property
    def zones(self) -> dict[str, ZoneShares]:
        """The parts of the edition."""
        return {
            zone.value: ZoneShares(
                self._photos(zone),
                self._shares(zone, Weight.COUNT),
                self._shares(zone, Weight.AREA),
            )
            for zone in Zone
            if zone is not Zone.ALL
        }

    def _photos(self, zone: Zone) -> int | None:
        if (zone is Zone.FRONT and not self.front_seen) or self._counted(0.0) is None:
            return None
        return sum(zone in photo.zones for photo in self.photos)

    def _shares(self, zone: Zone, weight: Weight) -> dict[str, Share]:
        return {name: self.share(name, zone, weight) for name in BUILT_IN}

    def _label_names(self) -> list[str]:
        measures = self.arrays.probabilities
        read = (name.removeprefix(LABEL) for name in measures if name.startswith(LABEL))
        return list(dict.fromkeys([*self.labels, *read]))


def compose(
    pages: Sequence[PageRecord],
    rules: Aggregate,
    *,
    looked_for: LookedFor | None = None,
    labels: Sequence[str] = (),
    newspaper: Mapping[str, ZoneEstimates] | None = None,
    decisions: Decisions | None = None,
    checks: Mapping[int, PageCheck] | None = None,
    validities: Mapping[str, Validity] | None = None,
) -> Composition:
    """Return the composition of pages.

    Args:
        pages: Every page, seen or not.
        rules: Thresholds and level.
        looked_for: The figures that the photos were looked at for; None: for nobody.
        labels: Names of the labels that photos are read for, in the order in which they are shown.
        newspaper: Estimates that know of more than these photos, by measure.
        decisions: The newspaper's, about measures without such; None: these photos are all.
        checks: What people said of the photos of pages, by page number.
        validities: Whether the machine is worth anything in the newspaper, by measure.
    """
    looked_for = looked_for or LookedFor()
    figures = looked_for.figures
    photos = counted_photos(pages, rules, figures=figures)
    enrolled = looked_for.enrolled
    summary = summarise(pages, photos, figures=figures, enrolled=enrolled)
    shown = figure_numbers([one.figures for one in photos], figures, enrolled)
    reviewed = any(photo.consensus for photo in photos)
    counts = edition_counts(summary, checks or {}, confidence=rules.confidence)
    alone = edition_counts(summary, {}, confidence=rules.confidence) if checks else counts
    return Composition(
        summary=summary,
        machine=summarise(pages, by_machine(photos), figures=figures) if reviewed else summary,
        leader_placed=shown.leader_placed,
        photos=tuple(photos),
        arrays=EditionPhotos.of(photos),
        rules=rules,
        newspaper=newspaper or {},
        labels=tuple(labels),
        looked_for=looked_for,
        front_seen=any(page.is_front and page.seen for page in pages),
        counts=counts,
        machine_photos=alone["photos"].value,
        decisions=decisions,
        validities=validities or {},
    )


@dataclass(frozen=True, eq=False)
class ZoneEstimates:
    """The estimates of a measure of an edition."""

    # Photos of the edition, and further ones of its newspaper that inform, unless ``fitted`` knows
    # them; weights 1.
    table: PhotoTable
    areas: Numbers  # printed area of each photo, in pages, shape (n,)
    zones: NDArray[np.uint8]  # zones of each photo, as bits, shape (n,)
    counted: Mask  # which photos are the edition's, shape (n,)
    decided: Mask  # which photos are taken to show the measure, shape (n,)
    components: Calibration  # how far the machine's calibration may be off
    confidence: float  # level of the intervals
    coders: CoderAccuracy | None = None  # how often settled labels are right; None: not asked
    # By weight an estimator of all photos that inform, whose models are taken; those that are
    # lacking are made of ``table``.
    fitted: dict[Weight, ShareEstimator] = field(default_factory=dict)
    point: DecisionPoint | None = None  # the newspaper's; None where no calibration decides
    alone: ZoneEstimates | None = None  # by the machine alone; None: nobody's answers are drawn
    _estimates: dict[tuple[bytes, Weight], GroupEstimate] = field(default_factory=dict)

    def estimate(self, zone: Zone, weight: Weight = Weight.COUNT) -> GroupEstimate:
        """Return the estimate for a zone."""
        asked = self.counted & in_zone(self.zones, zone)
        # The photos of a page are those of its zone, too.
        key = asked.tobytes(), weight
        if key not in self._estimates:
            group = np.where(asked, 0, -1).astype(np.int64)
            estimator = self._base(weight).about(self._table(weight), group, (zone.value,))
            (made,) = estimator.estimates()
            if self.alone is not None:
                made = beside_machine(made, self.alone.estimate(zone, weight))
            self._estimates[key] = made
        return replace(self._estimates[key], group=zone.value)

    def decided_weight(self, zone: Zone, weight: Weight) -> float:
        """Return the weight of a zone's photos that are taken to show the measure."""
        at = self.counted & self.decided & in_zone(self.zones, zone)
        return float(self._table(weight).weight[at].sum())

    def own_point(self, decision: float) -> DecisionPoint | None:
        """Return from where on these photos are decided, as those of a newspaper by itself."""
        return newspaper_point(self._base(Weight.COUNT), decision)

    def _base(self, weight: Weight) -> ShareEstimator:
        """Return the estimator with the models of all photos."""
        if weight not in self.fitted:
            self.fitted[weight] = ShareEstimator(
                table=self._table(weight),
                group=np.full(len(self.table), -1),
                names=(),
                components=self.components,
                confidence=self.confidence,
                by_area=weight is Weight.AREA,
                coders=self.coders,
            )
        return self.fitted[weight]

    def _table(self, weight: Weight) -> PhotoTable:
        by_area = weight is Weight.AREA
        return replace(self.table, weight=self.areas) if by_area else self.table
