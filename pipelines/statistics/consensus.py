"""What coders say of a photo, what of it is settled, and what they disagree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipelines.statistics.measure import FIGURE

DERIVED = "leader_and_facility"
"""The measure that nobody is asked for: it follows from the leader and from the facility."""

Answers = Mapping[str, bool | None]
"""An answer by measure; None: the coder can't tell."""


class Centre(StrEnum):
    """What a coder takes a photo to be composed around; unsure if he can't tell."""

    LEADER = "leader"
    FACILITY = "facility"
    NEITHER = "neither"
    UNSURE = "unsure"

    def answers(self) -> dict[str, bool | None]:
        """Return the answers to the three measures of focus, of which only one may be yes."""
        centres = (Centre.LEADER, Centre.FACILITY, Centre.NEITHER)
        unsure = self is Centre.UNSURE
        return {f"focus_{c.value}": None if unsure else c is self for c in centres}


@dataclass(frozen=True, slots=True)
class CoderAnswer:
    """One answer of one coder to one measure of a photo.

    Attributes:
        review: Number of the review; a later one has a higher number.
        coder: Who says so.
        measure: What was asked.
        shows: The answer; None: the coder can't tell.
        drawn_from: From which photos this one was drawn by chance for the measure, as
            ``Scope.text`` has it; None: the coder picked it.
        adjudicates: It settles what coders disagree on.
    """

    review: int
    coder: str
    measure: str
    shows: bool | None
    drawn_from: str | None = None
    adjudicates: bool = False


@dataclass(frozen=True, slots=True)
class ConsensusAnswer:
    """The answer that counts; ``drawn_from`` as in ``CoderAnswer``."""

    shows: bool
    drawn_from: str | None


def latest_answers(said: Iterable[CoderAnswer]) -> list[CoderAnswer]:
    """Return what each coder last said on each measure; adjudications are apart."""
    last = {
        (answer.adjudicates, answer.coder, answer.measure): answer
        for answer in sorted(said, key=lambda answer: answer.review)
    }
    return list(last.values())


def consensus_answers(said: Iterable[CoderAnswer]) -> dict[str, ConsensusAnswer]:
    """Return the settled answers of a photo by measure.

    The latest adjudication wins. Else all coders who can tell must agree in what they last said.
    Without either there is none, and the machine's answer stands.

    Args:
        said: All that was said of the photo and is not withdrawn.
    """
    said = list(said)
    scopes: dict[str, list[str]] = defaultdict(list)
    for answer in said:
        if answer.drawn_from is not None:
            scopes[answer.measure].append(answer.drawn_from)
    found = {}
    for measure, answers in _by_measure(said).items():
        shows = _settled(answers)
        if shows is not None:
            found[measure] = ConsensusAnswer(shows, _widest(scopes[measure]))
    derived = derived_answer({measure: settled.shows for measure, settled in found.items()})
    found.pop(DERIVED, None)
    if derived is not None:
        found[DERIVED] = ConsensusAnswer(derived, _widest(scopes[DERIVED]))
    return found


def disputed_measures(said: Iterable[CoderAnswer]) -> list[str]:
    """Return the measures that coders disagree on and that nobody has adjudicated.

    What is derived is not among them: its parts are.
    """
    return sorted(
        measure
        for measure, answers in _by_measure(said).items()
        if measure != DERIVED
        and len({a.shows for a in answers if a.shows is not None}) > 1
        and _settled(answers) is None
    )


def derived_answer(answers: Answers) -> bool | None:
    """Return whether a photo shows leader and facility, given other answers; None: unknown.

    The facility is shown where buildings are, or where the photo is composed around it.

    >>> both({"leader": True, "buildings": False, "focus_facility": True})
    True
    >>> both({"leader": False})
    False
    >>> both({"leader": True, "buildings": False}) is None
    True
    """
    leader = answers.get("leader")
    settings = [answers.get("buildings"), answers.get("focus_facility")]
    if leader is False or settings == [False, False]:
        return False
    return True if leader and True in settings else None


def answers_measure(measures: Iterable[str], measure: str) -> bool:
    """Tell whether somebody who was asked for some measures was asked for another one with them."""
    asked = set(measures)
    if measure != DERIVED:
        return measure in asked
    return "leader" in asked and bool({"buildings", "focus_facility"} & asked)


def contradiction(answers: Answers, leaders: Iterable[str]) -> str | None:
    """Return what in the answers of one coder can't be true together; None if all can.

    Args:
        answers: By measure.
        leaders: Names of the figures whose photos are the leader's.
    """
    yes = {measure for measure, shows in answers.items() if shows}
    no = {measure for measure, shows in answers.items() if shows is False}
    persons = [m for m in yes if m in ("crowd", "children", "leader") or m.startswith(FIGURE)]
    if "people" in no and persons:
        return f"a photo without people can't show {min(persons)}"
    shown = sorted(f"{FIGURE}{name}" for name in leaders if f"{FIGURE}{name}" in yes)
    if "leader" in no and shown:
        return f"{shown[0]} is a leader, so the photo shows the leader"
    if "leader" in no and "focus_leader" in yes:
        return "a photo without the leader can't be composed around him"
    if sum(measure.startswith("focus_") for measure in yes) > 1:
        return "a photo is composed around one thing only"
    return None


def _by_measure(said: Iterable[CoderAnswer]) -> dict[str, list[CoderAnswer]]:
    by_measure: dict[str, list[CoderAnswer]] = defaultdict(list)
    for answer in latest_answers(said):
        by_measure[answer.measure].append(answer)
    return by_measure


def _settled(answers: list[CoderAnswer]) -> bool | None:
    told = sorted((a for a in answers if a.shows is not None), key=lambda answer: answer.review)
    rulings = [answer.shows for answer in told if answer.adjudicates]
    if rulings:
        return rulings[-1]
    said = {answer.shows for answer in told}
    return said.pop() if len(said) == 1 else None


def _widest(scopes: list[str]) -> str | None:
    """Return the scope that says least, so holds most, of those that a photo was drawn from."""
    return min(scopes, key=lambda scope: (len(scope), scope), default=None)
