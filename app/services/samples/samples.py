"""Lists samples and their items, with what coders have made of them so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, EditRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.samples import (
    SampledPhotoRow,
    SampleEditionRow,
    SampleItemRow,
    SampleKind,
    SampleRow,
)
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import (
    EditionRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    ScanRow,
)
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.samples.frames import sample_rule, samples_apart
from presslens.app.services.samples.questions import questions, work_in_words
from presslens.models.geometry import Box
from presslens.pipelines.result import Moment, Rounded, Served
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.sample_item import (
    ANSWERS,
    ItemProgress,
    ItemStatus,
    reached_items,
)

ITEM_COLUMNS = (
    "sample", "place", "photo", "publication", "date", "edition", "page", "page_number",
    "scan_sha256", "scan_frame", "x0", "y0", "x1", "y1", "stratum", "inclusion_probability",
    "probability", "coder", "second", "second_coder", "measure", "status", "answer",
)  # fmt: skip
"""The columns of the table of a sample's items; a row is an item and a measure."""

WRITTEN = {True: "yes", False: "no", None: ""}
"""How the table writes a settled answer; an item without one has an empty cell."""


@dataclass(frozen=True, slots=True)
class PrintedOn(Served):
    """The first page that prints an item."""

    publication: str
    date: date
    edition: int  # id of the edition
    page: int  # id of the page
    page_number: int  # number of the page, from 1


@dataclass(frozen=True, slots=True)
class ItemAnswer(Served):
    """What coders made of an item for one measure; ``shows`` is None without a settled answer."""

    status: ItemStatus
    shows: bool | None


@dataclass(frozen=True, slots=True)
class SampleItem(Served):
    """An item of a sample."""

    SERVED: ClassVar[str] = """
        item=id place photo=photo_id *printed scan_sha256 scan_frame
        x0=box.x0:6 y0=box.y0:6 x1=box.x1:6 y1=box.y1:6 stratum inclusion_probability=inclusion
        probability:6 coder second second_coder answers
    """

    id: int
    place: int  # its place in the random order, from 0
    stratum: int  # its stratum, from 0
    # Probability that it was drawn, 0–1; None as long as coders have not come to it.
    inclusion: float | None
    probability: float | None  # the machine's at the time of the draw, 0–1; None for a page
    scan_id: int
    scan_sha256: str  # hash of the scan's bytes
    scan_frame: int  # which image of that file
    box: Box  # its box, in shares of the page
    # Its photo under today's recipe; None if there is none, or if it is a page.
    photo_id: int | None
    printed: PrintedOn | None  # None if no page of the editions at hand prints it
    coder: str | None  # the coder that it is assigned to; None: anybody
    second: bool  # a second coder is to code it as well
    second_coder: str | None  # the second coder; None: anybody else
    answers: dict[str, ItemAnswer]  # by measure

    @property
    def answered(self) -> bool:
        """Whether all measures have a settled answer."""
        return all(answer.status in ANSWERS for answer in self.answers.values())

    @property
    def adjudicated(self) -> bool:
        """Whether an adjudicator has settled a measure."""
        return any(one.status is ItemStatus.ADJUDICATED for one in self.answers.values())

    def rows(self, sample: str) -> list[dict[str, Any]]:
        """Return a flat row for each measure; see ``ITEM_COLUMNS``."""
        document = {**self.to_json(), "sample": sample}
        return [
            {
                **document,
                "measure": measure,
                "status": one.status.value,
                "answer": WRITTEN[one.shows],
            }
            for measure, one in self.answers.items()
        ]


@dataclass(frozen=True, slots=True)
class StratumState:
    """A stratum of a sample: photos or pages in the frame, drawn, come to, and answered.

    ``answered`` counts those with a settled answer to the first measure.
    """

    stratum: int
    definition: str
    size: int
    drawn: int
    reached: int
    answered: int


