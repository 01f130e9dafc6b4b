"""Reviews as results: one review, the reviews of a photo, and their documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

REVIEW_COLUMNS = (
    "review", "photo", "coder", "measure", "answer", "drawn_for", "adjudicates",
    "codebook", "created_at", "withdrawn_at", "note",
)  # fmt: skip
WRITTEN = {True: "yes", False: "no", None: "?"}
"""How tables write an answer; None: the coder can't tell."""


@dataclass(frozen=True, slots=True)
class ReviewState:
    """A stored review.

    ``photo_id`` is None if today's recipe finds no photo there. ``drawn_for`` is the measure that
    it answers and that a sample has its photo for; None: the coder picked the photo. ``places`` are
    the boxes of the persons that answers about figures mean, in shares of the page.
    """

    id: int
    photo_id: int | None
    coder: str
    codebook: str
    answers: dict[str, bool | None]
    drawn_for: str | None
    adjudicates: bool
    note: str | None
    created_at: datetime
    withdrawn_at: datetime | None
    edit_id: int | None = None
    seconds: float | None = None
    places: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the review as it is served."""
        return {
            "id": self.id,
            "edit": self.edit_id,
            "photo": self.photo_id,
            "coder": self.coder,
            "codebook": self.codebook,
            "answers": self.answers,
            "drawn_for": self.drawn_for,
            "adjudicates": self.adjudicates,
            "note": self.note,
            "created_at": self.created_at.isoformat(),
            "withdrawn_at": self.withdrawn_at.isoformat() if self.withdrawn_at else None,
            "seconds": self.seconds,
            "places": {name: list(box) for name, box in self.places.items()},
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each answer, for tables; see ``REVIEW_COLUMNS``."""
        document = self.to_json()
        for measure, shows in self.answers.items():
            yield {**document, "review": self.id, "measure": measure, "answer": WRITTEN[shows]}


@dataclass(frozen=True, slots=True)
class PhotoReviews:
    """The answers of people and of the machine for a photo.

    Attributes:
        recipe_id: The recipe under which the photo was found and interpreted.
        photo_id: The photo.
        machine: The probability of each measure by the machine, 0–1; empty until the photo is
            interpreted.
        settled: The consensus of the coders by measure, and whether the photo was drawn by chance
            for the measure.
        disputed: The measures that coders disagree on.
        coders: The coders who have reviewed the photo; adjudicators aside.
        reviews: All reviews of the photo, withdrawn ones too.
    """

    recipe_id: str
    photo_id: int
    machine: dict[str, float] = field(default_factory=dict)
    settled: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    disputed: tuple[str, ...] = ()
    coders: tuple[str, ...] = ()
    reviews: tuple[ReviewState, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the answers as they are served."""
        return {
            "recipe": self.recipe_id,
            "photo": self.photo_id,
            "machine": {name: round(p, 4) for name, p in self.machine.items()},
            **self.consensus_json(),
            "reviews": [review.to_json() for review in self.reviews],
        }

    def consensus_json(self) -> dict[str, Any]:
        """Return the consensus, the disputed measures and the coders as they are served."""
        return {
            "settled": {
                name: {"shows": shows, "drawn": drawn}
                for name, (shows, drawn) in self.settled.items()
            },
            "disagreements": list(self.disputed),
            "coders": list(self.coders),
        }


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """A review that was added or withdrawn, and the answers for its photo after that.

    Attributes:
        recipe_id: The recipe.
        review: The review.
        photo: Its photo; None if today's recipe finds none there.
        meanwhile: Reviews of the photo by others that its coder did not know of.
    """

    recipe_id: str
    review: ReviewState
    photo: PhotoReviews | None
    meanwhile: tuple[ReviewState, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the result as it is served."""
        return {
            "recipe": self.recipe_id,
            "edit": self.review.edit_id,
            "review": self.review.to_json(),
            "photo": self.photo.to_json() if self.photo else None,
            "meanwhile": [review.to_json() for review in self.meanwhile],
        }
