"""COCO that goes out, is corrected elsewhere and comes back: exactly what was changed is stored."""

import io
import json
import random
import zipfile
from copy import deepcopy
from datetime import date

import pytest
from PIL import Image as Pillow
from sqlalchemy import select

from presslens.app.api.export_links import page_image_path
from presslens.app.db.edits import Action
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import PageRow, PhotoRow
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.annotations.coco import page_of, read_coco
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.corrections.annotations import import_annotations
from presslens.app.services.corrections.page_reviews import withdraw_page_review
from presslens.app.services.corrections.photos import draw_photo, move_photo
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, iterate_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.export import export_coco
from presslens.app.services.exports.snapshot.restore import restore
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.app.services.reviews.page_reviews import page_reviews
from presslens.app.services.reviews.reviews import photo_reviews
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.models.geometry import Box

from ...first_states import made_once

BLOCKS = [(20, 20, 150, 200), (170, 20, 300, 200), (20, 230, 150, 420), (170, 230, 300, 420)]
FREE = [[155, 205, 12, 20], [0, 205, 18, 22], [152, 425, 60, 12], [302, 20, 16, 180]]
"""Places without a photo, [x, y, width, height]."""

NOTHING = {"added": 0, "moved": 0, "removed": 0, "answered": 0, "checked": 0}


@pytest.fixture
@made_once
def edition(put, make, worker):
    """The id of an edition of two pages with four photos each."""
    files = {f"page_{i}.png": make(BLOCKS, persons=2, tint=20 * i) for i in (1, 2)}
    edition_id = put(files).edition_id
    worker.drain()
    return edition_id


@pytest.fixture
def exported(home, edition, tmp_path):
    """Call to export the edition as COCO; the document."""

    def export():
        made = export_coco(
            home, EditionScope(edition=edition), tmp_path, image_path=page_image_path
        )
        return json.loads(made.path.read_text(encoding="utf-8"))

    return export


@pytest.fixture
def take_in(home, now):
    """Call to import a corrected document; the result as JSON."""

    def call(document, original=None, *, coder="A", apply=True):
        before = None if original is None else json.dumps(original).encode()
        file = read_coco(json.dumps(document).encode(), coder=coder, exported=before)
        return import_annotations(home, file, apply=apply, now=now).to_json()

    return call


def photos(document):
    (photo,) = (one["id"] for one in document["categories"] if one["name"] == "photo")
    return [one for one in document["annotations"] if one["category_id"] == photo]


def boxes(document):
    return sorted(
        (one["image_id"], *(round(side, 1) for side in one["bbox"])) for one in photos(document)
    )


def counts(result):
    return {kind: result[kind] for kind in NOTHING}


def renumbered(document):
    """Return a document as CVAT writes it: numbers of its own, and only what it knows."""
    images = {one["id"]: i for i, one in enumerate(document["images"], start=51)}
    names = {one["id"]: i for i, one in enumerate(reversed(document["categories"]), start=7)}
    return {
        "licenses": [{"name": "", "id": 0, "url": ""}],
        "info": {"contributor": "", "date_created": "", "description": "", "url": ""},
        "categories": [
            {"id": names[one["id"]], "name": one["name"], "supercategory": ""}
            for one in document["categories"]
        ],
        "images": [
            {"id": images[one["id"]], "file_name": one["file_name"], "license": 0,
             "width": one["width"], "height": one["height"], "flickr_url": "", "date_captured": 0}
            for one in document["images"]
        ],
        "annotations": [
            {"id": 900 - i, "image_id": images[one["image_id"]], "iscrowd": 0, "segmentation": [],
             "category_id": names[one["category_id"]], "area": one["area"],
             "bbox": [round(side, 2) for side in one["bbox"]],
             "attributes": {
                 **{name: str(v) for name, v in one.get("attributes", {}).items()},
                 "occluded": False, "rotation": 0.0,
             }}
            for i, one in enumerate(document["annotations"])
        ],
    }  # fmt: skip


