"""What is said of the month: its events, and claims about it, some true and some false."""

from __future__ import annotations

import tomllib
from datetime import datetime
from importlib.resources import files
from typing import Any

from presslens.app.installation import Installation
from presslens.app.services.claims.claims import NewClaim, add_claim
from presslens.app.services.claims.events import NewEvent, add_event

SAYINGS = "sayings.toml"


def sayings() -> dict[str, list[dict[str, Any]]]:
    """Return the events and the claims of the month, as they stand in its list."""
    return tomllib.loads((files("presslens.app.month") / SAYINGS).read_text(encoding="utf-8"))


def say(home: Installation, *, now: datetime) -> None:
    """Store the events and claims of the month; its newspapers must be there."""
    said = sayings()
    for event in said["event"]:
        add_event(home, NewEvent(**event))
    for claim in said["claim"]:
        add_claim(home, NewClaim(**claim), now=now)
