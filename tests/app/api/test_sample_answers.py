"""Answers to a sample over HTTP: each once, blind, taken back, told of others, from a file."""

import pytest

from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.reviews.coding_desk import adjudication_desk, coding_desk

from ..first_states import made_once

SAMPLES, EDITS = "/api/v1/samples", "/api/v1/edits"


@pytest.fixture
@made_once
def sample(client, worker, upload, scans):
    """A sample of three photos, all of them for two coders."""
    upload(scans)
    worker.drain()
    body = {"measures": ["people", "focus_leader"], "items": 3, "second": 1.0, "name": "mine"}
    return client.post(SAMPLES, json=body).json()


@pytest.fixture
def answer(client, sample):
    def post(*answers, coder="A", **rest):
        body = {"coder": coder, "answers": list(answers), **rest}
        return client.post(f"{SAMPLES}/{sample['id']}/answers", json=body)

    return post


@pytest.fixture
def items(home, sample):
    return [item.id for item, _ in coding_desk(home, sample["id"], "A").open]


def people(client_id, item, shows=True, **rest):
    return {"client_id": client_id, "item": item, "answers": {"people": shows}, **rest}


def test_an_answer_is_stored_once_however_often_it_is_sent(client, answer, items):
    given = people("device-1:1", items[0], seconds=1.5, note="blurred")
    first = answer(given).json()
    again = answer(given, people("device-1:2", items[1], None)).json()
    assert first["edit"] == first["answers"][0]["edit"]
    assert again["answers"][0] == {**first["answers"][0], "new": False}
    assert [one["new"] for one in again["answers"]] == [False, True]
    # Another coder's device may have come to the same id.
    assert answer(given, coder="B").json()["answers"][0]["new"]
    reviews = client.get("/api/v1/reviews", params={"coder": "A"}).json()["reviews"]
    assert [(one["answers"], one["seconds"], one["note"]) for one in reviews] == [
        ({"people": None}, None, None),
        ({"people": True}, 1.5, "blurred"),
    ]
    assert len(client.get(EDITS, params={"coder": "A"}).json()["edits"]) == 2


def test_answers_tell_nothing_but_who_came_between(answer, items):
    answer(people("device-b:1", items[0], False), coder="B")
    blind = answer(people("device-a:0", items[0])).json()["answers"][0]
    assert blind["meanwhile"] == []
    told = answer(people("device-a:1", items[0], since=0)).json()["answers"][0]
    assert set(told) == {"client_id", "review", "edit", "new", "meanwhile", "refused"}
    assert told["meanwhile"] == ["B"]
    known = people("device-a:2", items[0], known=["B"])
    assert answer(known).json()["answers"][0]["meanwhile"] == []
    since = people("device-a:3", items[0], since=told["review"])
    assert answer(since).json()["answers"][0]["meanwhile"] == []


def test_an_answer_is_taken_back_and_what_is_refused_keeps_nothing_back(home, answer, items):
    before = canonical_dump(home)
    focus = {"client_id": "device-1:2", "item": items[0], "focus": "leader"}
    none = {"client_id": "device-1:1", "item": items[0], "answers": {"leader": False}}
    kept = answer(none, focus, people("device-1:3", 999), people("device-1:4", items[1])).json()
    refused = [one["refused"] for one in kept["answers"]]
    assert refused[0] is refused[3] is None
    assert "without the leader" in refused[1]
    assert "not of this sample" in refused[2]
    back = [{"client_id": f"device-1:{i}", "withdrawn": True} for i in (4, 1, 2)]
    assert [one["new"] for one in answer(*back).json()["answers"]] == [True, True, False]
    assert not any(one["new"] for one in answer(*back).json()["answers"])
    assert canonical_dump(home) == before


def test_a_file_of_answers_is_one_edit_and_harmless_twice(client, home, answer, items):
    before = canonical_dump(home)
    given = [people(f"device-9:{i}", item) for i, item in enumerate(items)]
    edit = answer(*given, as_one=True).json()["edit"]
    again = answer(*given, as_one=True).json()
    assert again["edit"] is None
    assert len(client.get(EDITS, params={"coder": "A"}).json()["edits"]) == 1
    client.post(f"{EDITS}/{edit}/undo", json={"coder": "A"})
    assert canonical_dump(home) == before


def test_the_desk_is_blind_and_remembers_what_a_coder_decided(home, sample, answer, items):
    answer(people("device-b:1", items[0], False, note="seen by B"), coder="B")
    answer(people("device-a:1", items[0], seconds=2), people("device-a:2", items[1], None))
    answer({"client_id": "device-a:3", "item": items[0], "focus": "neither"})
    desk = coding_desk(home, sample["id"], "A").to_json()
    assert desk["questions"] == ["people", "focus"]
    assert desk["left"] == len(items) - 1
    assert [(one["item"], one["question"], one["answer"]) for one in desk["before"]] == [
        (items[0], "focus", "neither"),
        (items[1], "people", "cant_tell"),
        (items[0], "people", "yes"),
    ]
    assert desk["progress"]["mine"] == 1
    assert desk["progress"]["seconds"] == 2
    for secret in ("seen by B", "probability", "stratum", "inclusion", "settled", "machine"):
        assert secret not in str(desk)
    assert len(desk["items"][0]["box"]) == 4


def test_disputes_are_adjudicated(client, home, sample, answer, items):
    answer(people("device-b:1", items[0], False, note="a statue"), coder="B")
    answer(people("device-a:1", items[0]))
    dispute = adjudication_desk(home, sample["id"], "C").to_json()["disputes"]
    assert [(one["item"], one["question"]) for one in dispute] == [(items[0], "people")]
    assert dispute[0]["said"] == [
        {"coder": "A", "answer": "yes", "note": None},
        {"coder": "B", "answer": "no", "note": "a statue"},
    ]
    answer(people("device-c:1", items[0], False, adjudicates=True), coder="C")
    assert adjudication_desk(home, sample["id"], "C").left == 0
    progress = client.get(f"{SAMPLES}/{sample['id']}").json()["progress"]["people"]
    assert progress["adjudicated"] == 1


def test_the_share_follows_at_once(client, sample, answer, items):
    address = f"{SAMPLES}/{sample['id']}/estimates"
    before = client.get(address).json()["estimates"][0]
    answer(*(people(f"device-1:{i}", item) for i, item in enumerate(items)))
    after = client.get(address).json()["estimates"][0]
    assert (before["answered"], after["answered"]) == (0, 3)
    assert before["drawn"] in (0, None)
    assert (after["value"], after["drawn"]) == (1.0, 3)
    stats = client.get("/api/v1/stats", params={"metric": "people"}).json()
    assert stats["groups"][0]["value"] == after["value"]


@pytest.mark.parametrize(
    "given",
    [
        {"client_id": "short", "item": 1, "answers": {"people": True}},
        {"client_id": "device-1:1", "item": 1},
        {"client_id": "device-1:1", "answers": {"people": True}},
        {"client_id": "device-1:1", "item": 1, "answers": {"people": True}, "note": "\0"},
        {"client_id": "device-1:1", "item": 1, "answers": {"people": True}, "known": [""]},
    ],
)
def test_hostile_answers(answer, given):
    assert answer(given).status_code == 422


def test_a_question_that_was_not_asked_is_refused_in_words(answer, items):
    odd = {"client_id": "device-1:1", "item": items[0], "answers": {"beauty": True}}
    assert "beauty" in answer(odd).json()["answers"][0]["refused"]