def test_what_nobody_has_changed_is_no_statement(home, edition, exported, take_in):
    original, before = exported(), canonical_dump(home)
    assert len(photos(original)) == 8
    for corrected in (original, renumbered(original)):
        for base in (original, None):
            result = take_in(corrected, base)
            assert counts(result) == NOTHING
            assert (result["unchanged"], result["edit"], result["problems"]) == (8, None, [])
    bare = renumbered(original)
    for annotation in bare["annotations"]:
        del annotation["attributes"]
    assert counts(take_in(bare)) == NOTHING
    assert canonical_dump(home) == before


def correct(document, chance):
    """Change a document by chance; return what was done and the boxes that there are then."""
    done = dict(NOTHING)
    free = deepcopy(FREE)
    (photo,) = (one["id"] for one in document["categories"] if one["name"] == "photo")
    other = next(one["id"] for one in document["categories"] if one["name"] != "photo")
    for annotation in photos(document):
        what = chance.choice(["leave", "leave", "move", "delete", "reclass", "answer"])
        if what == "move":
            x, y, width, height = annotation["bbox"]
            annotation["bbox"] = [x + chance.randint(2, 9), y + 3, width - 10, height - 12.5]
            done["moved"] += 1
        elif what == "delete":
            document["annotations"].remove(annotation)
            done["removed"] += 1
        elif what == "reclass":
            annotation["category_id"] = other
            done["removed"] += 1
        elif what == "answer":
            given = annotation["attributes"]
            given["children"] = "yes" if given["children"] == "no" else "no"
            given["people"] = "yes"
            done["answered"] += 1
    for image in document["images"]:
        for box in chance.sample(free, chance.randint(0, 2)):
            document["annotations"].append(
                {"id": None, "image_id": image["id"], "category_id": photo, "bbox": box,
                 "area": 1, "iscrowd": 0}
            )  # fmt: skip
            done["added"] += 1
    for i, annotation in enumerate(document["annotations"], start=1):
        annotation["id"] = i
    return done


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("seeds", [(0, 1), pytest.param((2, 3), marks=pytest.mark.long)])
def test_random_corrections_come_back_as_they_were_made(
    home, edition, exported, take_in, now, subtests, seeds
):
    original, before = exported(), canonical_dump(home)
    plain = edition_composition(home, edition).to_json()
    with home.database.read() as session:
        machine = {row.id: (row.box, row.score) for row in session.scalars(select(PhotoRow))}
    for seed in seeds:
        corrected = deepcopy(original)
        done = correct(corrected, random.Random(seed))
        file = renumbered(corrected) if seed % 2 else corrected
        with subtests.test(f"seed {seed}: {done}"):
            preview = take_in(file, original, apply=False)
            assert canonical_dump(home) == before
            result = take_in(file, original)
            assert counts(result) == counts(preview) == done
            assert result["problems"] == []
            assert boxes(exported()) == boxes(corrected)
            answers = {one["photo_id"]: one for one in photos(exported())}
            for one in photos(corrected):
                if one.get("photo_id") in answers and "attributes" in one:
                    given = answers[one["photo_id"]]["attributes"]
                    assert given["children"] == one["attributes"]["children"]
            with home.database.read() as session:
                for row in session.scalars(select(PhotoRow).where(~PhotoRow.by_hand)):
                    assert machine[row.id] == (row.box, row.score)
            again = take_in(file, original)
            assert counts(again) == NOTHING
            assert (again["edit"], again["problems"]) == (None, [])
            undo_edit(home, result["edit"], coder="A", now=now)
            assert boxes(exported()) == boxes(original)
            assert edition_composition(home, edition).to_json() == plain


