"""``presslens editions``, ``presslens publications``, and what is said beside results."""

import json
from datetime import date

import pytest

from ..first_states import made_once
from .conftest import document, invoke, printed, refusal

pytestmark = pytest.mark.usefixtures("installed")
MON, TUE = date(2019, 12, 16), date(2019, 12, 17)


@pytest.fixture
@made_once
def archive(worker, put, make):
    """An edition that was uploaded twice, one with a page that is no picture, one that waits."""
    put({"a.png": make()}, day=MON)
    put({"a.png": make(tint=9), "b.png": make(tint=3)}, day=MON)
    put({"bad.png": b"no picture", "c.png": make(tint=5)}, day=TUE)
    worker.drain()
    put({"d.png": make(tint=7)}, publication="Minju Joson", day=TUE)


def test_editions_are_listed_with_what_became_of_them(archive):
    lines = [line.rstrip() for line in printed("editions").splitlines()]
    assert [line.split()[:2] for line in lines[2:6]] == [
        ["4", "2019-12-17"], ["3", "2019-12-17"], ["2", "2019-12-16"], ["1", "2019-12-16"],
    ]  # fmt: skip
    assert lines[2].endswith("Minju Joson    not known  not known  queued")
    assert "done, 1 page rejected" in lines[3]
    assert "superseded by a later upload" in lines[5]
    assert "superseded" not in lines[4]
    assert lines[6] == "3 editions, 4 pages, 3 photos, 1 superseded upload not counted"
    found = document("editions", "--to", MON)["editions"]
    assert [(one["id"], one["superseded"]) for one in found] == [(2, False), (1, True)]
    assert "no editions that fit" in printed("editions", "--from", "2020-01-01")


def test_newspapers_are_listed_with_their_days(archive):
    papers = document("publications")["publications"]
    found = {paper["publication"]: paper for paper in papers}
    assert found["Rodong Sinmun"].items() >= {
        "publication": "Rodong Sinmun", "editions": 2, "superseded": 1, "missing": None,
        "first": "2019-12-16", "last": "2019-12-17", "pages": 4, "usual_pages": 6,
    }.items()  # fmt: skip
    assert "2019-12-17" in printed("publications")
    assert printed("publications", "--publication", "로동신문").count("Rodong Sinmun") == 1
    for name, meant in (("rodong sinmum", "Rodong Sinmun"), ("Joson", "Minju Joson")):
        told = refusal("editions", "--publication", name)
        assert told == f"there is no newspaper {name!r}: did you mean {meant}?"


def test_a_day_that_is_none_is_refused():
    assert "YYYY-MM-DD" in invoke("editions", "--from", "16.12.2019", code=2).stderr
    told = invoke("editions", "--to", "2019-02-29", code=2).stderr
    assert "there is no day 2019-02-29" in told


def test_refused_pages_are_named_every_night_until_they_are_settled(archive, tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for _ in range(2):
        night = invoke("nightly", "--inbox", inbox, "--json", code=1)
        (page,) = json.loads(night.stdout)["refused"]
        assert (page["edition"], page["page_number"], page["source"]) == (3, 1, "bad.png")
        assert "Rodong Sinmun 2019-12-17, page 1 (edition 3, bad.png): rejected" in night.stderr
        assert "no leader is enrolled" in night.stderr
    assert refusal("editions", "settle", 3, "--page", 2)
    assert "settled: Rodong Sinmun 2019-12-17, page 1" in printed("editions", "settle", 3)
    assert document("nightly", "--inbox", inbox)["refused"] == []
    assert refusal("editions", "settle", 3)


def test_an_import_says_what_is_doubtful(archive, tmp_path, make):
    scans = tmp_path / "scans"
    (scans / "more").mkdir(parents=True)
    about = ("--publication", "Rodong Sinmum", "--date", "2019-12-18")
    assert f"only sub-folders: give {scans / 'more'}" in refusal("import", scans, *about)
    (scans / "page_1.png").write_bytes(make(tint=21))
    done = invoke("import", scans, *about)
    assert done.stdout == "edition 5 imported\n"
    assert "did you mean Rodong Sinmun?" in done.stderr
    assert f"sub-folders are passed over: {scans / 'more'}" in done.stderr
    assert "no leader is enrolled" in done.stderr
    # The worker of the fixture lives, and does not take the edition up by itself.
    assert "no worker is running" not in done.stderr


def test_a_queue_without_a_worker_is_told(tmp_path, make):
    (tmp_path / "page_1.png").write_bytes(make())
    about = ("--publication", "Rodong Sinmun", "--date", "2019-12-18")
    told = invoke("import", tmp_path / "page_1.png", *about).stderr
    assert "1 edition waits and no worker is running" in told
    assert "`presslens nightly --inbox FOLDER` works too" in told


def test_a_folder_that_does_not_exist_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "nowhere"))
    monkeypatch.delenv("PRESSLENS_DATABASE_URL")
    assert "nowhere does not exist: run `presslens init`" in refusal("editions")
