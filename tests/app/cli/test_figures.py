"""Figures on the command line."""

import pytest
from sqlalchemy import select

from presslens.app.db.tables import FaceRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest, LimitExceeded, NotFound

from .conftest import document, invoke, printed, refusal


@pytest.fixture
def folder(installed, tmp_path, make):
    """A folder of two reference photos of one person, and one of nobody."""
    (tmp_path / "kim").mkdir()
    for name, photo in (("a", make(faces=1)), ("b", make(faces=1, tint=5)), ("c", make(tint=9))):
        (tmp_path / "kim" / f"{name}.png").write_bytes(photo)
    return str(tmp_path / "kim")


@pytest.fixture
def face(home, worker, put, scans):
    """Return a function that gives the photo in which a face is seen."""
    put(scans)

    def find():
        worker.drain()
        with home.database.read() as session:
            return session.scalars(select(PhotoRow.id).join(FaceRow)).one()

    return find


def run(*words, **how):
    return printed("figures", *words, **how)


def listed():
    return document("figures", "list")


def test_a_figure_is_added_listed_changed_and_removed(worker, folder):
    assert "Kim is figure 1" in run("add", "Kim", folder, "--role", "heir")
    assert {r["status"] for r in listed()[0]["references"]} == {"queued"}
    worker.drain()
    (figure,) = listed()
    states = {r["name"]: r["status"] for r in figure["references"]}
    assert states == {"a.png": "done", "b.png": "done", "c.png": "rejected"}
    table = run("list")
    assert "portraits of Kim that can be used: 2; with fewer than five" in " ".join(table.split())
    assert "a.png is a reference photo of Kim already" in refusal("figures", "add", "Lee", folder)
    assert len(listed()) == 1
    for word in ("Kim", "heir", "a.png", "24 px", "1.00", "no_face"):
        assert word in table
    assert "official" in run("role", "Kim", "official")
    assert listed()[0]["role"] == "official"
    bad = next(r["id"] for r in figure["references"] if r["name"] == "c.png")
    run("remove", "Kim", "--reference", bad)
    assert sorted(r["name"] for r in listed()[0]["references"]) == ["a.png", "b.png"]
    for reference in listed()[0]["references"]:
        run("remove", "Kim", "--reference", reference["id"])
    assert "no references" in run("list")
    assert "Kim is removed" in run("remove", "Kim")
    assert listed() == []


def test_names_that_nobody_can_read_are_refused(folder):
    for name in ("", "  ", "x" * 256, "a\nb", "a\udc80", "a\u202eb"):
        done = invoke("figures", "add", name, folder, code=1)
        assert isinstance(done.exception, InvalidRequest)
        assert "1 to 255 printable characters" in str(done.exception)
    assert listed() == []
    run("add", " Kim ", folder)  # spaces around a name are none of it
    run("add", "Kim", folder)
    assert [figure["name"] for figure in listed()] == ["Kim"]


def test_nobody_is_enrolled_without_photos_or_by_a_large_one(folder, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    done = invoke("figures", "add", "Kim", tmp_path / "empty", code=1)
    assert isinstance(done.exception, InvalidRequest)
    monkeypatch.setenv("PRESSLENS_FILE_BYTES", "10")
    done = invoke("figures", "add", "Kim", folder, code=1)
    assert isinstance(done.exception, LimitExceeded)
    assert listed() == []
    assert "nobody is enrolled" in run("list")


def test_what_can_not_be_done(installed):
    for words in ("role Kim heir", "remove Kim", "confirm Kim --photo 1"):
        done = invoke("figures", *words.split(), code=1)
        assert isinstance(done.exception, NotFound)
        assert "Kim" in str(done.exception)
    for words in (
        "add Kim no-such-folder", "role Kim king", "confirm Kim", f"confirm Kim --photo {2**31}",
        f"remove Kim --reference {2**31}", "purge", "purge --yes",
    ):  # fmt: skip
        assert refusal("figures", *words.split(), code=2) is not None


def test_purging_asks_first(worker, folder):
    run("add", "Kim", folder)
    worker.drain()
    run("purge", "--embeddings", typed="n\n", code=1)
    assert {r["status"] for r in listed()[0]["references"]} == {"done", "rejected"}
    assert "0 faces in photos and of 2 references" in run("purge", "--embeddings", typed="y\n")
    assert {r["status"] for r in listed()[0]["references"]} == {"rejected"}
    counts = document("figures", "purge", "--embeddings", "--yes")
    assert counts == {"faces": 0, "references": 0}


def test_every_command_writes_json_for_other_programs(face, folder):
    added = document("figures", "add", "Kim", folder)
    assert (added["name"], len(added["references"])) == ("Kim", 3)
    photo = face()
    assert document("figures", "role", "Kim", "other")["role"] == "other"
    confirmed = document("figures", "confirm", "Kim", "--photo", photo)
    (reference,) = [r for r in confirmed["references"] if r["origin"]]
    assert (reference["status"], reference["agreement"]) == ("done", 1)
    assert len(confirmed["references"]) == 4
    removed = document("figures", "remove", "Kim")
    assert removed == {"removed": "Kim", "reference": None}
