"""Corrections of other tools on the command line: previewed, stored, and taken back as one."""

import json
import zipfile

import pytest

from .conftest import document, invoke, printed, refusal

pytestmark = pytest.mark.usefixtures("installed")


def photos_of(path):
    annotations = json.loads(path.read_text())["annotations"]
    return [one for one in annotations if one["category_id"] == 1]


def test_coco_goes_out_and_comes_back(worker, put, scans, tmp_path):
    put(scans)
    worker.drain()
    original, corrected = tmp_path / "original.json", tmp_path / "corrected.json"
    printed("export", "coco", "--photos-only", "--out", original)
    coco = json.loads(original.read_text())
    coco["annotations"][0]["bbox"][2] += 20
    del coco["annotations"][1]
    corrected.write_text(json.dumps(coco))
    command = ("reviews", "import-coco", corrected, "--exported", original, "--coder", "Ann")
    preview = invoke(*command).output
    for words in ("1 photo with another box", "1 photo removed", "--yes stores it"):
        assert words in preview
    stored = document(*command, "--yes")
    assert (stored["applied"], stored["moved"], stored["removed"]) == (True, 1, 1)
    after = tmp_path / "after.json"
    printed("export", "coco", "--out", after)
    assert len(photos_of(after)) == 2
    assert "there was nothing to change" in invoke(*command, "--yes").output
    (edit,) = (one for one in document("edits")["edits"] if "COCO" in one["text"])
    assert edit["text"].endswith("(pages: 2): photos moved: 1, photos removed: 1")
    printed("edits", "undo", stored["edit"])
    printed("export", "coco", "--out", after)
    assert len(photos_of(after)) == 3


def test_label_studio_goes_out_and_comes_back(worker, put, scans, tmp_path):
    put(scans)
    worker.drain()
    printed("export", "label-studio", "--images", "--out", tmp_path / "tasks.zip")
    with zipfile.ZipFile(tmp_path / "tasks.zip") as files:
        tasks = json.loads(files.read("tasks.json"))
        assert "pictures/page-1.jpg" in files.namelist()
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps(tasks))
    command = ("reviews", "import-label-studio", file)
    assert "nobody has annotated any of it" in invoke(*command, code=None).stderr
    for by, task in enumerate(tasks[:2], start=1):
        results = task["predictions"][0]["result"]
        kept = [result for result in results if result["id"] != results[0]["id"]]
        task["annotations"] = [{"id": by, "completed_by": by, "result": kept}]
    file.write_text(json.dumps(tasks))
    assert "2 people have annotated" in refusal(*command, "--json", "--coder", "Ann")
    invoke(*command, "--annotator", "Ann", code=2)
    stored = document(*command, "--annotator", "1=Ann", "--yes")
    assert (stored["removed"], stored["coders"]) == (2, ["Ann", "annotator 2"])
    assert (stored["skipped"], stored["unchanged"]) == (1, 1)


def test_what_is_no_coco_file_changes_nothing(tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text("photo,coder\n")
    assert "not COCO JSON" in refusal("reviews", "import-coco", wrong, "--coder", "Ann")
    invoke("reviews", "import-coco", wrong, code=2)
