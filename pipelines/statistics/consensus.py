"""The answers of coders for a photo, their consensus, and their disagreements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from presslens.models.faces.gallery import LEADER, Role
from presslens.models.message import Message
from presslens.models.subjects.codebook import entry_version
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import FIGURE

DERIVED = "leader_and_facility"
"""The derived measure, which nobody is asked for: leader and facility together."""

Answers = Mapping[str, bool | None]
"""An answer by measure; None: the coder can't tell."""


@dataclass(frozen=True, slots=True)
class CoderAnswer:
    """One answer of one coder to one measure of a photo."""

    review: int  # id of the review; a later one has a higher id
    coder: str  # name of the coder
    measure: str
    shows: bool | None  # the answer; None: the coder can't tell
    adjudicates: bool = False  # it settles what coders disagree on
    codebook: str = ""  # the version of the codebook's entry that the coder followed
    whole: str = ""  # the version of the whole codebook; "": that of the entry

    @property
    def book(self) -> str:
        """The version of the whole codebook that the coder followed."""
        return self.whole or self.codebook


@dataclass(frozen=True, slots=True)
class ConsensusAnswer:
    """The consensus or adjudicated answer, and the codebook that all of its answers follow."""

    shows: bool
    codebook: str = ""


def latest_answers(answers: Iterable[CoderAnswer]) -> list[CoderAnswer]:
    """Return the latest answer of each coder to each measure under each codebook.

    Adjudications are apart.
    """
    last = {
        (answer.adjudicates, answer.coder, answer.measure, answer.codebook): answer
        for answer in sorted(answers, key=lambda answer: answer.review)
    }
    return list(last.values())


def votes_in_order(answers: Iterable[CoderAnswer]) -> dict[str, bool]:
    """Return the latest answer of each coder who can tell, the coder who came first being first.

    Adjudications are none.

    Args:
        answers: Answers to one measure of a photo, under one codebook.
    """
    given = sorted((one for one in answers if not one.adjudicates), key=lambda one: one.review)
    latest = {one.coder: one.shows for one in given}
    return {coder: shows for coder, shows in latest.items() if shows is not None}


def consensus_answers(
    answers: Iterable[CoderAnswer], roles: Mapping[str, Role] | None = None
) -> dict[str, ConsensusAnswer]:
    """Return the consensus of a photo by measure.

    The latest adjudication wins. Otherwise the latest answers of all coders who can tell must
    agree. Without either there is no consensus, and the machine's answer stands. Answers under
    several codebooks are answers to several questions: those under the codebook of the latest one
    count, and the others don't. What follows from answers follows the latest codebook that all of
    these follow; without such a codebook nothing follows. What is denied denies more, whether or
    not somebody was asked for it, but never what people have settled themselves: without people
    there is no crowd, no child, no leader and no figure; without the leader there is no figure of
    this role, and the photo is not composed around him. Likewise the leader who is there is the
    only figure of this role.

    Args:
        answers: All answers for the photo that are not withdrawn.
        roles: The role of each enrolled figure by name; None: none is.
    """
    answers = sorted(answers, key=lambda answer: answer.review, reverse=True)
    books = list(dict.fromkeys(answer.book for answer in answers))
    consensus = {
        measure: ConsensusAnswer(shows, of_measure[0].codebook)
        for measure, of_measure in _by_measure(answers).items()
        for shows in (_consensus(of_measure),)
        if shows is not None
    }
    leaders = [name for name, role in (roles or {}).items() if role == LEADER]
    if len(leaders) == 1 and "leader" in consensus and consensus["leader"].shows:
        consensus = _following(books, consensus, f"{FIGURE}{leaders[0]}", "leader") | consensus
    for denied, others in _denials(roles or {}):
        if denied in consensus and not consensus[denied].shows:
            for measure in others:
                consensus = _following(books, consensus, measure, denied) | consensus
    consensus.pop(DERIVED, None)
    for deciding in _DECIDING:
        if consensus.keys() >= {*deciding}:
            shows = derived_answer({name: consensus[name].shows for name in deciding})
            if shows is not None:
                derived = _following(books, consensus, DERIVED, *deciding, shows=shows)
                consensus = derived | consensus
    return consensus


