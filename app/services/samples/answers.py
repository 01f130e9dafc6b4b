"""What statistics read of people's answers: the items of samples, and picked photos beside them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select, union
from sqlalchemy.orm import Session

from presslens.app.db.queries import in_zone
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.samples import (
    IN_STRATUM,
    SampledPhotoRow,
    SampleItemRow,
    SampleMeasureRow,
    SampleStratumRow,
)
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow, PublicationRow
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.samples.coder_accuracy import standing_answers
from presslens.app.services.samples.frames import (
    SampleFrames,
    StoredFrame,
    asked_measures,
    sample_frames,
)
from presslens.models.subjects.codebook import entry_version
from presslens.pipelines.statistics.measure import BITS, Zone, one_question
from presslens.pipelines.statistics.sample_item import (
    ANSWERS,
    ItemProgress,
    ItemStatus,
    reached_items,
)

Numbers = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class UsedSample:
    """A sample whose draws count."""

    frame: StoredFrame
    lost: int  # its drawn photos, of any edition, that the recipe does not find again
    waiting: int  # those that coders have not come to


@dataclass(frozen=True, slots=True, eq=False)
class SampleAnswers:
    """The answers to one measure in some editions; n photos.

    A photo that several editions print stands here once for each of them.
    """

    photo: Ids  # ids of the photos under the recipe, shape (n,)
    edition: Ids  # ids of the editions that print them, shape (n,)
    # Probability that any of the samples drew the photo, 0–1, shape (n,); NaN for picked photos.
    inclusion: Numbers
    # 1 shows, 0 doesn't, shape (n,); NaN for a drawn photo without an answer: passed over, or
    # *can't tell*. Where coders disagree on one it is the first answer. A picked photo always has
    # a settled one.
    label: Numbers
    stratum: Ids  # stratum of a drawn photo, shape (n,); -1 for picked photos
    samples: tuple[UsedSample, ...] = ()  # the one with most answers first
    # Samples whose answers don't count beside these, as they were drawn by another rule.
    apart: tuple[StoredFrame, ...] = ()

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Which photos were drawn, shape (n,)."""
        return ~np.isnan(self.inclusion)

    def touching(self, editions: Iterable[int]) -> tuple[UsedSample, ...]:
        """Return the samples that were drawn from any of some editions, by id."""
        ids = set(editions)
        return tuple(one for one in self.samples if not ids.isdisjoint(one.frame.editions))

    def framed(self, edition: Ids, zones: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Return which photos could have been drawn, shape (m,).

        Args:
            edition: Id of the edition of each photo, shape (m,).
            zones: Its zones, as bits, shape (m,).
        """
        framed = np.zeros(len(edition), bool)
        for one in self.samples:
            editions = np.isin(edition, list(one.frame.editions))
            framed |= editions & np.asarray((zones & BITS[one.frame.zone]) > 0)
        return framed


class _Item(NamedTuple):
    """An item of a sample; ``photo_id`` and what follows is None where the recipe finds none."""

    sample_id: int
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
    """A photo in an edition that prints it, and the codebook's entry that its answer follows."""

    photo_id: int
    edition_id: int
    newspaper: str
    zones: frozenset[Zone]  # those of samples, beside all pages
    shows: bool | None
    codebook: str | None


def answered_measures(session: Session) -> set[str]:
    """Return the measures with a settled answer or a sample, of the question that one answers."""
    named = frozenset[str]().union(*asked_measures(session))
    return {name for one in named for name in one_question(one)}


def load_answers(
    session: Session,
    recipe: Provenance,
    measures: Collection[str],
    edition_ids: Collection[int],
) -> dict[str, SampleAnswers]:
    """Return the answers to measures in editions: the items of samples, and picks.

    All samples of a measure that were drawn by one rule count together (``StoredFrame.rule``): a
    photo that any of them could have drawn has the probability that one of them drew it, so that a
    further sample of a part of a frame adds to the first (Bankier 1986,
    doi 10.1080/01621459.1986.10478364). Of several rules that with most answers counts, in each
    pool of newspapers, whatever editions are asked about (``frames``). Photos that only other
    samples drew, and items that coders have not come to (``reached_items``), count as picked if
    they are settled, and are omitted if not. Answers under another codebook than the samples'
    answer another question: none of them counts beside these. A sample that was drawn for one of
    the measures that one answer settles was drawn for all of these: the chance is that of the item,
    whatever made the strata.

    Args:
        recipe: The recipe whose photos the answers are about.
        edition_ids: Ids of the editions; others are left out.
    """
    if not measures:
        return {}
    frames = sample_frames(session)
    every = sorted({name for measure in measures for name in one_question(measure)})
    items = _items(session, recipe, every)
    chosen = {
        question: _chosen(frames, question, items.get(question[0], {}))
        for question in {one_question(measure) for measure in measures}
    }
    zones = {one.zone for of in chosen.values() for one in of} - {Zone.ALL}
    prints = _prints(session, recipe, every, frozenset(edition_ids), sorted(zones))
    return {
        measure: replace(
            _answers(
                measure,
                _of_question(prints, measure),
                chosen[one_question(measure)],
                items.get(one_question(measure)[0], {}),
                frozenset(edition_ids),
                partial(standing_answers, session, measure),
            ),
            apart=tuple(
                one
                for one in frames.frames
                if one not in chosen[one_question(measure)]
                and not one.editions.isdisjoint(edition_ids)
                and _answered(items.get(one_question(measure)[0], {}).get(one.id, ()))
            ),
        )
        for measure in measures
    }


def _chosen(
    frames: SampleFrames, question: tuple[str, ...], items: Mapping[int, Sequence[_Item]]
) -> list[StoredFrame]:
    """Return the samples that count, those with most answers first: of one rule in each pool."""
    answered = {sample: _answered(of_sample) for sample, of_sample in items.items()}
    chosen: list[StoredFrame] = []
    for pool in frames.pools(question):
        there = [one for one in pool.frames if one.id in items]
        answers = Counter({one.rule: 0 for one in there})
        for one in there:
            answers[one.rule] += answered[one.id]
        latest = {one.rule: one.id for one in there}
        best = max(answers, key=lambda rule: (answers[rule], latest[rule]), default=None)
        chosen += [one for one in there if one.rule == best]
    return sorted(chosen, key=lambda one: (-answered[one.id], -one.id))


def _answered(items: Iterable[_Item]) -> int:
    return sum(item.status in ANSWERS for item in items)


def _of_question(prints: Mapping[str, list[_Print]], measure: str) -> list[_Print]:
    """Return the photos of a measure, and those of its question without an answer to it."""
    own = {(one.edition_id, one.photo_id): one for one in prints[measure]}
    others = {
        (one.edition_id, one.photo_id): one._replace(shows=None, codebook=None)
        for name in one_question(measure)
        for one in prints[name]
    }
    return [*own.values(), *(others[key] for key in sorted(others.keys() - own.keys()))]


def _answers(
    measure: str,
    prints: list[_Print],
    chosen: Sequence[StoredFrame],
    items: Mapping[int, Sequence[_Item]],
    editions: frozenset[int],
    standing: Callable[[str], Mapping[int, bool]],
) -> SampleAnswers:
    """Return the answers to a measure, beside the items of the samples that count.

    Args:
        standing: Returns ``standing_answers`` under an entry of the codebook.
    """
    reached = {one.id: reached_items([item.progress for item in items[one.id]]) for one in chosen}
    inclusion = _inclusion(prints, chosen, items, reached)
    books = {one.id: entry_version(one.codebook, measure) for one in chosen}
    codebooks = {paper: books[one.id] for one in chosen for paper in one.newspapers}
    disputed: dict[int | None, bool] = {}
    for frame in chosen:
        of_items = standing(books[frame.id])
        disputed |= {
            item.photo_id: of_items[item.item_id]
            for item in items[frame.id]
            if item.item_id in of_items
        }
    prints = [
        one._replace(shows=disputed.get(one.photo_id)) if one.shows is None else one
        for one in _under(codebooks, prints)
    ]
    rows = [
        (one, *inclusion.get(one.photo_id, (np.nan, -1)))
        for one in prints
        if one.photo_id in inclusion or one.shows is not None
    ]
    used = []
    for one in chosen:
        lost = sum(item.photo_id is None for item in items[one.id])
        open_ = sum(not is_there for is_there in reached[one.id])
        used.append(UsedSample(one, lost, max(0, open_ - lost)))
    found = SampleAnswers(
        np.array([one.photo_id for one, *_ in rows], np.int64),
        np.array([one.edition_id for one, *_ in rows], np.int64),
        np.array([p for _, p, _ in rows], np.float64),
        np.array([np.nan if one.shows is None else one.shows for one, *_ in rows], np.float64),
        np.array([h for *_, h in rows], np.int64),
        tuple(used),
    )
    return replace(found, samples=found.touching(editions))


def _items(
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
            SampleItemRow.sample_id, SampleItemRow.id, SampleItemRow.stratum,
            SampleStratumRow.size, SampleItemRow.coder,
        )
        .join(SampleItemRow, SampleItemRow.sample_id == SampleMeasureRow.sample_id)
        .join(SampleStratumRow, IN_STRATUM)
        .where(SampleMeasureRow.measure.in_(measures))
        .order_by(SampleItemRow.sample_id, SampleItemRow.place, SampleMeasureRow.position)
    )  # fmt: skip
    samples: dict[str, dict[int, list[_Item]]] = defaultdict(lambda: defaultdict(list))
    for measure, sample, id_, stratum, size, coder in session.connection().execute(query):
        item = _Item(
            sample, id_, stratum, size, coder, *photos.get((measure, id_), (None, None, None))
        )
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
    measures: Sequence[str],
    editions: frozenset[int],
    zones: Sequence[Zone],
) -> dict[str, list[_Print]]:
    """Return the settled or sampled photos of editions, by measure."""
    prints: dict[str, list[_Print]] = {one: [] for one in measures}
    if not editions:
        return prints
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
            PublicationRow.name,
            SettledAnswerRow.shows,
            SettledAnswerRow.codebook,
            *map(in_zone, zones),
        )
        .select_from(answered)
        .join(PhotoRow, PhotoRow.id == answered.c.photo_id)
        .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
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
    for (
        measure,
        photo,
        edition,
        newspaper,
        shows,
        codebook,
        *inside,
    ) in session.connection().execute(query):
        if edition in editions:
            there = frozenset(zone for zone, is_in in zip(zones, inside, strict=True) if is_in)
            prints[measure].append(_Print(photo, edition, newspaper, there, shows, codebook))
    return prints