def test_an_import_is_one_edit_of_page_reviews_and_answers(home, edition, exported, take_in, now):
    original = exported()
    corrected = deepcopy(original)
    first, second, third = photos(corrected)[:3]
    first["bbox"][0] += 5
    corrected["annotations"].remove(second)
    third["attributes"] |= {"focus": "facility", "fireworks": "can't tell"}
    result = take_in(corrected, original, coder="Ann")
    assert counts(result) == NOTHING | {"moved": 1, "removed": 1, "answered": 1}
    (edit,) = (one for one in iterate_edits(home, EditFilter()) if one.action is Action.ANNOTATE)
    assert (edit.id, edit.coder, edit.edition_id) == (result["edit"], "Ann", edition)
    with home.database.read() as session:
        for table in (PageReviewRow, ReviewRow):
            (row,) = session.scalars(select(table)).all()
            assert (row.coder, row.edit_id, row.withdrawn_at) == ("Ann", edit.id, None)
        page = session.scalars(select(PageRow.id).order_by(PageRow.id)).first()
    state = photo_reviews(home, third["photo_id"]).to_json()["settled"]
    assert state["focus_facility"]["shows"] is True
    assert len(find_page(home, page).photos) == 3
    undo_edit(home, edit.id, coder="Ann", now=now)
    assert boxes(exported()) == boxes(original)
    assert photo_reviews(home, third["photo_id"]).to_json()["settled"] == {}
    assert counts(take_in(corrected, original, coder="Ann")) == counts(result)


@pytest.mark.sqlite_alone
def test_what_was_changed_here_meanwhile_is_named_and_stays(home, edition, exported, take_in, now):
    original = exported()
    corrected = deepcopy(original)
    first, second, *_ = photos(corrected)
    first["bbox"] = [22, 22, 120, 170]
    corrected["annotations"].remove(second)
    moved = Box(25, 25, 140, 190)
    move_photo(home, first["photo_id"], moved, coder="B", now=now)
    move_photo(home, second["photo_id"], Box(180, 25, 295, 190), coder="B", now=now)
    drawn = draw_photo(home, first["image_id"], Box(0, 205, 18, 227), coder="B", now=now)
    corrected["annotations"].append(
        {"image_id": first["image_id"], "category_id": first["category_id"],
         "bbox": [0, 206, 19, 20]}
    )  # fmt: skip
    here = boxes(exported())
    result = take_in(corrected, original)
    assert counts(result) == NOTHING
    assert result["problems"] == [
        f"page {first['image_id']}: photo {first['photo_id']} was changed here since the export",
        f"page {first['image_id']}: photo {drawn.made[0]} was drawn here since the export, where"
        " one is added",
        f"page {first['image_id']}: photo {second['photo_id']} was changed here since the export,"
        " and deleted there",
    ]
    assert boxes(exported()) == here
    # Without what was exported, nobody knows whether the second was deleted there: it stays.
    result = take_in(corrected, coder="C")
    assert counts(result) == NOTHING
    assert (len(result["problems"]), result["left"]) == (2, 1)
    assert boxes(exported()) == here


@pytest.mark.sqlite_alone
def test_pages_and_boxes_that_can_not_be_matched_are_named(home, edition, exported, take_in):
    original = exported()
    strange = deepcopy(original)
    strange["images"][0]["file_name"] = "scan.jpg"
    strange["images"].append({"id": 99, "file_name": "pages/99/image.jpg", "width": 9, "height": 9})
    second = next(p for p in photos(strange) if p["image_id"] == strange["images"][1]["id"])
    second["bbox"] = [10, 10, 3, 3]
    result = take_in(strange)
    assert counts(result) == NOTHING
    page = strange["images"][1]["id"]
    assert result["problems"] == [
        "scan.jpg is the name of no page's picture",
        f"page {page}: a photo is 8 pixels wide and high at least",
        "page 99: there is no such page, or it was not analysed",
    ]
    assert take_in(strange, original)["problems"][1] == "page 99 is not in the exported file"