@dataclass(frozen=True, slots=True)
class SampleState(Served):
    """A stored sample."""

    SERVED: ClassVar[str] = """
        id name kind measures questions work page=zone weight publication
        from=first_date to=last_date seed coders second_share repeat_share wished_width
        recipe=recipe_id codebook created_at frame editions_since items strata
        progress=served_progress lost apart edit=edit_id advice
    """

    id: int
    name: str
    kind: SampleKind  # photos, or pages
    measures: tuple[str, ...]  # what coders are asked for
    zone: Zone  # the part of each edition
    weight: Weight  # the weight of each photo
    publication: str | None  # the newspaper that was asked for; None: all
    first_date: date | None  # the first day that was asked for
    last_date: date | None  # the last day that was asked for
    seed: int  # of the order
    coders: tuple[str, ...]  # the coders that items are assigned to in turn
    second_share: float  # share of the items that is for a second coder, 0–1
    repeat_share: float  # share of the items that each coder is shown again, 0–1
    wished_width: Rounded | None  # the width that the sample was planned for, 0–1; None: it was not
    recipe_id: str  # the recipe whose probabilities made the strata
    codebook: str  # the codebook of that time
    created_at: Moment  # when it was drawn
    editions: int  # number of editions of the closed frame
    # Number of the complete editions asked for that came in after the draw: the sample says nothing
    # of them.
    editions_since: int
    strata: tuple[StratumState, ...]
    progress: dict[str, Counter[ItemStatus]]  # how many items have which status, by measure
    lost: int  # items that today's recipe finds no photo for
    apart: tuple[str, ...] = ()  # why answers to other samples don't count together with it
    edit_id: int | None = None  # the edit that drew it; None: none was logged
    advice: str | None = None  # why it was not made larger, as was asked; None: it was

    @property
    def items(self) -> int:
        """Number of items."""
        return sum(row.drawn for row in self.strata)

    @property
    def answered(self) -> int:
        """Number of items that coders have answered for each measure, *can't tell* included."""
        left = ItemStatus.OPEN, ItemStatus.SKIPPED
        return self.items - max(sum(one[s] for s in left) for one in self.progress.values())

    @property
    def questions(self) -> list[str]:
        """What coders are asked about each photo; nothing of pages."""
        return questions(self.measures)

    @property
    def work(self) -> str:
        """How much there is to code, in words."""
        return work_in_words(self.items, self.measures)

    @property
    def size(self) -> int:
        """Number of photos or pages of the frame."""
        return sum(row.size for row in self.strata)

    @property
    def frame(self) -> dict[str, int]:
        """Numbers of editions and items that were drawn from."""
        return {"editions": self.editions, self.kind.value: self.size}

    @property
    def served_progress(self) -> dict[str, dict[str, int]]:
        """Number of items of each status, by measure."""
        return {
            measure: {status.value: counts.get(status, 0) for status in ItemStatus}
            for measure, counts in self.progress.items()
        }


COUNTED = "photos"
"""What is asked about drawn pages: how many photos they have."""


@dataclass(frozen=True, slots=True)
class Samples(Served):
    """The samples of an installation, the latest first."""

    SERVED: ClassVar[str] = "recipe=recipe_id samples"

    recipe_id: str
    samples: tuple[SampleState, ...]


def list_samples(home: Installation, measure: str | None = None) -> Samples:
    """Return the samples, the latest first; of one measure on request."""
    with home.database.read() as session:
        rows = session.scalars(select(SampleRow).order_by(SampleRow.id.desc()))
        states = [
            sample_state(session, home.recipe, row)
            for row in rows
            if measure is None or any(measure == one.measure for one in row.measures)
        ]
    return Samples(home.recipe.id, tuple(states))


def find_sample(home: Installation, key: int | str) -> SampleState:
    """Return a sample.

    Args:
        key: Its id or its name.

    Raises:
        NotFound: There is none.
    """
    with home.database.read() as session:
        return sample_state(session, home.recipe, sample_row(session, key))


def find_items(home: Installation, key: int | str) -> tuple[SampleState, list[SampleItem]]:
    """Return a sample and its items in their order.

    Raises:
        NotFound: There is no such sample.
    """
    with home.database.read() as session:
        row = sample_row(session, key)
        items = sample_items(session, home.recipe, row)
        return sample_state(session, home.recipe, row, items), items


def sample_row(session: Session, key: int | str) -> SampleRow:
    """Return the row of a sample by its id or its name.

    Raises:
        NotFound: There is none.
    """
    is_named = SampleRow.id == key if isinstance(key, int) else SampleRow.name == key
    row = session.scalar(select(SampleRow).where(is_named))
    if row is None:
        raise NotFound("there is no such sample: `presslens samples list` names all")
    return row


