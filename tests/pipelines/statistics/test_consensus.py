"""What is settled of a photo, and what can't be true together."""

import pytest

from presslens.models.faces.gallery import Role
from presslens.models.subjects.codebook import entry_version
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.consensus import (
    CoderAnswer,
    answers_measure,
    consensus_answers,
    contradiction,
    derived_answer,
    disputed_measures,
    focus_answers,
)

ROLES = {"Kim": Role.LEADER, "Pak": Role.OFFICIAL}
LEADER_THERE = dict.fromkeys(("leader", "figure:Kim"), True)
NO_LEADER = dict.fromkeys(("leader", "figure:Kim", "leader_and_facility", "focus_leader"), False)
NOBODY = {**NO_LEADER, **dict.fromkeys(("people", "crowd", "children", "figure:Pak"), False)}


def said(*answers):
    """Answers as (coder, measure, shows), or with adjudicates behind."""
    return [CoderAnswer(i, *answer) for i, answer in enumerate(answers, 1)]


@pytest.mark.parametrize(
    ("answers", "settled", "disputed"),
    [
        ([], {}, []),
        ([("A", "people", True)], {"people": True}, []),
        ([("A", "people", None)], {}, []),
        ([("A", "people", True), ("B", "people", True)], {"people": True}, []),
        ([("A", "people", True), ("B", "people", None)], {"people": True}, []),
        ([("A", "people", True), ("B", "people", False)], {}, ["people"]),
        # The facility is not shown, whether or not somebody was asked for the leader.
        (
            [("A", "buildings", False), ("A", "focus_facility", False)],
            {"buildings": False, "focus_facility": False, "leader_and_facility": False},
            [],
        ),
        # What the same coder says later counts, measure by measure.
        ([("A", "people", True), ("A", "people", False)], NOBODY, []),
        ([("A", "people", True), ("A", "crowd", False)], {"people": True, "crowd": False}, []),
        ([("A", "people", True), ("A", "people", None)], {}, []),
        # An adjudication wins, whoever said what when, unless it can't tell.
        ([("C", "people", False, True), ("A", "people", True), ("B", "people", True)], NOBODY, []),
        (
            [("A", "people", True), ("B", "people", False), ("A", "people", True, True)],
            {"people": True},
            [],
        ),
        (
            [("A", "people", True), ("B", "people", False), ("C", "people", None, True)],
            {},
            ["people"],
        ),
        ([("C", "people", False, True), ("D", "people", True, True)], {"people": True}, []),
        # What follows from other answers, whoever gave them.
        (
            [("A", "leader", True), ("B", "buildings", True)],
            {**LEADER_THERE, "buildings": True, "leader_and_facility": True},
            [],
        ),
        ([("A", "leader", True)], LEADER_THERE, []),
        (
            [("A", "leader", True), ("B", "figure:Kim", False)],
            {"leader": True, "figure:Kim": False},
            [],
        ),
        ([("A", "leader", False)], NO_LEADER, []),
        # A denial never overwrites what people have settled themselves.
        (
            [("A", "leader", False), ("B", "figure:Kim", True), ("B", "focus_leader", True)],
            {**NO_LEADER, "figure:Kim": True, "focus_leader": True},
            [],
        ),
        (
            [
                ("A", "people", False),
                ("B", "leader", True),
                ("B", "buildings", True),
                ("B", "focus_leader", True),
            ],
            {
                **NOBODY,
                **LEADER_THERE,
                **dict.fromkeys(("buildings", "leader_and_facility", "focus_leader"), True),
            },
            [],
        ),
    ],
)
def test_what_is_settled(answers, settled, disputed):
    found = consensus_answers(said(*answers), ROLES)
    assert {measure: answer.shows for measure, answer in found.items()} == settled
    found = consensus_answers(said(("A", "leader", True)), {**ROLES, "Lee": Role.LEADER})
    assert list(found) == ["leader"]  # either may be meant
    assert disputed_measures(said(*answers)) == disputed


def test_what_follows_from_answers_follows_the_entries_that_decide():
    def settled(*given):
        answers = [
            CoderAnswer(
                number, "A", measure, shows, codebook=entry_version(book, measure), whole=book
            )
            for number, (measure, shows, book) in enumerate(given)
        ]
        found = consensus_answers(answers, ROLES)
        return {measure: (answer.shows, answer.codebook) for measure, answer in found.items()}

    there = settled(
        ("leader", True, "2"), ("buildings", True, "2"), ("children", True, "2 children=3")
    )
    assert there["leader_and_facility"] == (True, "2")
    assert there["figure:Kim"] == (True, "2")
    # Of the buildings only what was asked anew counts, and stands beside the leader of before.
    both = [("leader", True, "2"), ("buildings", True, "2"), ("buildings", True, "2 buildings=3")]
    assert settled(*both)["leader_and_facility"] == (True, "2 buildings=3")
    # No codebook has the two entries that were followed.
    apart = ("leader", True, "2 leader=4"), ("buildings", True, "2 buildings=3")
    assert "leader_and_facility" not in settled(*apart)
    # Without people nobody is there, by whatever entries on others.
    nobody = settled(("people", False, "2 people=3 leader=4"))
    assert nobody["people"] == (False, "3")
    assert nobody["leader"] == (False, "4")
    assert nobody["leader_and_facility"] == (False, "2 leader=4")
    assert nobody["children"] == nobody["figure:Kim"] == (False, "2")


@pytest.mark.parametrize(
    ("leader", "buildings", "facility", "shows"),
    [
        (True, True, None, True), (True, None, True, True), (True, False, True, True),
        (True, False, False, False), (True, None, False, None), (False, None, None, False),
        (None, True, True, None), (None, False, False, False), (None, None, None, None),
    ],
)  # fmt: skip
def test_leader_and_facility_follows_where_it_can(leader, buildings, facility, shows):
    answers = {"leader": leader, "buildings": buildings, "focus_facility": facility}
    assert derived_answer(answers) is shows


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"people": True, "crowd": True}, None),
        ({"crowd": True}, None),
        ({"people": None, "crowd": True}, None),
        ({"people": False, "crowd": True}, "without people can't show crowd"),
        ({"people": False, "children": True}, "children"),
        ({"people": False, "leader": True}, "leader"),
        ({"people": False, "figure:Kim": True}, "figure:Kim"),
        ({"people": False, "buildings": True, "fireworks": True, "leader": False}, None),
        ({"leader": False, "figure:Kim": True}, "Kim is a leader"),
        ({"leader": False, "figure:Pak": True}, None),
        ({"leader": False, **focus_answers(Focus.LEADER)}, "composed around him"),
        ({"focus_leader": True, "focus_facility": True}, "one thing only"),
    ],
)
def test_answers_that_contradict_each_other(answers, fault):
    found = contradiction(answers, ["Kim"])
    assert (found is None) if fault is None else (fault in found)


def test_the_focus_is_one_answer():
    assert focus_answers(Focus("facility")) == {
        "focus_leader": False,
        "focus_facility": True,
        "focus_neither": False,
    }
    assert set(focus_answers(Focus.UNSURE).values()) == {None}


@pytest.mark.parametrize(
    ("asked", "measure", "told"),
    [
        ({"people"}, "people", True),
        ({"people"}, "crowd", False),
        ({"leader"}, "leader_and_facility", False),
        ({"leader", "buildings"}, "leader_and_facility", True),
        ({"leader", "focus_facility"}, "leader_and_facility", True),
        ({"buildings", "focus_facility"}, "leader_and_facility", False),
    ],
)
def test_who_was_asked_for_a_measure(asked, measure, told):
    assert answers_measure(asked, measure) is told
