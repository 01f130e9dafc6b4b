"""Enrolled figures as pages for people show them: who, how surely, told by what, and how shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TOLD_BY = {"face": "told by the face", "context": "told by its place, not by the face"}

FACING = {"camera": "facing the camera", "left": "facing left", "right": "facing right"}


@dataclass(frozen=True, slots=True)
class SightingView:
    """A figure in a photo.

    Attributes:
        seen: The sighting, as in the JSON contract.
        role: What the figure is to the paper; None if that is not known.
    """

    seen: Mapping[str, Any]
    role: str | None

    @property
    def unsure(self) -> bool:
        """Whether it may be somebody else."""
        return bool(self.seen["answer"] != "yes")

    @property
    def title(self) -> str:
        """Who it is, how surely, and what told it."""
        role = f" ({self.role})" if self.role else ""
        chance = _chance(self.seen["probability"])
        told = TOLD_BY[self.seen["told_by"]]
        return f"{self.seen['name']}{role}: {self.seen['answer']}, {chance}, {told}"

    @property
    def shown(self) -> str:
        """How the figure is shown, in one line; "" if that is not known."""
        shown = self.seen["appearance"]
        return "" if shown is None else appearance_in_words(shown)

    @property
    def reasons(self) -> Sequence[str]:
        """What speaks for its being the figure, and against, in words."""
        reasons: Sequence[str] = self.seen["reasons_text"]
        return reasons

    @property
    def lines(self) -> list[str]:
        """The title, and how the figure is shown."""
        return [self.title, self.shown] if self.shown else [self.title]


def figures_of(photo: Mapping[str, Any], roles: Mapping[str, str]) -> list[SightingView]:
    """Return the figures in a photo.

    Args:
        photo: In the JSON contract.
        roles: What each figure is to the paper, by name.
    """
    return [SightingView(seen, roles.get(seen["name"])) for seen in photo["figures"]]


def appearance_in_words(shown: Mapping[str, Any]) -> str:
    """Return in one line how a figure is shown; what can't be told is left out.

    Args:
        shown: The appearance, as in the JSON contract.
    """
    parts = (
        shown["shot_size"] and f"{shown['shot_size']} shot",
        shown["row"] and f"{shown['row']} row",
        _rank(shown["size_rank"], 1 + shown["people_beside"]),
        shown["facing"] and FACING[shown["facing"]],
        _area(shown["area_share"], found=shown["body_found"]),
    )
    return ", ".join(part for part in parts if part)


def _chance(probability: float) -> str:
    """Return a probability in per cent; nothing is certain."""
    return "over 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def _rank(rank: int, people: int) -> str:
    if people == 1:
        return "alone"
    place = "" if rank == 1 else f"{_ordinal(rank)} "
    return f"{place}largest of {people}"


def _ordinal(number: int) -> str:
    teens = 10 < number % 100 < 14
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _area(share: float, *, found: bool) -> str:
    """Return how much of the photo somebody takes up; of a body that is not found, a guess."""
    percent = "under 1" if share < 0.01 else f"{100 * share:.0f}"
    return f"{percent} % of the photo" if found else f"roughly {percent} % of the photo"
