"""Single answers of one coder, given one after the other, are one line of the log."""

from datetime import UTC, datetime, timedelta

from presslens.app.db.edits import Action
from presslens.app.services.edits.listing import EditState
from presslens.app.web.edits import ACTIONS, group_edits

LAST = datetime(2020, 1, 2, 12, tzinfo=UTC)


def edit(id_, minutes, *, coder="A", action=Action.REVIEW, photo=1):
    at = LAST - timedelta(minutes=minutes)
    return EditState(id_, at, coder, action, "photo", photo, None, "", "", None, None)


def ids(groups):
    return [[one.id for one in group] for group in groups]


def test_answers_of_one_sitting_are_one_line():
    others = [edit(5, 0, action=Action.UPLOAD), edit(4, 1), edit(3, 9), edit(2, 18), edit(1, 29)]
    assert ids(group_edits(others, {})) == [[5], [4, 3, 2], [1]]
    assert ids(group_edits([edit(3, 1), edit(2, 2, coder="B"), edit(1, 3)], {})) == [[3], [2], [1]]
    assert ids(group_edits([edit(2, 1), edit(1, 2)], {})) == [[2], [1]]


def test_answers_of_one_sample_are_one_line_however_long_the_pause():
    edits = [edit(3, 0, photo=7), edit(2, 90, photo=8), edit(1, 900, photo=9)]
    assert ids(group_edits(edits, {7: {1}, 8: {1, 2}, 9: {2}})) == [[3, 2, 1]]


def test_every_kind_of_edit_has_words():
    assert set(ACTIONS) == set(Action)
