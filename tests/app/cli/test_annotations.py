"""Corrections of other tools on the command line: previewed, stored, and taken back as one."""

import json
import zipfile

import pytest
import structlog
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.installation import init_installation

runner = CliRunner()


@pytest.fixture(autouse=True)
def scripted(settings, monkeypatch):
    for name in ("data_dir", "database_url", "recipe", "processes", "min_free_bytes"):
        monkeypatch.setenv(f"PRESSLENS_{name.upper()}", str(getattr(settings, name)))
    init_installation(settings)
    yield
    structlog.reset_defaults()


def run(*command, code=0):
    done = runner.invoke(cli, [*map(str, command)])
    assert done.exit_code == code, done.output
    return done.output


def photos_of(path):
    document = json.loads(path.read_text())
    return [one for one in document["annotations"] if one["category_id"] == 1]


def test_coco_goes_out_and_comes_back(home, worker, put, scans, tmp_path):
    put(scans)
    worker.drain()
    original, corrected = tmp_path / "original.json", tmp_path / "corrected.json"
    run("export", "coco", "--photos-only", "--out", original)
    document = json.loads(original.read_text())
    document["annotations"][0]["bbox"][2] += 20
    del document["annotations"][1]
    corrected.write_text(json.dumps(document))
    command = ("reviews", "import-coco", corrected, "--exported", original, "--coder", "Ann")
    preview = run(*command)
    assert "1 photo with another box" in preview
    assert "1 photo removed" in preview
    assert "--yes stores it" in preview
    stored = json.loads(run(*command, "--yes", "--json"))
    assert (stored["applied"], stored["moved"], stored["removed"]) == (True, 1, 1)
    after = tmp_path / "after.json"
    run("export", "coco", "--out", after)
    assert len(photos_of(after)) == 2
    assert "there was nothing to change" in run(*command, "--yes")
    (edit,) = (one for one in json.loads(run("edits", "--json"))["edits"] if "COCO" in one["text"])
    assert edit["text"].endswith("(pages: 2): photos moved: 1, photos removed: 1")
    run("edits", "undo", stored["edit"])
    run("export", "coco", "--out", after)
    assert len(photos_of(after)) == 3


def test_label_studio_goes_out_and_comes_back(home, worker, put, scans, tmp_path):
    put(scans)
    worker.drain()
    run("export", "label-studio", "--images", "--out", tmp_path / "tasks.zip")
    with zipfile.ZipFile(tmp_path / "tasks.zip") as files:
        tasks = json.loads(files.read("tasks.json"))
        assert "pictures/page-1.jpg" in files.namelist()
    untouched = tmp_path / "tasks.json"
    untouched.write_text(json.dumps(tasks))
    given_back = runner.invoke(cli, ["reviews", "import-label-studio", str(untouched)])
    assert "nobody has annotated any of it" in given_back.stderr
    for by, task in enumerate(tasks[:2], start=1):
        results = task["predictions"][0]["result"]
        removed = results[0]["id"]
        kept = [result for result in results if result["id"] != removed]
        task["annotations"] = [{"id": by, "completed_by": by, "result": kept}]
    exported = tmp_path / "export.json"
    exported.write_text(json.dumps(tasks))
    command = ("reviews", "import-label-studio", exported, "--json")
    assert "2 people have annotated" in str(
        runner.invoke(cli, [*map(str, command), "--coder", "Ann"]).exception
    )
    run(*command, "--annotator", "Ann", code=2)
    stored = json.loads(run(*command, "--annotator", "1=Ann", "--yes"))
    assert (stored["removed"], stored["coders"]) == (2, ["Ann", "annotator 2"])
    assert (stored["skipped"], stored["unchanged"]) == (1, 1)


def test_what_is_no_coco_file_changes_nothing(tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text("photo,coder\n")
    assert "not COCO JSON" in str(
        runner.invoke(cli, ["reviews", "import-coco", str(wrong), "--coder", "Ann"]).exception
    )
    run("reviews", "import-coco", wrong, code=2)
