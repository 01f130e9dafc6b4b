"""What statistics read of people's answers: one sample's items, and picked photos beside them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select, union
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_answers
from presslens.app.db.queries import in_zone
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.samples import (
    SampledPhotoRow,
    SampleEditionRow,
    SampleItemRow,
    SampleMeasureRow,
    SampleRow,
    SampleStratumRow,
)
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.services.recipes.recipes import Provenance
from presslens.pipelines.statistics.measure import Zone
from presslens.pipelines.statistics.sample_item import ItemProgress, ItemStatus, reached_items

Numbers = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SampleAnswers:
    """The answers to one measure in one zone of some editions; n photos.

    A photo that several editions print stands here once for each of them.
    """

    photo: Ids  # ids of the photos under the recipe, shape (n,)
    edition: Ids  # ids of the editions that print them, shape (n,)
    # Probability that the photo was drawn, 0–1, shape (n,); NaN for picked photos.
    inclusion: Numbers
    # 1 shows, 0 doesn't, shape (n,); NaN for a drawn photo without a settled answer: passed over,
    # *can't tell*, or disputed. A picked photo always has one.
    label: Numbers
    stratum: Ids  # stratum of a drawn photo, shape (n,); -1 for picked photos
    # Ids of the editions of the sample's closed frame; empty without a sample.
    frame: frozenset[int] = frozenset()
    sample: str | None = None  # name of the sample; None: there is none for this measure and zone
    sample_id: int | None = None
    seed: int | None = None
    lost: int = 0  # drawn photos of the sample, of any edition, that the recipe does not find again
    uncovered: int = 0  # photos of the frame in strata of which coders have come to none as yet

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Which photos were drawn, shape (n,)."""
        return ~np.isnan(self.inclusion)


class _Item(NamedTuple):
    """An item of a sample; ``photo_id`` and what follows is None where the recipe finds none."""

    sample_id: int
    name: str
    zone: Zone
    seed: int
    codebook: str
    item_id: int
    stratum: int
    size: int
    coder: str | None
    photo_id: int | None
    status: ItemStatus | None
    coded_since: bool | None

    @property
    def progress(self) -> ItemProgress:
        coded = self.status not in (None, ItemStatus.OPEN)
        return ItemProgress(self.coder, coded, bool(self.coded_since))


class _Print(NamedTuple):
    """A photo in an edition that prints it, and the codebook that its answer follows."""

    photo_id: int
    edition_id: int
    shows: bool | None
    codebook: str | None


@by_answers
def answered_measures(session: Session) -> set[str]:
    """Return the measures with a settled answer or a sample."""
    return set(
        session.scalars(union(select(SettledAnswerRow.measure), select(SampleMeasureRow.measure)))
    )


def load_answers(
    session: Session,
    recipe: Provenance,
    measure: str,
    zone: Zone,
    edition_ids: Collection[int],
) -> SampleAnswers:
    """Return the answers to a measure in a zone of editions: the items of one sample, and picks.

    One sample is used: of those for the measure that were drawn from the zone, or from all pages,
    the one with most settled answers in the editions; the latest of equals. Photos that were
    drawn in another one, and items that coders have not come to (``reached_items``), count as
    picked if they are settled, and are omitted if not. Answers under another codebook than the
    sample's answer another question: none of them counts beside it. Four queries, whatever the
    number of photos.

    Args:
        recipe: The recipe whose photos are asked about.
        edition_ids: Ids of the editions; others are left out.
    """
    wanted = frozenset(edition_ids)
    samples = _samples(session, recipe, measure, zone)
    prints = _prints(session, recipe, measure, zone, wanted)
    chosen = _most_answered(samples, prints)
    inclusion: dict[int, tuple[float, int]] = {}
    if chosen is not None:
        inclusion = _inclusion(samples[chosen])
        prints = _under(samples[chosen][0].codebook, prints)
    rows = [
        (one, *inclusion.get(one.photo_id, (np.nan, -1)))
        for one in prints
        if one.photo_id in inclusion or one.shows is not None
    ]
    answers = SampleAnswers(
        np.array([one.photo_id for one, *_ in rows], np.int64),
        np.array([one.edition_id for one, *_ in rows], np.int64),
        np.array([p for _, p, _ in rows], np.float64),
        np.array([np.nan if one.shows is None else one.shows for one, *_ in rows], np.float64),
        np.array([h for *_, h in rows], np.int64),
    )
    if chosen is None:
        return answers
    items = samples[chosen]
    return SampleAnswers(
        answers.photo,
        answers.edition,
        answers.inclusion,
        answers.label,
        answers.stratum,
        _frame(session, chosen),
        items[0].name,
        chosen,
        items[0].seed,
        sum(item.photo_id is None for item in items),
        _uncovered(items),
    )


