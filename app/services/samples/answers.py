"""What statistics read of people's answers: one sample's items, and picked photos beside them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
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
from presslens.app.services.samples.coder_accuracy import standing_answers
from presslens.pipelines.statistics.measure import Zone, one_question
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
    # 1 shows, 0 doesn't, shape (n,); NaN for a drawn photo without an answer: passed over, or
    # *can't tell*. Where coders disagree on one it is the first answer. A picked photo always has
    # a settled one.
    label: Numbers
    stratum: Ids  # stratum of a drawn photo, shape (n,); -1 for picked photos
    # Ids of the editions of the sample's closed frame; empty without a sample.
    frame: frozenset[int] = frozenset()
    sample: str | None = None  # name of the sample; None: there is none for this measure and zone
    zone: Zone = Zone.ALL  # the zone that it was drawn from
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
    """Return the measures with a settled answer or a sample, of the question that one answers."""
    named = union(select(SettledAnswerRow.measure), select(SampleMeasureRow.measure))
    return {name for one in session.scalars(named) for name in one_question(one)}


def load_answers(
    session: Session,
    recipe: Provenance,
    shares: Collection[tuple[str, Zone]],
    edition_ids: Collection[int],
) -> dict[tuple[str, Zone], SampleAnswers]:
    """Return the answers to measures in zones of editions: the items of one sample, and picks.

    One sample is used for each: of those for the measure that were drawn from the zone, or from all
    pages, the one with most settled answers in the editions; the latest of equals. Photos that were
    drawn in another one, and items that coders have not come to (``reached_items``), count as
    picked if they are settled, and are omitted if not. Answers under another codebook than the
    sample's answer another question: none of them counts beside it. Four queries, whatever the
    number of photos and measures. A sample that was drawn for one of the measures that one answer
    settles was drawn for all of these: the chance is that of the item, whatever made the strata.

    Args:
        recipe: The recipe whose photos are shares about.
        shares: Measures, each with a zone.
        edition_ids: Ids of the editions; others are left out.
    """
    if not shares:
        return {}
    editions = frozenset(edition_ids)
    asked = {(name, zone) for measure, zone in shares for name in one_question(measure)}
    samples = _samples(session, recipe, sorted({measure for measure, _ in asked}))
    prints = _prints(session, recipe, asked, editions)
    chosen = {
        (measure, zone): _most_answered(
            {
                sample: items
                for sample, items in samples.get(one_question(measure)[0], {}).items()
                if items[0].zone in (Zone.ALL, zone)
            },
            [one for name in one_question(measure) for one in prints[name, zone]],
        )
        for measure, zone in shares
    }
    frames = _frames(session, {sample for sample in chosen.values() if sample is not None})
    return {
        (measure, zone): _answers(
            _of_question(prints, measure, zone),
            chosen[measure, zone],
            samples.get(one_question(measure)[0], {}),
            frames,
            partial(standing_answers, session, measure),
        )
        for measure, zone in shares
    }


def _of_question(
    prints: Mapping[tuple[str, Zone], list[_Print]], measure: str, zone: Zone
) -> list[_Print]:
    """Return the photos of a measure, and those of its question without an answer to it."""
    own = prints[measure, zone]
    there = {(one.edition_id, one.photo_id) for one in own}
    others = {
        (one.edition_id, one.photo_id)
        for name in one_question(measure)
        for one in prints[name, zone]
    }
    return own + [_Print(photo, edition, None, None) for edition, photo in sorted(others - there)]


def _answers(
    prints: list[_Print],
    chosen: int | None,
    samples: Mapping[int, Sequence[_Item]],
    frames: Mapping[int, frozenset[int]],
    standing: Callable[[str], Mapping[int, bool]],
) -> SampleAnswers:
    """Return the answers to a measure in a zone, beside the items of the chosen sample.

    Args:
        standing: Returns ``standing_answers`` under a codebook.
    """
    items = samples[chosen] if chosen is not None else ()
    inclusion = _inclusion(items)
    if items:
        of_items = standing(items[0].codebook)
        disputed = {
            item.photo_id: of_items[item.item_id] for item in items if item.item_id in of_items
        }
        prints = [
            one._replace(shows=disputed.get(one.photo_id)) if one.shows is None else one
            for one in _under(items[0].codebook, prints)
        ]
    rows = [
        (one, *inclusion.get(one.photo_id, (np.nan, -1)))
        for one in prints
        if one.photo_id in inclusion or one.shows is not None
    ]
    arrays = (
        np.array([one.photo_id for one, *_ in rows], np.int64),
        np.array([one.edition_id for one, *_ in rows], np.int64),
        np.array([p for _, p, _ in rows], np.float64),
        np.array([np.nan if one.shows is None else one.shows for one, *_ in rows], np.float64),
        np.array([h for *_, h in rows], np.int64),
    )
    if chosen is None:
        return SampleAnswers(*arrays)
    lost = sum(item.photo_id is None for item in items)
    first = items[0]
    return SampleAnswers(
        *arrays, frames[chosen], first.name, first.zone, chosen, first.seed, lost, _uncovered(items)
    )


def _samples(
    session: Session, recipe: Provenance, measures: Sequence[str]
) -> dict[str, dict[int, list[_Item]]]:
    """Return the items of the samples of questions, in their order, by question and sample.

    A question goes by the first of its measures; an item of a sample for several of these stands
    here once.
    """
    photos = _sampled(session, recipe, measures)
    query = (
        select(
            SampleMeasureRow.measure,
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
        .where(SampleMeasureRow.measure.in_(measures))
        .order_by(SampleRow.id, SampleItemRow.place, SampleMeasureRow.position)
    )  # fmt: skip
    samples: dict[str, dict[int, list[_Item]]] = defaultdict(lambda: defaultdict(list))
    for measure, *row in session.connection().execute(query):
        item = _Item(*row, *photos.get((measure, row[5]), (None, None, None)))
        items = samples[one_question(measure)[0]][item.sample_id]
        if not items or items[-1].item_id != item.item_id:
            items.append(item)
    return samples


def _sampled(
    session: Session, recipe: Provenance, measures: Sequence[str]
) -> dict[tuple[str, int], tuple[int, ItemStatus, bool]]:
    """Return photo, status and whether it was coded since the draw, by measure and item.

    A query of its own: joined with all items, SQLite would begin with all photos.
    """
    query = (
        select(
            SampledPhotoRow.measure,
            SampledPhotoRow.item_id,
            SampledPhotoRow.photo_id,
            SampledPhotoRow.status,
            SampledPhotoRow.coded_since,
        )
        .join(PhotoRow, PhotoRow.id == SampledPhotoRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(
            SampledPhotoRow.measure.in_(measures),
            OutcomeRow.observation_id == recipe.observation_id,
        )
    )
    rows = session.connection().execute(query)
    return {(measure, item): (photo, status, since) for measure, item, photo, status, since in rows}


def _prints(
    session: Session,
    recipe: Provenance,
    shares: Collection[tuple[str, Zone]],
    editions: frozenset[int],
) -> dict[tuple[str, Zone], list[_Print]]:
    """Return the settled or sampled photos of editions, by measure and zone."""
    prints: dict[tuple[str, Zone], list[_Print]] = {one: [] for one in shares}
    if not editions:
        return prints
    zones = list(dict.fromkeys(zone for _, zone in shares))
    measures = sorted({measure for measure, _ in shares})
    rows = (SettledAnswerRow, SampledPhotoRow)
    answered = union(
        *(select(row.photo_id, row.measure).where(row.measure.in_(measures)) for row in rows)
    ).subquery()
    query = (
        # Zones are no condition: SQLite would take one for a reason to begin with all photos.
        select(
            answered.c.measure,
            PhotoRow.id,
            PageRow.edition_id,
            SettledAnswerRow.shows,
            SettledAnswerRow.codebook,
            *map(in_zone, zones),
        )
        .select_from(answered)
        .join(PhotoRow, PhotoRow.id == answered.c.photo_id)
        .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .outerjoin(
            SettledAnswerRow,
            and_(
                SettledAnswerRow.photo_id == answered.c.photo_id,
                SettledAnswerRow.measure == answered.c.measure,
            ),
        )
        .where(
            OutcomeRow.observation_id == recipe.observation_id,
            PageRow.edition_id.between(min(editions), max(editions)),
        )
        .order_by(PageRow.edition_id, PhotoRow.id)
    )
    for measure, photo, edition, shows, codebook, *inside in session.connection().execute(query):
        for zone in (zone for zone, is_in in zip(zones, inside, strict=True) if is_in):
            if edition in editions and (measure, zone) in prints:
                prints[measure, zone].append(_Print(photo, edition, shows, codebook))
    return prints


def _under(codebook: str, prints: Sequence[_Print]) -> list[_Print]:
    """Return photos without the answers that follow another codebook."""
    return [one if one.codebook == codebook else one._replace(shows=None) for one in prints]


def _most_answered(samples: Mapping[int, Sequence[_Item]], prints: Sequence[_Print]) -> int | None:
    decided = Counter(one.photo_id for one in prints if one.shows is not None)
    answered = {
        sample_id: sum(decided[item.photo_id] for item in items if item.photo_id is not None)
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


def _frames(session: Session, samples: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the ids of the editions of the closed frames of samples."""
    frames: dict[int, list[int]] = {sample: [] for sample in samples}
    query = select(SampleEditionRow.sample_id, SampleEditionRow.edition_id)
    if samples:
        for sample, edition in session.execute(
            query.where(SampleEditionRow.sample_id.in_(samples))
        ):
            frames[sample].append(edition)
    return {sample: frozenset(editions) for sample, editions in frames.items()}
