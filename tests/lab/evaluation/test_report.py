import json

import pytest
from PIL import Image as Pillow

from presslens.lab.evaluation.report import Bench, evaluate, photo_finding, side_by_side
from presslens.models.accuracy import Measure

PHOTOS = (20, 30, 180, 150), (220, 30, 380, 170)


@pytest.fixture
def pages(tmp_path, draw_page):
    """A composed edition in two conditions: one has a photo that its truth doesn't name."""
    for condition, labelled in (("clean", PHOTOS), ("scanned", PHOTOS[:1])):
        folder = tmp_path / "pages" / condition / "special-1"
        folder.mkdir(parents=True)
        Pillow.fromarray(draw_page(*PHOTOS)).save(folder / "page_01.png")
        page = {
            "file": "page_01.png",
            "photos": [{"box": list(box)} for box in labelled],
            "distractors": [],
        }
        edition = {"condition": condition, "kind": "special"}
        (folder / "truth.json").write_text(json.dumps({"edition": edition, "pages": [page]}))
    return tmp_path / "pages"


def test_photos_are_found_as_the_recipe_says(draw_page, scripted_recipe, registry):
    find = photo_finding(scripted_recipe, registry)
    frames = find(draw_page(*PHOTOS))
    assert [frame.box.pixels() for frame in frames] == list(PHOTOS)
    assert all(0 <= frame.score <= 1 for frame in frames)
    assert find(draw_page()) == []


def test_composed_pages_are_measured_by_condition_and_kind(
    pages, tmp_path, scripted_recipe, registry
):
    errors = tmp_path / "errors"
    errors.mkdir()
    (errors / "clean.jpg").write_text("of an earlier run")
    bench = Bench(tmp_path / "no data", scripted_recipe, registry, pages, errors)
    measures = evaluate(["photos"], bench)
    f1 = {m.data: m.value for m in measures if m.what == "F1 at IoU 0.5"}
    # Of a page as small as this one, photographed, it depends on the weights what is reported.
    photographed = f1.pop("photographed, all, 1 pages")
    assert f1 == {
        "clean, all, 1 pages": 1.0,
        "clean, special, 1 pages": 1.0,
        "photographed, special, 1 pages": photographed,
        "scanned, all, 1 pages": pytest.approx(2 / 3),
        "scanned, special, 1 pages": pytest.approx(2 / 3),
    }
    # Only what went wrong has a sheet, whole, and no outdated one stays.
    wrong = {"scanned.jpg"} if photographed == 1 else {"photographed.jpg", "scanned.jpg"}
    assert {path.name for path in errors.iterdir()} == wrong
    with Pillow.open(errors / "scanned.jpg") as sheet:
        assert sheet.size[0] > 100


def measure(what, data, value, *, n=7, low=None):
    interval = None if low is None else (low, 1.0)
    return Measure("photos", what, data, n, value, interval, "by hand")


MEASURES = [
    measure("F1 at IoU 0.5", "one", 0.5, low=0.25),
    measure("false photos", "one", 3.0),
    measure("distractors found", "one", 2, n=30),
    measure("F1 at IoU 0.5", "two", 0.75),
    measure("false photos", "two", 0),
]


def test_measures_of_many_sets_stand_side_by_side():
    names, lines = side_by_side(MEASURES)
    assert names == ["data", "n", "F1 at IoU 0.5", "false photos", "distractors found", "how"]
    assert lines == [
        ["one", "7", "0.500 (0.25–1.00)", "3", "2 of 30", "by hand"],
        ["two", "7", "0.750", "0", "–", "by hand"],
    ]
