"""What is known about a picture before any model looks at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class PictureTruth:
    """What a picture shows, in the words of the codebook. None: not known for sure.

    Attributes:
        people: How many persons are visible, whole or in part.
        several: Persons are visible whose number isn't known (``people`` is None then).
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
        """Return the known subjects as JSON: no photo of the samples shows a child."""
        known: dict[str, dict[str, Any]] = {
            "children": {"present": False, "count": 0},
            "fireworks": {"present": self.fireworks},
        }
        if self.people is not None:
            known["people"] = {"present": self.people > 0, "count": self.people}
        elif self.several:
            known["people"] = {"present": True}
        if self.crowd is not None:
            known["crowd"] = {"present": self.crowd}
        if self.buildings is not None:
            known["buildings"] = {"present": self.buildings}
        return known