@pytest.mark.sqlite_alone
def test_an_import_of_several_editions_is_in_the_log_of_each(
    home, edition, put, make, worker, take_in, tmp_path, now
):
    other = put({"p.png": make(BLOCKS, tint=60)}, day=date(2019, 12, 17)).edition_id
    worker.drain()
    made = export_coco(home, EditionScope(), tmp_path, image_path=page_image_path)
    original = json.loads(made.path.read_text(encoding="utf-8"))
    corrected = deepcopy(original)
    for image in corrected["images"]:
        first = next(one for one in photos(corrected) if one["image_id"] == image["id"])
        corrected["annotations"].remove(first)
    result = take_in(corrected, original)
    assert counts(result) == NOTHING | {"removed": 3}
    for of in (edition, other):
        (edit,) = iterate_edits(home, EditFilter(edition=of, action=Action.ANNOTATE))
        assert edit.id == result["edit"]
    # One page's review that is withdrawn alone leaves the others, and the edit in force.
    page = corrected["images"][0]["id"]
    (review,) = page_reviews(home, page).reviews
    withdraw_page_review(home, review.id, now=now)
    assert len(find_page(home, page).photos) == 4
    (edit,) = iterate_edits(home, EditFilter(action=Action.ANNOTATE))
    assert edit.undone_at is None
    undo_edit(home, result["edit"], coder="A", now=now)
    every = [find_page(home, image["id"]) for image in original["images"]]
    assert [len(one.photos) for one in every] == [4, 4, 4]


@pytest.mark.sqlite_alone
def test_an_import_comes_along_with_a_snapshot(
    home, edition, worker, exported, take_in, elsewhere, tmp_path, now
):

    corrected = exported()
    first = photos(corrected)[0]
    first["bbox"] = [25, 25, 120, 170]
    first["attributes"]["children"] = "yes"
    result = take_in(corrected, exported())
    assert counts(result) == NOTHING | {"moved": 1, "answered": 1}
    moved = find_page(home, first["image_id"]).photos[-1]
    assert photo_reviews(home, moved.id).to_json()["settled"]["children"]["shows"] is True
    worker.drain()  # which looks at the photo that was drawn
    path = export_snapshot(home, EditionScope(), tmp_path).path
    with elsewhere() as target:
        restore(target, path)
        page = first["image_id"]
        assert sorted(find_page(target, page).to_json()["photos"][-1]["box"]) == [25, 25, 145, 195]
        drawn = photo_reviews(target, find_page(target, page).photos[-1].id)
        assert drawn.to_json()["settled"]["children"]["shows"] is True
        with pytest.raises(Conflict, match="draw the photo anew"):
            undo_edit(target, result["edit"], coder="B", now=now)
        assert len(find_page(target, page).photos) == 4


@pytest.mark.sqlite_alone
def test_a_box_that_was_copied_is_the_photo_once(home, edition, exported, take_in):
    original = exported()
    corrected = deepcopy(original)
    first = photos(corrected)[0]
    twin = {**deepcopy(first), "id": 999, "bbox": FREE[0]}
    corrected["annotations"].insert(0, twin)
    assert counts(take_in(corrected, original, apply=False)) == NOTHING | {"added": 1}
    # A photo cut in two: one half keeps its id, the other is new.
    x, y, width, height = first["bbox"]
    first["bbox"] = [x, y, width * 0.6, height]
    twin["bbox"] = [x + width * 0.6 + 2, y, width * 0.4 - 2, height]
    assert counts(take_in(corrected, original)) == NOTHING | {"added": 1, "moved": 1}
    assert boxes(exported()) == boxes(corrected)


@pytest.mark.sqlite_alone
def test_boxes_of_a_smaller_picture_are_scaled(home, edition, exported, take_in):
    original = exported()
    half = deepcopy(original)
    for image in half["images"]:
        image["width"], image["height"] = image["width"] / 2, image["height"] / 2
    for annotation in half["annotations"]:
        annotation["bbox"] = [round(side / 2) for side in annotation["bbox"]]
    assert counts(take_in(half, original)) == NOTHING
    photos(half)[0]["bbox"][0] += 10
    assert counts(take_in(half, original)) == NOTHING | {"moved": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the corrected file is not COCO JSON: JSON: Invalid JSON"),
        (b"[]", "the corrected file is not COCO JSON: JSON: Input should be an object"),
        (b'{"images": [], "categories": []}', "the corrected file has no category photo"),
        (
            b'{"images": [{"id": 1, "file_name": "a", "width": 0, "height": 1}], "categories": []}',
            "images.0.width: Input should be greater than 0",
        ),
        (
            b'{"images": [], "categories": [{"id": 1, "name": "photo"}],'
            b' "annotations": [{"image_id": 1, "category_id": 1, "bbox": [1, 2, NaN, 4]}]}',
            "annotations.0.bbox.2",
        ),
    ],
)
def test_what_is_no_coco_file_is_refused(content, message):
    with pytest.raises(InvalidRequest, match=message.replace(".", r"\.")):
        read_coco(content, coder="A")


