"""Says in words what a photo shows: the alternative text of its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.language import Language

SHOWN = 0.5
"""Smallest probability of what is named, 0–1."""


def photo_in_words(photo: Mapping[str, Any], spoken: Language) -> str:
    """Return what was detected in a photo: "Sample leader; 3 people; about the leader".

    Args:
        photo: In the JSON contract.
        spoken: The language.
    """
    if photo["focus"] is None:
        return spoken.text("drawn by hand, not looked at yet")
    return "; ".join(_parts(photo, spoken)) or spoken.text("nothing that was looked for")


def _parts(photo: Mapping[str, Any], spoken: Language) -> Iterator[str]:
    for figure in photo["figures"]:
        if figure["answer"] == "yes":
            yield figure["name"]
        elif figure["answer"] == "unsure":
            yield spoken.text("perhaps %(name)s", name=figure["name"])
    subjects = {name: one for name, one in photo["subjects"].items() if one["probability"] >= SHOWN}
    people = subjects.pop("people", None)
    if "crowd" in subjects:
        people = None
    if people is not None and people.get("count"):
        yield spoken.plural("%(n)s person", "%(n)s people", people["count"])
    elif people is not None:
        yield spoken.text("people")
    for name in subjects:
        yield spoken.text(name)
    if photo["focus"]["verdict"] == "leader":
        yield spoken.text("about the leader")
    elif photo["focus"]["verdict"] == "facility":
        yield spoken.text("about the facility")
