"""Reviews as results: one review, the reviews of a photo, and their documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from presslens.pipelines.result import Moment, Served

REVIEW_COLUMNS = (
    "review", "photo", "coder", "measure", "answer", "drawn_for", "adjudicates",
    "codebook", "created_at", "withdrawn_at", "note",
)  # fmt: skip
WRITTEN = {True: "yes", False: "no", None: "?"}
"""How tables write an answer; None: the coder can't tell."""


@dataclass(frozen=True, slots=True)
class ReviewState(Served):
    """A stored review.

    ``photo_id`` is None if today's recipe finds no photo there. ``drawn_for`` is the measure that
    it answers and that a sample has its photo for; None: the coder picked the photo. ``places`` are
    the boxes of the persons that answers about figures mean, in shares of the page.
    """

    SERVED: ClassVar[str] = """
        id edit=edit_id photo=photo_id coder codebook answers drawn_for adjudicates note
        created_at withdrawn_at seconds places
    """

    id: int
    photo_id: int | None
    coder: str
    codebook: str
    answers: dict[str, bool | None]
    drawn_for: str | None
    adjudicates: bool
    note: str | None
    created_at: Moment
    withdrawn_at: Moment | None
    edit_id: int | None = None
    seconds: float | None = None
    places: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each answer, for tables; see ``REVIEW_COLUMNS``."""
        document = self.to_json()
        for measure, shows in self.answers.items():
            yield {**document, "review": self.id, "measure": measure, "answer": WRITTEN[shows]}


@dataclass(frozen=True, slots=True)
class SettledMeasure(Served):
    """What people have settled about a measure, and whether the photo was drawn for it."""

    shows: bool
    drawn: bool


@dataclass(frozen=True, slots=True)
class Consensus(Served):
    """What people have settled of a photo."""

    settled: dict[str, SettledMeasure]  # the consensus of the coders by measure
    disagreements: Sequence[str]  # the measures that coders disagree on
    coders: Sequence[str]  # the coders who have reviewed the photo; adjudicators aside


@dataclass(frozen=True, slots=True)
class PhotoReviews(Served):
    """The answers of people and of the machine for a photo."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id photo=photo_id machine=rounded_machine *consensus reviews
    """

    recipe_id: str  # the recipe under which the photo was found and interpreted
    photo_id: int
    # The probability of each measure by the machine, 0–1; empty until the photo is interpreted.
    machine: dict[str, float] = field(default_factory=dict)
    # The consensus of the coders by measure, and whether the photo was drawn by chance for the
    # measure.
    settled: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    disputed: tuple[str, ...] = ()  # the measures that coders disagree on
    coders: tuple[str, ...] = ()  # the coders who have reviewed the photo; adjudicators aside
    reviews: tuple[ReviewState, ...] = ()  # all reviews of the photo, withdrawn ones too

    @property
    def rounded_machine(self) -> dict[str, float]:
        """The probability of each measure by the machine, 0–1."""
        return {name: round(p, 4) for name, p in self.machine.items()}

    @property
    def consensus(self) -> Consensus:
        """The consensus, the disputed measures and the coders."""
        settled = {name: SettledMeasure(*one) for name, one in self.settled.items()}
        return Consensus(settled, self.disputed, self.coders)


@dataclass(frozen=True, slots=True)
class ReviewResult(Served):
    """A review that was added or withdrawn, and the answers for its photo after that."""

    SERVED: ClassVar[str] = "recipe=recipe_id edit=review.edit_id review photo meanwhile"

    recipe_id: str
    review: ReviewState
    photo: PhotoReviews | None  # its photo; None if today's recipe finds none there
    # Reviews of the photo by others that its coder did not know of.
    meanwhile: tuple[ReviewState, ...] = ()
