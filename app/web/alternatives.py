"""Says in words what a photo shows: the alternative text of its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from presslens.app.platform.language import Language
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.consensus import focus_of
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.measure import FIGURE, SUBJECTS

SHOWN = 0.5
"""Smallest probability of what is named where no calibration decides, 0–1."""


def photo_in_words(
    photo: Mapping[str, Any], consensus: Mapping[str, bool] | None = None, *, spoken: Language
) -> str:
    """Return what a photo shows: "Sample leader; 3 people; about the leader".

    Args:
        photo: In the JSON contract, perhaps with what is ``decided`` about subjects.
        consensus: What people have settled about it, by measure: it counts before what the machine
            says. Nothing: the machine's words alone.
    """
    consensus = consensus or {}
    if photo["focus"] is None and not consensus:
        return spoken.text("drawn by hand, not looked at yet")
    return "; ".join(_parts(photo, consensus, spoken)) or spoken.text("nothing that was looked for")


def with_decisions(photo: Mapping[str, Any], decided: Decisions) -> dict[str, Any]:
    """Return a photo in the JSON contract with what is decided about its subjects and its focus."""
    read = photo["subjects"].items()
    shows = {name: decided.shows(name, one["probability"]) for name, one in read}
    note = photo["focus"] and decided.undecided.get(photo["focus"]["verdict"])
    return {**photo, "decided": shows, "focus_note": note}


def shown_in_words(photo: Mapping[str, Any], *, spoken: Language) -> str:
    """Return what a photo of a page shows, as people have settled it: see ``photo_in_words``.

    Args:
        photo: In the JSON contract, with what people have settled if it is of an installation.
    """
    return photo_in_words(photo, photo.get("settled"), spoken=spoken)


def shown_focus(photo: Mapping[str, Any]) -> str:
    """Return what a photo of a page is composed around, "waiting" while nobody has said.

    It is "unchecked" where the machine's verdict decides nothing in the newspaper.

    Args:
        photo: In the JSON contract, with what people have settled if it is of an installation.
    """
    focus = _focus(photo, photo.get("settled") or {})
    if focus is not None:
        return focus.value
    return "unchecked" if photo["focus"] else "waiting"


def _focus(photo: Mapping[str, Any], settled: Mapping[str, bool]) -> Focus | None:
    """Return what a photo is composed around; see ``focus_of``."""
    verdict = Focus(photo["focus"]["verdict"]) if photo["focus"] else None
    return focus_of(settled, verdict, decides=photo.get("focus_note") is None)


def _parts(
    photo: Mapping[str, Any], consensus: Mapping[str, bool], spoken: Language
) -> Iterator[str]:
    yield from _figures(photo, consensus, spoken)
    subjects = _subjects(photo, consensus)
    people = subjects.pop("people", None)
    if "crowd" in subjects:
        people = None
    if people is not None and people.get("count"):
        yield spoken.plural("%(n)s person", "%(n)s people", people["count"])
    elif people is not None:
        yield spoken.text("people")
    for name in subjects:
        yield spoken.text(name)
    focus = _focus(photo, consensus)
    if focus is Focus.LEADER:
        yield spoken.text("about the leader")
    elif focus is Focus.FACILITY:
        yield spoken.text("about the facility")
    elif focus is None and photo["focus"]:
        yield spoken.text("focus: %(why)s", why=spoken.say(photo["focus_note"]))


def _subjects(
    photo: Mapping[str, Any], consensus: Mapping[str, bool]
) -> dict[str, Mapping[str, Any]]:
    """Return the subjects that are shown, in the codebook's order."""
    read = photo["subjects"]
    likely = {name: one["probability"] >= SHOWN for name, one in read.items()}
    shown = {**likely, **photo.get("decided", {}), **consensus}
    return {name: read.get(name, {}) for name in SUBJECTS if shown.get(name)}


def _figures(
    photo: Mapping[str, Any], consensus: Mapping[str, bool], spoken: Language
) -> Iterator[str]:
    """Yield the figures who are in it, those whom nobody but people recognise last."""
    seen = {figure["name"] for figure in photo["figures"]}
    for figure in photo["figures"]:
        answer = consensus.get(f"{FIGURE}{figure['name']}")
        if answer is False:
            continue
        if answer or figure["answer"] == "yes":
            yield figure["name"]
        elif figure["answer"] == "unsure":
            yield spoken.text("perhaps %(name)s", name=figure["name"])
    named = (
        name.removeprefix(FIGURE)
        for name, answer in consensus.items()
        if answer and name.startswith(FIGURE)
    )
    yield from (name for name in named if name not in seen)