def _following(
    books: Iterable[str],
    consensus: Mapping[str, ConsensusAnswer],
    measure: str,
    *deciding: str,
    shows: bool | None = None,
) -> dict[str, ConsensusAnswer]:
    """Return the answer to a measure that follows from others; nothing without a common codebook.

    Args:
        books: The codebooks that coders followed, the latest first.
        deciding: The measures whose answers it follows from.
        shows: The answer; None: that to the first of these.
    """
    for book in books:
        if all(entry_version(book, name) == consensus[name].codebook for name in deciding):
            answer = consensus[deciding[0]].shows if shows is None else shows
            return {measure: ConsensusAnswer(answer, entry_version(book, measure))}
    return {}


_DECIDING = (
    ("leader",), ("leader", "buildings"), ("leader", "focus_facility"),
    ("buildings", "focus_facility"),
)  # fmt: skip
"""Measures whose answers decide the derived one together."""


def denied_by(role: Role) -> list[str]:
    """Return the measures whose denial denies every figure of a role, the widest first.

    >>> denied_by(Role.LEADER), denied_by(Role.OFFICIAL)
    (['people', 'leader'], ['people'])
    """
    return ["people", "leader"] if role == LEADER else ["people"]


HELD_BY = {
    "crowd": "people", "children": "people", "leader": "people",
    "focus_leader": "leader", DERIVED: "leader",
}  # fmt: skip
"""The measure that each photo with another one shows too."""


def held_by(measure: str) -> list[str]:
    """Return the measures that each photo with a measure shows too, the narrowest first.

    >>> held_by("focus_leader"), held_by("figure:Kim"), held_by("flags")
    (['leader', 'people'], ['people'], [])
    """
    holder = "people" if measure.startswith(FIGURE) else HELD_BY.get(measure)
    return [] if holder is None else [holder, *held_by(holder)]


def _denials(roles: Mapping[str, Role]) -> list[tuple[str, list[str]]]:
    """Return what the denial of a measure denies, those first that others follow from."""
    of = {name: [one for one in HELD_BY if HELD_BY[one] == name] for name in ("people", "leader")}
    for name, role in roles.items():
        for measure in denied_by(role):
            of[measure].append(f"{FIGURE}{name}")
    return list(of.items())


def disputed_measures(given: Iterable[CoderAnswer]) -> list[str]:
    """Return the measures that coders disagree on and that nobody has adjudicated.

    The derived measure is omitted: its parts are listed.
    """
    return sorted(
        measure
        for measure, answers in _by_measure(given).items()
        if measure != DERIVED
        and len({a.shows for a in answers if a.shows is not None}) > 1
        and _consensus(answers) is None
    )


def derived_answer(answers: Answers) -> bool | None:
    """Return whether a photo shows leader and facility, by other answers; None: unknown.

    The facility is shown where buildings are, or where the photo is composed around it.

    >>> derived_answer({"leader": True, "buildings": False, "focus_facility": True})
    True
    >>> derived_answer({"leader": False})
    False
    >>> derived_answer({"leader": True, "buildings": False}) is None
    True
    """
    leader = answers.get("leader")
    settings = [answers.get("buildings"), answers.get("focus_facility")]
    if leader is False or settings == [False, False]:
        return False
    return True if leader and True in settings else None


def focus_answers(focus: Focus) -> dict[str, bool | None]:
    """Return a coder's answers to the three measures of focus, of which only one may be yes.

    Args:
        focus: The focus of a photo by the coder; unsure: the coder can't tell.
    """
    options = (Focus.LEADER, Focus.FACILITY, Focus.NEITHER)
    unsure = focus is Focus.UNSURE
    return {f"focus_{option.value}": None if unsure else option is focus for option in options}


def focus_of(
    answers: Mapping[str, bool], verdict: Focus | None, *, decides: bool = True
) -> Focus | None:
    """Return what a photo is composed around, as people have settled, or else by the machine.

    Args:
        answers: What people have settled, by measure.
        verdict: The machine's verdict; None until it has looked at the photo.
        decides: Whether such a verdict decides in the photo's newspaper; see ``Decisions``.

    >>> focus_of({"focus_leader": False}, Focus.LEADER)
    <Focus.UNSURE: 'unsure'>
    """
    for option in (Focus.LEADER, Focus.FACILITY, Focus.NEITHER):
        if answers.get(f"focus_{option.value}"):
            return option
    if verdict is not None and answers.get(f"focus_{verdict.value}") is False:
        return Focus.UNSURE
    return verdict if decides else None


