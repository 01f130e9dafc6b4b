"""The photos that the sample of an older version was drawn from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from pipelines.statistics.measure import Zone


@dataclass(frozen=True, slots=True)
class SamplingScope:
    """The photos that a question is about, and that a sample is drawn from.

    Attributes:
        zone: A part of each edition.
        publication: Name of the newspaper; None for all.
        first_date: Earliest day of the edition; None for no bound.
        last_date: Latest day of the edition; None for no bound.
    """

    zone: Zone = Zone.ALL
    publication: str | None = None
    first_date: date | None = None
    last_date: date | None = None

    @property
    def text(self) -> str:
        """The scope as JSON, as it is stored; ``{}`` for all photos."""
        named = {
            "zone": None if self.zone is Zone.ALL else self.zone.value,
            "publication": self.publication,
            "from": self.first_date.isoformat() if self.first_date else None,
            "to": self.last_date.isoformat() if self.last_date else None,
        }
        content = {name: value for name, value in named.items() if value is not None}
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> SamplingScope:
        """Parse the stored text of a scope."""
        content = json.loads(text)
        days = [
            date.fromisoformat(content[name]) if name in content else None
            for name in ("from", "to")
        ]
        return cls(Zone(content.get("zone", "all")), content.get("publication"), *days)

    def covers(self, other: SamplingScope) -> bool:
        """Return whether the scope includes all photos of another one.

        A draw from this scope is then by chance for the other one too.

        >>> SamplingScope().covers(SamplingScope(Zone.FRONT, "Rodong Sinmun"))
        True
        >>> SamplingScope(Zone.FRONT).covers(SamplingScope())
        False
        """
        later = self.first_date or date.min
        sooner = self.last_date or date.max
        return (
            self.zone in (Zone.ALL, other.zone)
            and self.publication in (None, other.publication)
            and later <= (other.first_date or date.min)
            and sooner >= (other.last_date or date.max)
        )
