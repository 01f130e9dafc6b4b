"""COCO JSON as pycocotools reads it."""

import contextlib
import io
import json
from copy import deepcopy

import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from presslens.app.api.export_links import page_image_path
from presslens.app.db.descriptions import EditionDescriptionRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import PhotoRow, SightingRow
from presslens.app.services.exports.export import export_coco
from presslens.app.services.exports.snapshot.manifest import code_version


@pytest.fixture(scope="session")
def path(archive, tmp_path_factory):
    return export_coco(
        archive, EditionScope(), tmp_path_factory.mktemp("coco"), image_path=page_image_path
    ).path


@pytest.fixture
def coco(path):
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def test_it_loads_and_joins(coco):
    names = {category["name"] for category in coco.loadCats(coco.getCatIds())}
    assert names == {"photo", "person", "building", "figure:Kim", 'figure:=HYPERLINK("x")'}
    assert min(coco.getCatIds()) == min(coco.getAnnIds()) == 1
    photos = coco.getAnnIds(catIds=coco.getCatIds(catNms=["photo"]))
    assert len(photos) == 4 * 5 * 4
    image = coco.loadImgs(coco.loadAnns(photos)[0]["image_id"])[0]
    assert (image["width"], image["height"]) == (2000, 2900)
    assert image["file_name"] == f"pages/{image['id']}/image.jpg"


def test_boxes_are_those_of_the_archive_and_not_rounded(archive, coco):
    with archive.database.read() as session:
        photos = {row.id: row.box for row in session.query(PhotoRow) if row.outcome_id}
        faces = {row.photo_id: row.box for row in session.query(SightingRow)}
    for name, boxes in (("photo", photos), ("figure:Kim", faces)):
        found = coco.loadAnns(coco.getAnnIds(catIds=coco.getCatIds(catNms=[name])))
        assert {annotation["photo_id"] for annotation in found} == boxes.keys()
        for annotation in found:
            box = boxes[annotation["photo_id"]]
            x, y, width, height = annotation["bbox"]
            assert (x, y) == (box.x0, box.y0)
            assert (x + width, y + height) == pytest.approx((box.x1, box.y1), abs=1e-9)
            assert annotation["area"] == pytest.approx(box.area, rel=1e-12)
            assert 0 <= annotation["score"] <= 1


def test_it_scores_full_marks_against_itself(coco):
    results = [
        {key: annotation[key] for key in ("image_id", "category_id", "bbox", "score")}
        for annotation in deepcopy(coco.dataset["annotations"])
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(coco, coco.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools
def test_masks_are_the_boxes(coco):
    for annotation in coco.loadAnns(coco.getAnnIds()):
        _, _, width, height = annotation["bbox"]
        mask = coco.annToMask(annotation)
        assert mask.shape == (2900, 2000)
        assert abs(float(mask.sum()) - annotation["area"]) <= 2 * (width + height)
        assert annotation["area"] == pytest.approx(polygon_area(annotation["segmentation"][0]))


def polygon_area(points):
    xs, ys = points[::2], points[1::2]
    following = zip(xs[1:] + xs[:1], ys[1:] + ys[:1], strict=True)
    return abs(sum(x * v - u * y for x, y, (u, v) in zip(xs, ys, following, strict=True))) / 2


def test_it_says_what_it_was_made_by(archive, path):
    info = json.loads(path.read_text(encoding="utf-8"))["info"]
    assert info["recipe"] == archive.recipe.id
    assert (info["version"], info["filter"]) == (code_version(), {})


def test_it_says_of_which_editions_it_is_and_by_which_rights(home, edition, tmp_path):
    library = {"kind": "iiif", "document": "m.json", "title": "", "rights": "Courtesy of A Library"}
    with home.database.write() as session:
        session.add(EditionDescriptionRow(edition_id=edition, **library))
    scope = EditionScope(edition=edition)
    made = export_coco(home, scope, tmp_path, image_path=page_image_path)
    document = json.loads(made.path.read_text(encoding="utf-8"))
    assert document["info"]["filter"] == {"edition": str(edition)}
    assert document["info"]["days"] == ["2019-12-16", "2019-12-16"]
    (licence,) = document["licenses"]
    assert licence == {"id": 1, "name": "Courtesy of A Library", "url": ""}
    assert {image["license"] for image in document["images"]} == {1}


def test_tools_that_would_draw_polygons_get_none(archive, tmp_path):
    where = {"scope": EditionScope(edition=1), "folder": tmp_path, "image_path": page_image_path}
    boxes = json.loads(export_coco(archive, boxes_only=True, **where).path.read_text())
    assert all(one["segmentation"] == [] for one in boxes["annotations"])


def test_a_filter_holds_and_an_empty_file_is_whole(archive, tmp_path):
    one = export_coco(archive, EditionScope(edition=1), tmp_path, image_path=page_image_path)
    assert one.rows["images"] == 5
    none = export_coco(
        archive, EditionScope(publication="none"), tmp_path, image_path=page_image_path
    )
    assert none.rows == {"images": 0, "annotations": 0}
    assert json.loads(none.path.read_text())["annotations"] == []
