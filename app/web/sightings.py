"""Puts sightings of enrolled figures into words: name, probability, evidence and appearance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TOLD_BY = {"face": "recognised by the face", "context": "recognised by its place, not by the face"}

FACING = {"camera": "facing the camera", "left": "facing left", "right": "facing right"}


@dataclass(frozen=True, slots=True)
class SightingView:
    """A figure's sighting in a photo, in words.

    Attributes:
        sighting: The sighting, as in the JSON contract.
        role: The figure's role; None if it is not given.
    """

    sighting: Mapping[str, Any]
    role: str | None

    @property
    def unsure(self) -> bool:
        """Whether the figure may be somebody else."""
        return bool(self.sighting["answer"] != "yes")

    @property
    def title(self) -> str:
        """The figure's name, role, probability and evidence."""
        role = f" ({self.role})" if self.role else ""
        chance = _chance(self.sighting["probability"])
        evidence = TOLD_BY[self.sighting["told_by"]]
        return f"{self.sighting['name']}{role}: {self.sighting['answer']}, {chance}, {evidence}"

    @property
    def shown(self) -> str:
        """The figure's appearance in one line; "" if it is not recorded."""
        appearance = self.sighting["appearance"]
        return "" if appearance is None else appearance_in_words(appearance)

    @property
    def reasons(self) -> Sequence[str]:
        """The reasons for and against the identification, in words."""
        reasons: Sequence[str] = self.sighting["reasons_text"]
        return reasons

    @property
    def lines(self) -> list[str]:
        """The title, and the appearance."""
        return [self.title, self.shown] if self.shown else [self.title]


def figures_of(photo: Mapping[str, Any], roles: Mapping[str, str]) -> list[SightingView]:
    """Return the sightings in a photo.

    Args:
        photo: In the JSON contract.
        roles: The role of each figure, by name.
    """
    return [SightingView(figure, roles.get(figure["name"])) for figure in photo["figures"]]


def appearance_in_words(shown: Mapping[str, Any]) -> str:
    """Return a figure's appearance in one line, without the unknown parts.

    Args:
        shown: The appearance, as in the JSON contract.
    """
    parts = (
        shown["shot_size"] and f"{shown['shot_size']} shot",
        shown["row"] and f"{shown['row']} row",
        _rank(shown["size_rank"], 1 + shown["people_beside"]),
        shown["facing"] and FACING[shown["facing"]],
        _area(shown["area_share"], measured=shown["body_found"]),
    )
    return ", ".join(part for part in parts if part)


def _chance(probability: float) -> str:
    """Return a probability in per cent, never 100."""
    return "over 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def _rank(rank: int, people: int) -> str:
    if people == 1:
        return "alone"
    place = "" if rank == 1 else f"{_ordinal(rank)} "
    return f"{place}largest of {people}"


def _ordinal(number: int) -> str:
    teens = 10 < number % 100 < 14
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _area(share: float, *, measured: bool) -> str:
    """Return the share of the photo that a body takes; without a detected body, an estimate."""
    percent = "under 1" if share < 0.01 else f"{100 * share:.0f}"
    return f"{percent} % of the photo" if measured else f"roughly {percent} % of the photo"
