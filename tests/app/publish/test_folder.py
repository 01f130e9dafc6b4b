"""The folder of a publication: replaced at once, and nothing but an earlier one."""

import json

import pytest

from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.publish.folder import FORMAT, check_folder, replaced_folder, write_sums


@pytest.fixture
def older(tmp_path):
    """An earlier publication."""
    folder = tmp_path / "site"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "1.html").write_text("older")
    (folder / "snapshot.json").write_text(json.dumps({"format": FORMAT}))
    write_sums(folder)
    return folder


def test_an_earlier_publication_is_replaced_whole(older, tmp_path):
    check_folder(older)
    with replaced_folder(older) as new:
        (new / "index.html").write_text("newer")
        assert (older / "photos" / "1.html").read_text() == "older"
    assert [one.name for one in older.iterdir()] == ["index.html"]
    assert [one.name for one in tmp_path.iterdir()] == ["site"]


def test_what_is_interrupted_leaves_the_older_one_whole(older, tmp_path):
    def stop() -> None:
        with replaced_folder(older) as new:
            (new / "index.html").write_text("newer")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert (older / "photos" / "1.html").read_text() == "older"
    assert [one.name for one in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("what", ["beside", "alone", "a file", "nowhere"])
def test_a_folder_with_something_else_is_refused(older, tmp_path, what):
    folder, kind = {
        "beside": (older, Conflict),
        "alone": (tmp_path / "mine", Conflict),
        "a file": (older / "SHA256SUMS", Conflict),
        "nowhere": (tmp_path / "there" / "is" / "none", InvalidRequest),
    }[what]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine")
    (older / "notes.txt").write_text("mine")
    with pytest.raises(kind):
        check_folder(folder)


def test_an_empty_folder_and_a_new_one_are_taken(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "new"):
        check_folder(tmp_path / name)
        with replaced_folder(tmp_path / name) as new:
            (new / "index.html").write_text(name)
        assert (tmp_path / name / "index.html").read_text() == name
