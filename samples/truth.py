"""The truth of a picture, independent of any model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class PictureTruth:
    """The subjects and the focus of a picture by the codebook; None where uncertain.

    Attributes:
        people: How many persons are visible, whole or in part.
        several: Persons are visible in an unknown number (``people`` is None then).
        crowd: 30 or more visible persons, dense.
        fireworks: Bursts in the air.
        buildings: Exterior architecture clearly in view.
        leader: The leader of the samples is in the picture.
        focus: "leader", "facility" or "neither".
    """

    people: int | None = 0
    several: bool = False
    crowd: bool | None = False
    fireworks: bool = False
    buildings: bool | None = False
    leader: bool = False
    focus: str | None = "neither"

    def but(self, **changes: Any) -> PictureTruth:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def subjects(self) -> dict[str, dict[str, Any]]:
        """Return the subjects with a truth as JSON; no photo of the samples shows a child."""
        subjects: dict[str, dict[str, Any]] = {
            "children": {"present": False, "count": 0},
            "fireworks": {"present": self.fireworks},
        }
        if self.people is not None:
            subjects["people"] = {"present": self.people > 0, "count": self.people}
        elif self.several:
            subjects["people"] = {"present": True}
        if self.crowd is not None:
            subjects["crowd"] = {"present": self.crowd}
        if self.buildings is not None:
            subjects["buildings"] = {"present": self.buildings}
        return subjects