def _under(codebooks: Mapping[str, str], prints: Sequence[_Print]) -> list[_Print]:
    """Return photos without the answers that follow another codebook than their newspaper's."""
    return [
        one
        if one.codebook == codebooks.get(one.newspaper, one.codebook)
        else one._replace(shows=None)
        for one in prints
    ]


def _inclusion(
    prints: Iterable[_Print],
    chosen: Sequence[StoredFrame],
    items: Mapping[int, Sequence[_Item]],
    reached: Mapping[int, Sequence[bool]],
) -> dict[int, tuple[float, int]]:
    """Return the inclusion probability and the stratum of each photo that coders came to."""
    rates: dict[int, Mapping[int, float]] = {}
    strata: dict[int, int] = {}
    by: dict[int, set[int]] = defaultdict(set)  # the samples that drew each photo, or could have
    for frame in chosen:
        pairs = zip(items[frame.id], reached[frame.id], strict=True)
        there = [item for item, is_there in pairs if is_there]
        drawn = Counter(item.stratum for item in there)
        sizes = {item.stratum: item.size for item in there}
        rates[frame.id] = {h: min(1.0, n / sizes[h]) for h, n in drawn.items()}
        for item in there:
            if item.photo_id is not None:
                strata.setdefault(item.photo_id, item.stratum)
                by[item.photo_id].add(frame.id)
    for one in prints if len(chosen) > 1 else ():
        if one.photo_id in strata:
            by[one.photo_id] |= {
                frame.id for frame in chosen if frame.holds(one.edition_id, one.zones)
            }
    orders = {frame.id: frame.order for frame in chosen}
    return {photo: (_any(by[photo], rates, h, orders), h) for photo, h in strata.items()}


def _any(
    samples: Collection[int],
    rates: Mapping[int, Mapping[int, float]],
    stratum: int,
    orders: Mapping[int, tuple[int, str, Zone]],
) -> float:
    """Return the probability that any of some samples drew a photo of a stratum."""
    if len(samples) == 1:
        return rates[next(iter(samples))][stratum]
    of_order: dict[tuple[int, str, Zone], float] = defaultdict(float)
    for one in samples:  # of one order the larger sample holds the smaller
        of_order[orders[one]] = max(of_order[orders[one]], rates[one].get(stratum, 0.0))
    return 1 - prod(1 - rate for rate in of_order.values())
