"""The commands backup, restore and check, as a person types them."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.services.exports.canonical_dump import canonical_dump

from ..conftest import RECIPE


@pytest.fixture
def run(home, monkeypatch, put, make):
    put({"a.png": make(persons=1)})
    for name in ("data_dir", "database_url", "recipe", "min_free_bytes"):
        monkeypatch.setenv(f"PRESSLENS_{name.upper()}", str(getattr(home.settings, name)))

    def invoke(*arguments, code=0):
        done = CliRunner().invoke(cli, [str(one) for one in arguments])
        assert done.exit_code == code, (done.output, done.exception)
        return done

    return invoke


def test_backup_restore_check(run, home, tmp_path, monkeypatch):
    content = canonical_dump(home)
    said = run("backup", tmp_path / "b.tar").stdout
    assert "1 file and the database copied to" in said
    assert (tmp_path / "b.tar").is_file()
    folder = json.loads(run("backup", f"{tmp_path}/b/", "--json").stdout)
    assert (folder["copied"], folder["kept"], folder["missing"]) == (1, 0, [])
    assert "0 files" in run("backup", tmp_path / "b").stdout  # the folder, for it is one
    assert "all is well" in run("check").stderr
    for scan in (home.storage.root / "scans").rglob("*"):
        if scan.is_file():
            scan.unlink()
            name = str(scan.relative_to(home.storage.root))
    report = json.loads(run("check", "--json", code=1).stdout)
    assert report["findings"] == [
        {"fault": "missing", "what": name, "detail": "an upload of edition 1"}
    ]
    assert f"missing: {name}: an upload of edition 1" in run("check", "--repair", code=1).stderr
    assert f"{name} is missing from the store" in run("backup", tmp_path / "c.tar", code=1).stderr
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", "")
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "new"))
    monkeypatch.setenv("PRESSLENS_RECIPE", str(RECIPE))
    shutil.rmtree(home.storage.root)
    assert "is restored to" in run("restore", tmp_path / "b.tar").stdout
    run("check")
    assert run("dump").stdout == content


def test_restore_says_what_it_leaves_out_and_how_to_give_it_anew(run, tmp_path, monkeypatch):
    password = json.loads(run("users", "add", "Ada Lee", "--role", "admin", "--json").stdout)
    run("keys", "add", "my R", "--preset", "R and pandas")
    run("links", "add", "/gallery")
    run("backup", tmp_path / "b.tar")
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", "")
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "new"))
    said = run("restore", tmp_path / "b.tar").stdout
    assert "Left out: 1 key, 1 share link, 0 logins, 1 password." in said
    for command in ("users password 'Ada Lee'", "keys add NAME", "links add ADDRESS"):
        assert f"  presslens {command}\n" in said
    assert "no password" in run("users", "list").stdout
    assert json.loads(run("keys", "list", "--json").stdout)["keys"] == []
    other = json.loads(run("users", "password", "Ada Lee", "--json").stdout)
    assert other["password"] != password["password"]

    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "moved"))
    answer = json.loads(run("restore", tmp_path / "b.tar", "--with-access", "--json").stdout)
    left_out = {"keys": 0, "links": 0, "logins": 0, "accounts": []}
    assert (answer["with_access"], answer["left_out"]) == (True, left_out)
    assert len(json.loads(run("keys", "list", "--json").stdout)["keys"]) == 1
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "again"))
    said = run("restore", tmp_path / "b.tar", "--with-access").stderr
    assert "open this installation" in said