def _samples(
    session: Session, recipe: Provenance, measure: str, zone: Zone
) -> dict[int, list[_Item]]:
    """Return the items of the samples that cover a zone, in their order, by sample."""
    photos = _sampled(session, recipe, measure)
    query = (
        select(
            SampleRow.id, SampleRow.name, SampleRow.zone, SampleRow.seed, SampleRow.codebook,
            SampleItemRow.id, SampleItemRow.stratum, SampleStratumRow.size, SampleItemRow.coder,
        )
        .join(SampleMeasureRow, SampleMeasureRow.sample_id == SampleRow.id)
        .join(SampleItemRow, SampleItemRow.sample_id == SampleRow.id)
        .join(
            SampleStratumRow,
            and_(
                SampleStratumRow.sample_id == SampleRow.id,
                SampleStratumRow.stratum == SampleItemRow.stratum,
            ),
        )
        .where(SampleMeasureRow.measure == measure, SampleRow.zone.in_({Zone.ALL, zone}))
        .order_by(SampleRow.id, SampleItemRow.place)
    )  # fmt: skip
    samples: dict[int, list[_Item]] = defaultdict(list)
    for row in session.connection().execute(query):
        samples[row[0]].append(_Item(*row, *photos.get(row[5], (None, None, None))))
    return samples


def _sampled(
    session: Session, recipe: Provenance, measure: str
) -> dict[int, tuple[int, ItemStatus, bool]]:
    """Return photo, status and whether it was coded since the draw, by item.

    A query of its own: joined with all items, SQLite would begin with all photos.
    """
    query = (
        select(
            SampledPhotoRow.item_id,
            SampledPhotoRow.photo_id,
            SampledPhotoRow.status,
            SampledPhotoRow.coded_since,
        )
        .join(PhotoRow, PhotoRow.id == SampledPhotoRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(
            SampledPhotoRow.measure == measure,
            OutcomeRow.observation_id == recipe.observation_id,
        )
    )
    rows = session.connection().execute(query)
    return {item: (photo, status, since) for item, photo, status, since in rows}


def _prints(
    session: Session, recipe: Provenance, measure: str, zone: Zone, wanted: frozenset[int]
) -> list[_Print]:
    """Return the settled or sampled photos of a zone of editions."""
    if not wanted:
        return []
    settled = select(SettledAnswerRow.photo_id).where(SettledAnswerRow.measure == measure)
    sampled = select(SampledPhotoRow.photo_id).where(SampledPhotoRow.measure == measure)
    of_measure = (SettledAnswerRow.photo_id == PhotoRow.id) & (SettledAnswerRow.measure == measure)
    query = (
        # Not a condition: SQLite would take the zone for a reason to begin with all photos.
        select(
            PhotoRow.id,
            PageRow.edition_id,
            SettledAnswerRow.shows,
            SettledAnswerRow.codebook,
            in_zone(zone),
        )
        .select_from(PhotoRow)
        .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .outerjoin(SettledAnswerRow, of_measure)
        .where(
            PhotoRow.id.in_(union(settled, sampled)),
            OutcomeRow.observation_id == recipe.observation_id,
            PageRow.edition_id.between(min(wanted), max(wanted)),
        )
        .order_by(PageRow.edition_id, PhotoRow.id)
    )
    return [
        _Print(photo_id, edition_id, shows, codebook)
        for photo_id, edition_id, shows, codebook, inside in session.connection().execute(query)
        if inside and edition_id in wanted
    ]


def _under(codebook: str, prints: Sequence[_Print]) -> list[_Print]:
    """Return photos without the answers that follow another codebook."""
    return [one if one.codebook == codebook else one._replace(shows=None) for one in prints]


def _most_answered(samples: Mapping[int, Sequence[_Item]], prints: Sequence[_Print]) -> int | None:
    settled = Counter(one.photo_id for one in prints if one.shows is not None)
    answered = {
        sample_id: sum(settled[item.photo_id] for item in items if item.photo_id is not None)
        for sample_id, items in samples.items()
    }
    return max(answered, key=lambda sample_id: (answered[sample_id], sample_id), default=None)


def _uncovered(items: Sequence[_Item]) -> int:
    reached = reached_items([item.progress for item in items])
    covered = {item.stratum for item, there in zip(items, reached, strict=True) if there}
    sizes = {item.stratum: item.size for item in items}
    return sum(size for stratum, size in sizes.items() if stratum not in covered)


def _inclusion(items: Sequence[_Item]) -> dict[int, tuple[float, int]]:
    """Return the inclusion probability and the stratum of each photo that coders came to."""
    reached = reached_items([item.progress for item in items])
    drawn = Counter(item.stratum for item, there in zip(items, reached, strict=True) if there)
    inclusion: dict[int, tuple[float, int]] = {}
    for item, there in zip(items, reached, strict=True):
        if there and item.photo_id is not None:
            probability = min(1.0, drawn[item.stratum] / item.size)
            inclusion.setdefault(item.photo_id, (probability, item.stratum))
    return inclusion


def _frame(session: Session, sample_id: int) -> frozenset[int]:
    return frozenset(
        session.scalars(select(SampleEditionRow.edition_id).filter_by(sample_id=sample_id))
    )
