import json

import numpy as np
from PIL import Image as Pillow

from presslens.lab.training.photos import pages
from presslens.lab.training.photos.pages import REAL, composed_pages, labelled_pages
from presslens.models.geometry import Box


def write_edition(folder, **edition):
    folder.mkdir(parents=True)
    pages = []
    for number in (1, 2, 3):
        Pillow.fromarray(np.zeros((60, 40, 3), np.uint8)).save(folder / f"page_{number}.png")
        photos = [{"box": [1, 2, 30, 40.5]}]
        distractors = [
            {"box": [0, 50, 40, 60], "kind": "map"},
            {"box": [30, 0, 40, 10], "kind": "cutout", "ignore": True},
        ]
        pages.append({"file": f"page_{number}.png", "photos": photos, "distractors": distractors})
    (folder / "truth.json").write_text(json.dumps({"edition": edition, "pages": pages}))


def test_composed_pages_know_their_condition(tmp_path):
    write_edition(tmp_path / "scanned" / "special-1", condition="scanned", kind="special")
    write_edition(tmp_path / "clean" / "ordinary-1", condition="clean", kind="ordinary")
    read = list(composed_pages(tmp_path))
    assert [page.group for page in read] == ["clean, ordinary"] * 3 + ["scanned, special"] * 3
    assert [page.condition for page in read] == ["clean"] * 3 + ["scanned"] * 3
    assert all(page.held_out for page in read)
    assert read[0].photos == (Box(1, 2, 30, 40.5),)
    assert read[0].distractors == (Box(0, 50, 40, 60),)
    assert read[0].ignored == (Box(30, 0, 40, 10),)
    assert read[0].image().shape == (60, 40, 3)


def test_every_third_real_page_is_kept(tmp_path):
    write_edition(tmp_path / "newspaper_pages_full" / "a_paper")
    labels = {"categories": [], "images": [], "annotations": []}
    for name in ("newspaper_pages", "newspaper_clippings_lokmat"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "annotations.json").write_text(json.dumps(labels))
    read = list(labelled_pages(tmp_path))
    assert [page.held_out for page in read] == [False, True, False]
    assert {page.condition for page in read} == {REAL}
    assert {page.group for page in read} == {"a_paper"}


def test_a_doubtful_photo_is_neither_right_nor_wrong(tmp_path, monkeypatch):
    write_edition(tmp_path / "newspaper_pages_full" / "a_paper")
    labels = {"categories": [], "images": [], "annotations": []}
    for name in ("newspaper_pages", "newspaper_clippings_lokmat"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "annotations.json").write_text(json.dumps(labels))
    listed = tmp_path / "doubtful.csv"
    rows = ["set,page,x0,y0,x1,y1,why", "a_paper,page_2.png,1,2,30,41,caricature"]
    listed.write_text("\n".join([*rows, "a_paper,page_3.png,5,45,9,49,not labelled"]))
    monkeypatch.setattr(pages, "DOUBTFUL", listed)
    first, second, third = labelled_pages(tmp_path)
    assert [len(page.photos) for page in (first, second, third)] == [1, 0, 1]
    assert Box(1, 2, 30, 41) in second.ignored
    assert Box(5, 45, 9, 49) in third.ignored