def focus_is_settled(answers: Mapping[str, bool], verdict: Focus | None) -> bool:
    """Return whether people, and not the machine, say what a photo is composed around.

    Args:
        answers: What people have settled, by measure.
        verdict: The machine's verdict; None until it has looked at the photo.

    >>> focus_is_settled({"focus_leader": False}, Focus.FACILITY)
    False
    """
    settled = focus_of(answers, None)
    return settled is not None or focus_of(answers, verdict) is not verdict


def implied_leader(answers: Answers, leaders: Iterable[str]) -> dict[str, bool | None]:
    """Return what answers about figures imply about the leader; nothing where they don't.

    The leader is in a photo that shows a figure of this role, and in none that shows none of them.

    Args:
        answers: A coder's answers by measure.
        leaders: Names of the figures whose role is leader.

    >>> implied_leader({"figure:Kim": True}, ["Kim", "Lee"])
    {'leader': True}
    >>> implied_leader({"figure:Kim": False}, ["Kim", "Lee"])
    {}
    >>> implied_leader({"figure:Kim": False, "figure:Lee": None}, ["Kim", "Lee"])
    {'leader': None}
    """
    measures = [f"{FIGURE}{name}" for name in leaders]
    given = [answers[measure] for measure in measures if measure in answers]
    if True in given:
        return {"leader": True}
    if not given or len(given) < len(measures):
        return {}
    return {"leader": None if None in given else False}


def answers_measure(measures: Iterable[str], measure: str) -> bool:
    """Return whether answers to some measures answer another one."""
    answered = set(measures)
    if measure != DERIVED:
        return measure in answered
    return "leader" in answered and bool({"buildings", "focus_facility"} & answered)


def contradiction(answers: Answers, leaders: Iterable[str]) -> str | None:
    """Return the contradiction within one coder's answers; None without one.

    Args:
        answers: By measure.
        leaders: Names of the figures whose photos are the leader's.
    """
    yes = {measure for measure, shows in answers.items() if shows}
    no = {measure for measure, shows in answers.items() if shows is False}
    persons = [m for m in yes if m in ("crowd", "children", "leader") or m.startswith(FIGURE)]
    if "people" in no and persons:
        return Message("a photo without people can't show %(measure)s", measure=min(persons))
    shown = sorted(f"{FIGURE}{name}" for name in leaders if f"{FIGURE}{name}" in yes)
    if "leader" in no and shown:
        return Message("%(figure)s is a leader, so the photo shows the leader", figure=shown[0])
    if "leader" in no and "focus_leader" in yes:
        return Message("a photo without the leader can't be composed around him")
    if sum(measure.startswith("focus_") for measure in yes) > 1:
        return Message("a photo is composed around one thing only")
    return None


def following_answers(
    answers: Answers, measures: Iterable[str], leaders: Iterable[str]
) -> dict[str, bool]:
    """Return the answers that follow from others: those whose opposite would contradict them.

    Args:
        answers: A coder's answers by measure, free of contradiction.
        measures: The measures that are asked.
        leaders: Names of the figures whose photos are the leader's.

    >>> following_answers({"people": False}, ["people", "children", "flags"], [])
    {'children': False}
    >>> following_answers({"children": True}, ["people", "children"], [])
    {'people': True}
    """
    names = list(leaders)
    implied: dict[str, bool] = {}
    unanswered = [measure for measure in measures if measure not in answers]
    while True:
        given = {**answers, **implied}
        new = {
            measure: not shows
            for measure in unanswered
            if measure not in given
            for shows in (True, False)
            if contradiction({**given, measure: shows}, names) is not None
        }
        if not new:
            return implied
        implied |= new


def _by_measure(answers: Iterable[CoderAnswer]) -> dict[str, list[CoderAnswer]]:
    """Return the latest answers by measure, those under the measure's latest codebook alone."""
    by_measure: dict[str, list[CoderAnswer]] = defaultdict(list)
    for answer in latest_answers(answers):
        by_measure[answer.measure].append(answer)
    latest = {
        measure: max(of_measure, key=lambda answer: answer.review).codebook
        for measure, of_measure in by_measure.items()
    }
    return {
        measure: [answer for answer in of_measure if answer.codebook == latest[measure]]
        for measure, of_measure in by_measure.items()
    }


def _consensus(answers: list[CoderAnswer]) -> bool | None:
    decided = sorted((a for a in answers if a.shows is not None), key=lambda answer: answer.review)
    rulings = [answer.shows for answer in decided if answer.adjudicates]
    if rulings:
        return rulings[-1]
    distinct = {answer.shows for answer in decided}
    return distinct.pop() if len(distinct) == 1 else None
