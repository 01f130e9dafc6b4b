"""The closed frames of samples, and the pools of newspapers that they make.

Newspapers that a sample was drawn from together are one pool: the sample says of all of them what
it says of one. Every other newspaper is a pool of its own. A number is made of the whole pool,
whatever is asked beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from sqlalchemy import literal, select, union
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_answers, by_revision
from presslens.app.db.publications import find_publication
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.samples import SampleEditionRow, SampleMeasureRow, SampleRow
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.models.message import Message
from presslens.models.subjects.codebook import entry_version
from presslens.pipelines.statistics.explanations import name_metric
from presslens.pipelines.statistics.measure import Zone, one_question
from presslens.pipelines.statistics.metrics import Metric

SampleRule = tuple[str, str, str]
"""The measure that made the strata, the recipe, and the version of the codebook's entry."""


def sample_rule(measure: str, recipe_id: str, codebook: str) -> SampleRule:
    """Return what samples have in common whose answers count together."""
    return measure, recipe_id, entry_version(codebook, measure)


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A sample of photos and its closed frame."""

    id: int  # of the sample
    name: str
    seed: int
    zone: Zone  # the part of each edition that it was drawn from
    measures: tuple[str, ...]  # what coders are asked for; the first made the strata
    recipe_id: str  # the recipe whose probabilities made the strata
    codebook: str
    editions: frozenset[int]  # ids of the editions
    newspapers: frozenset[str]

    @property
    def rule(self) -> SampleRule:
        """What samples have in common in which a photo has the same stratum and question."""
        return sample_rule(self.measures[0], self.recipe_id, self.codebook)

    @property
    def order(self) -> tuple[int, str, Zone]:
        """What decides the random order: samples of two orders are independent draws."""
        return self.seed, self.measures[0], self.zone

    def holds(self, edition: int, zones: Collection[Zone]) -> bool:
        """Return whether a photo of an edition, in some zones, could have been drawn."""
        return edition in self.editions and (self.zone is Zone.ALL or self.zone in zones)


@dataclass(frozen=True, slots=True)
class NewspaperPool:
    """Newspapers that samples were drawn from together."""

    newspapers: frozenset[str]
    frames: tuple[StoredFrame, ...]  # by id of the sample


@dataclass(frozen=True, slots=True)
class SampleFrames:
    """The frames of all samples of photos, by id of the sample."""

    frames: tuple[StoredFrame, ...]

    def pools(self, question: Collection[str]) -> list[NewspaperPool]:
        """Return the pools of the newspapers that samples were drawn from for any of measures."""
        pools: list[NewspaperPool] = []
        for frame in self.frames:
            if set(question).isdisjoint(frame.measures) or not frame.editions:
                continue
            near = [one for one in pools if not one.newspapers.isdisjoint(frame.newspapers)]
            names = frame.newspapers.union(*(one.newspapers for one in near))
            frames = sorted(
                [frame, *(other for one in near for other in one.frames)], key=lambda one: one.id
            )
            pools = [one for one in pools if one not in near]
            pools.append(NewspaperPool(names, tuple(frames)))
        return pools

    def closed(self, question: Collection[str], names: Iterable[str]) -> list[frozenset[str]]:
        """Return the pools of some newspapers, by the first name of each."""
        pools = self.pools(question)
        found = {
            next((one.newspapers for one in pools if name in one.newspapers), frozenset({name}))
            for name in names
        }
        return sorted(found, key=min)


@by_answers
def asked_measures(session: Session) -> tuple[frozenset[str], frozenset[str]]:
    """Return the measures with a settled answer, and those of samples."""
    settled = select(literal(False), SettledAnswerRow.measure)
    rows = session.execute(union(settled, select(literal(True), SampleMeasureRow.measure))).all()
    answered, drawn = (frozenset(name for is_drawn, name in rows if is_drawn == k) for k in (0, 1))
    return answered, drawn


def sample_frames(session: Session) -> SampleFrames:
    """Return the frames of all samples of photos, as far as their editions are at hand."""
    return _frames(session) if asked_measures(session)[1] else SampleFrames(())


def samples_apart(
    session: Session,
    measures: Sequence[str],
    rule: SampleRule,
    publication: str | None,
    *,
    drawn: int | None = None,
) -> tuple[str, ...]:
    """Return why answers to other samples don't count together with those of one, and what to do.

    Args:
        measures: What coders of the sample are asked for.
        rule: Its rule, as of ``StoredFrame``.
        publication: The newspaper that it is drawn from; None: all.
        drawn: Its id; None: it is not drawn yet.
    """
    row = None if publication is None else find_publication(session, publication)
    words = []
    for one in sample_frames(session).frames:
        shared = [name for name in measures if not set(one_question(name)).isdisjoint(one.measures)]
        elsewhere = row is not None and row.name not in one.newspapers
        if one.id != drawn and one.rule != rule and shared and not elsewhere:
            words.append(_apart_words(one, shared[0], rule, drawn is not None))
    return tuple(words)


def _apart_words(one: StoredFrame, measure: str, rule: SampleRule, drawn: bool) -> Message:
    led = one.rule[0] != rule[0]
    leading = name_metric(Metric(one.rule[0]))
    why = Message("is drawn by %(leading)s", leading=leading)
    if not led:
        why = Message("was drawn under another recipe or codebook")
    what = Message("go on with %(name)s alone", name=one.name)
    if drawn:
        what = Message("go on with one of the two")
    elif led:
        what = Message(
            "let %(leading)s decide how this one is drawn, or make %(name)s larger",
            leading=leading,
            name=one.name,
        )
    return Message(
        "the sample %(name)s asks about %(measure)s too, but %(why)s: only the answers of the one"
        " with more of them count; %(what)s",
        name=one.name,
        measure=name_metric(Metric(measure)),
        why=why,
        what=what,
    )


@by_revision
def _frames(session: Session) -> SampleFrames:
    editions: dict[int, set[int]] = defaultdict(set)
    newspapers: dict[int, set[str]] = defaultdict(set)
    query = (
        select(SampleEditionRow.sample_id, EditionRow.id, PublicationRow.name)
        .join(EditionRow, EditionRow.id == SampleEditionRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
    )
    for sample, edition, name in session.execute(query):
        editions[sample].add(edition)
        newspapers[sample].add(name)
    columns = SampleRow.id, SampleRow.name, SampleRow.seed, SampleRow.zone
    drawn = (
        select(*columns, SampleRow.recipe_id, SampleRow.codebook, SampleMeasureRow.measure)
        .join(SampleMeasureRow, SampleMeasureRow.sample_id == SampleRow.id)
        .order_by(SampleRow.id, SampleMeasureRow.position)
    )
    rows = session.execute(drawn).all() if editions else ()
    return SampleFrames(
        tuple(
            StoredFrame(
                id_,
                name,
                seed,
                zone,
                tuple(row.measure for row in of_sample),
                recipe_id,
                codebook,
                frozenset(editions[id_]),
                frozenset(newspapers[id_]),
            )
            for (id_, name, seed, zone, recipe_id, codebook), of_sample in groupby(
                rows, key=itemgetter(0, 1, 2, 3, 4, 5)
            )
        )
    )