@pytest.mark.sqlite_alone
def test_the_file_for_cvat_has_photos_alone_and_the_pictures_of_their_pages(
    home, edition, tmp_path
):
    made = export_coco(
        home, EditionScope(edition=edition), tmp_path, image_path=page_image_path,
        photos_only=True, boxes_only=True, images=True,
    )  # fmt: skip
    assert made.rows == {"images": 2, "annotations": 8, "pictures": 2}
    with zipfile.ZipFile(made.path) as files:
        document = json.loads(files.read("presslens-coco.json"))
        assert [one["name"] for one in document["categories"]] == ["photo"]
        for image in document["images"]:
            with Pillow.open(io.BytesIO(files.read(image["file_name"]))) as picture:
                assert picture.size == (image["width"], image["height"])


@pytest.mark.sqlite_alone
def test_pages_of_other_scans_are_named(home, edition, exported, take_in, subtests):
    original = exported()
    first = original["images"][0]["id"]

    def corrected(**image):
        document = deepcopy(original)
        document["images"][0] |= image
        document["annotations"].pop(0)
        return document

    of_other_scan = f"page {first}: the file is of another scan than the page's"
    other = corrected(scan_sha256="0" * 64)
    # As CVAT has it, which drops the scan: what it was given still says it.
    dropped = renumbered(other)
    wide, unlike = {"width": 900, "height": 900}, f"page {first}: its picture has other proportions"
    for name, file, given, problem in (
        ("hash", other, original, of_other_scan),
        ("hash alone", other, None, of_other_scan),
        ("hash of the export", dropped, other | {"annotations": original["annotations"]},
         of_other_scan),
        ("image of a file", corrected(scan_frame=1), original, of_other_scan),
        ("proportions", corrected(**wide), original, unlike),
        ("proportions alone", renumbered(corrected(**wide)), None, unlike),
    ):  # fmt: skip
        with subtests.test(msg=name):
            result = take_in(file, given, apply=False)
            assert (counts(result), result["problems"]) == (NOTHING, [problem])
    result = take_in(renumbered(corrected()), apply=False)
    assert (counts(result), result["problems"]) == (NOTHING | {"removed": 1}, [])


@pytest.mark.sqlite_alone
def test_a_page_of_too_many_photos_is_named(home, edition, exported, take_in):
    original = exported()
    crowded = deepcopy(original)
    first, second = (image["id"] for image in original["images"])
    one = next(photo for photo in photos(original) if photo["image_id"] == first)
    crowded["annotations"] += [one] * 1000
    gone = next(photo for photo in photos(crowded) if photo["image_id"] == second)
    crowded["annotations"].remove(gone)
    result = take_in(crowded, original)
    assert counts(result) == NOTHING | {"removed": 1}
    assert result["problems"] == [f"page {first}: more than 1000 photos are on it"]


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("pages/7/image.jpg", 7), ("images/default/pages/12/image.jpg", 12),
        ("C:\\cvat\\page-3.jpeg", 3), ("/data/upload/1/ab12-page_4.png", 4),
        ("pages/0/image.jpg", None), ("pages/2147483648/image.jpg", None),
        ("rampage-5.jpg", None), ("pages/7/image.jpg/other.jpg", None), ("", None),
    ],
)  # fmt: skip
def test_a_page_is_known_by_the_name_of_its_picture(name, page):
    assert page_of(name) == page
