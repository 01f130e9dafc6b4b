"""The truth of a picture, independent of any model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class PictureTruth:
    """The subjects and the focus of a picture by the codebook; None where uncertain."""

    people: int | None = 0  # how many persons are visible, whole or in part
    several: bool = False  # persons are visible in an unknown number (``people`` is None then)
    crowd: bool | None = False  # 30 or more visible persons, dense
    fireworks: bool = False  # bursts in the air
    buildings: bool | None = False  # exterior architecture clearly in view
    leader: bool = False  # the leader of the samples is in the picture
    focus: str | None = "neither"  # "leader", "facility" or "neither"

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