def sample_state(
    session: Session,
    recipe: Provenance,
    row: SampleRow,
    items: Sequence[SampleItem] | None = None,
) -> SampleState:
    """Return a stored sample, with its items if they are at hand."""
    items = sample_items(session, recipe, row) if items is None else items
    editions = session.scalar(
        select(func.count()).select_from(SampleEditionRow).filter_by(sample_id=row.id)
    )
    measures = tuple(one.measure for one in row.measures)
    reached = Counter(item.stratum for item in items if item.inclusion is not None)
    answered = Counter(item.stratum for item in items if _first_answered(item))
    return SampleState(
        row.id, row.name, row.kind, measures, row.zone, row.weight, row.publication,
        row.first_date, row.last_date, row.seed, tuple(row.coders), row.second_share,
        row.repeat_share, row.wished_width, row.recipe_id, row.codebook, row.created_at,
        editions or 0, _editions_since(session, recipe, row),
        tuple(
            StratumState(h := s.stratum, s.definition, s.size, s.drawn, reached[h], answered[h])
            for s in row.strata
        ),
        {
            measure: Counter(item.answers[measure].status for item in items)
            for measure in measures or (COUNTED,)
        },
        sum(item.photo_id is None for item in items) if measures else 0,
        _apart(session, row, measures),
        _edit(session, row),
    )  # fmt: skip


def _apart(session: Session, row: SampleRow, measures: Sequence[str]) -> tuple[str, ...]:
    if not measures:
        return ()
    rule = sample_rule(measures[0], row.recipe_id, row.codebook)
    return samples_apart(session, measures, rule, row.publication, drawn=row.id)


def _edit(session: Session, row: SampleRow) -> int | None:
    """Return the id of the edit that drew a sample; None where none was logged."""
    query = select(func.max(EditRow.id)).where(
        EditRow.target == "sample",
        EditRow.target_id == row.id,
        EditRow.action == Action.DRAW_SAMPLE,
        # The id of a sample that was deleted may be given again.
        EditRow.undone_at.is_(None),
    )
    return session.scalar(query)


def _editions_since(session: Session, recipe: Provenance, sample: SampleRow) -> int:
    """Return how many complete editions that a sample asked for came in after its draw."""
    scope = EditionScope(sample.publication, sample.first_date, sample.last_date)
    framed = select(SampleEditionRow.edition_id).filter_by(sample_id=sample.id)
    enough = EditionSummaryRow.pages_seen >= recipe.aggregate.min_coverage * EditionSummaryRow.pages
    query = (
        select(func.count())
        .select_from(EditionRow)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .join(EditionSummaryRow, EditionSummaryRow.edition_id == EditionRow.id)
        .where(
            EditionSummaryRow.recipe_id == recipe.id,
            EditionSummaryRow.photos > 0,
            enough,
            EditionRow.created_at > sample.created_at,
            EditionRow.id.not_in(framed),
            EditionRow.id.not_in(superseded_editions(recipe)),
            *scope.conditions(),
        )
    )
    return session.scalar(query) or 0


def _first_answered(item: SampleItem) -> bool:
    return next(iter(item.answers.values())).status in ANSWERS


def sample_items(session: Session, recipe: Provenance, sample: SampleRow) -> list[SampleItem]:
    """Return the items of a sample in their order, as far as coders have come.

    An item counts as reached when coders have come to it for the first measure.
    """
    measures = [one.measure for one in sample.measures] or [COUNTED]
    answers = (
        {measure: _answers(session, recipe, sample.id, measure) for measure in measures}
        if sample.kind is SampleKind.PHOTOS
        else {COUNTED: _page_answers(session, sample)}
    )
    printed = _printed(session, sample.id)
    query = (
        select(SampleItemRow, ScanRow.sha256, ScanRow.frame)
        .join(ScanRow, ScanRow.id == SampleItemRow.scan_id)
        .where(SampleItemRow.sample_id == sample.id)
        .order_by(SampleItemRow.place)
    )
    rows = session.execute(query).all()
    reached = {measure: _reached(rows, answers[measure]) for measure in measures}
    first = reached[measures[0]]
    counts = Counter(
        row.SampleItemRow.stratum for row, there in zip(rows, first, strict=True) if there
    )
    sizes = {one.stratum: one.size for one in sample.strata}
    items = []
    for i, (item, sha256, frame) in enumerate(rows):
        of_item = {measure: answers[measure].get(item.id) for measure in measures}
        photos = [answer[0] for answer in of_item.values() if answer and answer[0] is not None]
        items.append(
            SampleItem(
                item.id, item.place, item.stratum,
                counts[item.stratum] / sizes[item.stratum] if first[i] else None,
                item.probability, item.scan_id, sha256, frame,
                Box(item.x0, item.y0, item.x1, item.y1),
                photos[0] if photos else None, printed.get(item.scan_id),
                item.coder, item.second, item.second_coder,
                {
                    measure: _item_answer(of_item[measure], there=reached[measure][i])
                    for measure in measures
                },
            )
        )  # fmt: skip
    return items


