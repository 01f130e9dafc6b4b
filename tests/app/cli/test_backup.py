"""The commands backup, restore and check, as a person types them."""

import shutil

import pytest

from presslens.app.services.exports.canonical_dump import canonical_dump

from .conftest import document, invoke, printed


@pytest.fixture
def home(installed, put, make):
    """Return an installation with a page."""
    put({"a.png": make(persons=1)})
    return installed


@pytest.fixture
def move(monkeypatch, tmp_path):
    """Return a function by which the environment names another folder."""

    def name(folder):
        monkeypatch.setenv("PRESSLENS_DATABASE_URL", "")
        monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / folder))

    return name


def test_backup_restore_check(home, tmp_path, move):
    content = canonical_dump(home)
    said = printed("backup", tmp_path / "b.tar")
    assert "1 file and the database copied to" in said
    assert (tmp_path / "b.tar").is_file()
    folder = document("backup", f"{tmp_path}/b/")
    assert (folder["copied"], folder["kept"], folder["missing"]) == (1, 0, [])
    assert "0 files" in printed("backup", tmp_path / "b")  # the folder, for it is one
    assert "all is well" in invoke("check").stderr
    for scan in (home.storage.root / "scans").rglob("*"):
        if scan.is_file():
            scan.unlink()
            name = str(scan.relative_to(home.storage.root))
    assert document("check", code=1)["findings"] == [
        {"fault": "missing", "what": name, "detail": "an upload of edition 1"}
    ]
    told = invoke("check", "--repair", code=1).stderr
    assert f"missing: {name}: an upload of edition 1" in told
    told = invoke("backup", tmp_path / "c.tar", code=1).stderr
    assert f"{name} is missing from the store" in told
    move("new")
    shutil.rmtree(home.storage.root)
    assert "is restored to" in printed("restore", tmp_path / "b.tar")
    printed("check")
    assert printed("dump") == content


def test_restore_says_what_it_leaves_out_and_how_to_give_it_anew(home, tmp_path, move):
    password = document("users", "add", "Ada Lee", "--role", "admin")
    printed("keys", "add", "my R", "--preset", "R and pandas")
    printed("links", "add", "/gallery")
    printed("backup", tmp_path / "b.tar")
    move("new")
    said = printed("restore", tmp_path / "b.tar")
    assert "Left out: 1 key, 1 share link, 0 invitations, 0 logins, 1 password." in said
    for command in ("users password 'Ada Lee'", "keys add NAME", "links add ADDRESS"):
        assert f"  presslens {command}\n" in said
    assert "no password" in printed("users", "list")
    assert document("keys", "list")["keys"] == []
    other = document("users", "password", "Ada Lee")
    assert other["password"] != password["password"]
    move("moved")
    answer = document("restore", tmp_path / "b.tar", "--with-access")
    left_out = {"keys": 0, "links": 0, "invitations": 0, "logins": 0, "accounts": []}
    assert (answer["with_access"], answer["left_out"]) == (True, left_out)
    assert len(document("keys", "list")["keys"]) == 1
    move("again")
    said = invoke("restore", tmp_path / "b.tar", "--with-access").stderr
    assert "open this installation" in said
