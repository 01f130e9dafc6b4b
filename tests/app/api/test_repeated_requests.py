"""Requests with an Idempotency-Key, sent again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from presslens.app.api import figures
from presslens.app.db.repeated_requests import RETENTION, RepeatedRequest
from presslens.app.platform import clock
from presslens.app.services.accounts.identity import LOOPBACK
from presslens.app.services.figures.figures import list_figures

FIELDS = {"publication": "Rodong Sinmun", "date": "2019-12-16"}


def post(client, scans, key="k", **more):
    files = [("files", (name, data)) for name, data in scans.items()]
    headers = {"Idempotency-Key": key}
    return client.post("/api/v1/editions", data={**FIELDS, **more}, files=files, headers=headers)


@pytest.mark.both_databases
def test_the_same_request_has_one_effect_and_one_answer(client, home, scans, make, subtests):
    first = post(client, scans)
    assert first.json()["created"]
    with subtests.test(msg="the same"):  # whose boundary is another one
        again = post(client, scans)
        assert (again.status_code, again.json()) == (202, first.json())
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers["location"] == first.headers["location"]
    for what, answer in {
        "another field": post(client, scans, date="2019-12-17"),
        "another file": post(client, {**scans, "page_9.png": make(tint=3)}),
        "another address": client.post(
            "/api/v1/figures", json={"name": "Kim"}, headers={"Idempotency-Key": "k"}
        ),
    }.items():
        with subtests.test(msg=what):
            assert (answer.status_code, answer.json()["title"]) == (422, "Unprocessable Entity")
    with subtests.test(msg="another key"):
        assert post(client, scans, key="other").json()["created"] is False
    with subtests.test(msg="a key that is none"):
        assert post(client, scans, key="x" * 256).status_code == 400
    with subtests.test(msg="a day later"):
        request = RepeatedRequest(home.database, LOOPBACK.key, "k")
        assert request.begin(clock.now()).status == 202
        assert request.begin(clock.now() + RETENTION + timedelta(seconds=1)) is True
        assert request.begin(clock.now()) is False


def test_what_fails_is_tried_again(client, scans):
    assert post(client, scans, date="2999-01-01").status_code == 422
    assert post(client, scans).status_code == 202


def test_at_once_it_has_one_effect(client, home, monkeypatch):
    begun, ready, made = threading.Event(), threading.Event(), []
    enrol = figures.enrol_by_name

    def slowly(*args, **options):
        made.append(args)
        begun.set()
        ready.wait(20)
        return enrol(*args, **options)

    monkeypatch.setattr(figures, "enrol_by_name", slowly)

    def ask(_=None):
        headers = {"Idempotency-Key": "one"}
        return client.post("/api/v1/figures", json={"name": "Kim"}, headers=headers)

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(ask)
        assert begun.wait(20)
        others = list(threads.map(ask, range(7)))
        ready.set()
        answer = first.result()
    assert {other.status_code for other in others} == {409}
    assert others[0].headers["retry-after"] == "5"
    assert ask().json() == answer.json()
    assert (len(made), len(list_figures(home))) == (1, 1)