_CodedItem = tuple[int | None, ItemStatus, bool, bool | None]
"""The photo of an item under a recipe, its status, whether it was coded since, its answer."""


def _page_answers(session: Session, sample: SampleRow) -> dict[int, _CodedItem]:
    """Return the status of drawn pages: answered if a coder has looked through the whole page."""
    query = (
        select(SampleItemRow.id, PageReviewRow.adjudicates, PageReviewRow.created_at)
        .join(PageReviewRow, PageReviewRow.scan_id == SampleItemRow.scan_id)
        .where(
            SampleItemRow.sample_id == sample.id,
            PageReviewRow.checked,
            PageReviewRow.withdrawn_at.is_(None),
        )
        .order_by(PageReviewRow.id)
    )
    statuses: dict[int, _CodedItem] = {}
    for item_id, adjudicates, created_at in session.execute(query):
        _, status, since, _ = statuses.get(item_id, (None, ItemStatus.ANSWERED, False, None))
        status = ItemStatus.ADJUDICATED if adjudicates else status
        statuses[item_id] = None, status, since or created_at >= sample.created_at, None
    return statuses


def _answers(
    session: Session, recipe: Provenance, sample_id: int, measure: str
) -> dict[int, _CodedItem]:
    of, settled = SampledPhotoRow, SettledAnswerRow
    consensus = (settled.photo_id == of.photo_id) & (settled.measure == of.measure)
    query = (
        select(of.item_id, of.photo_id, of.status, of.coded_since, settled.shows)
        .join(SampleItemRow, SampleItemRow.id == of.item_id)
        .join(PhotoRow, PhotoRow.id == of.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .outerjoin(settled, consensus)
        .where(
            SampleItemRow.sample_id == sample_id,
            of.measure == measure,
            OutcomeRow.observation_id == recipe.observation_id,
        )
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in session.execute(query)}


def _reached(rows: Sequence[Any], answers: dict[int, _CodedItem]) -> list[bool]:
    progress = []
    for item, *_ in rows:
        _, status, since, _ = answers.get(item.id, (0, ItemStatus.OPEN, False, None))
        progress.append(ItemProgress(item.coder, status is not ItemStatus.OPEN, since))
    return reached_items(progress)


def _item_answer(coded: _CodedItem | None, *, there: bool) -> ItemAnswer:
    status = ItemStatus.OPEN if coded is None else coded[1]
    if status is ItemStatus.OPEN and there:
        status = ItemStatus.SKIPPED
    return ItemAnswer(status, None if coded is None else coded[3])


def _printed(session: Session, sample_id: int) -> dict[int, PrintedOn]:
    """Return the first page that prints each scan of a sample, by scan; the frame's come first."""
    framed = SampleEditionRow.edition_id.is_not(None)
    query = (
        select(
            PageRow.scan_id, PublicationRow.name, EditionRow.edition_date, EditionRow.id,
            PageRow.id, PageRow.number,
        )
        .join(SampleItemRow, SampleItemRow.scan_id == PageRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .outerjoin(
            SampleEditionRow,
            (SampleEditionRow.edition_id == EditionRow.id)
            & (SampleEditionRow.sample_id == sample_id),
        )
        .where(SampleItemRow.sample_id == sample_id)
        .order_by(framed.desc(), PageRow.id)
    )  # fmt: skip
    printed: dict[int, PrintedOn] = {}
    for scan_id, name, day, edition, page, number in session.execute(query):
        printed.setdefault(scan_id or 0, PrintedOn(name, day, edition, page, number))
    return printed
