"""Tasks that go out to Label Studio come back as what each person has changed."""

import json
import zipfile
from copy import deepcopy
from random import Random

import pytest
from lxml import etree
from sqlalchemy import select

from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.queries import EditionScope
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.annotations.annotated import CHECKED, LOOKED_THROUGH
from presslens.app.services.annotations.label_studio import read_label_studio
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.corrections.annotations import import_annotations
from presslens.app.services.corrections.photos import draw_photo
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.label_studio import export_label_studio
from presslens.app.services.reviews.page_reviews import page_reviews
from presslens.app.services.reviews.reviews import photo_reviews
from presslens.models.geometry import Box

from ...first_states import made_once

NOTHING = {"added": 0, "moved": 0, "removed": 0, "answered": 0, "checked": 0}
BLOCKS = [(20, 20, 150, 200), (170, 20, 300, 200), (20, 230, 150, 420)]
MISSED = {"x": 60.0, "y": 60.0, "width": 20.0, "height": 25.0, "rotation": 0}

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
@made_once
def edition(put, make, worker):
    """The id of an edition of two pages with three photos each."""
    files = {f"page_{i}.png": make(BLOCKS, persons=2, tint=20 * i) for i in (1, 2)}
    edition_id = put(files).edition_id
    worker.drain()
    return edition_id


@pytest.fixture
def tasks(home, edition, tmp_path):
    """Call to export the edition; its tasks as Label Studio would export them, not annotated."""

    def export():
        made = export_label_studio(
            home, EditionScope(edition=edition), tmp_path, picture_address=lambda i: f"/p/{i}.jpg"
        )
        assert made.rows == {"tasks": 2, "photos": len(drawn(home, made))}
        with zipfile.ZipFile(made.path) as files:
            exported = json.loads(files.read("tasks.json"))
        return [
            {"id": 300 + i, "project": 4, "data": task["data"], "annotations": [],
             "predictions": task["predictions"]}
            for i, task in enumerate(exported)
        ]  # fmt: skip

    return export


def drawn(home, made):
    with zipfile.ZipFile(made.path) as files:
        exported = json.loads(files.read("tasks.json"))
    pages = [task["data"]["presslens"]["page"] for task in exported]
    return [photo for page in pages for photo in find_page(home, page).photos]


@pytest.fixture
def take_in(home, now):
    """Call to import tasks; the result as JSON."""

    def call(given, *, apply=True, **people):
        file = read_label_studio(json.dumps(given).encode(), **people)
        return import_annotations(home, file, apply=apply, now=now).to_json()

    return call


def annotate(task, by=1, **more):
    """Add an annotation as somebody begins it, from the prediction; return its results."""
    results = [
        {**deepcopy(result), "origin": "prediction"} for result in task["predictions"][0]["result"]
    ]
    annotation = {
        "id": 7000 + len(task["annotations"]), "completed_by": by, "result": results,
        "was_cancelled": False, "ground_truth": False, "lead_time": 12.5, "result_count": 1,
        "created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-01T00:00:01.000000Z",
        **more,
    }  # fmt: skip
    task["annotations"].append(annotation)
    return results


def regions(results):
    return list(dict.fromkeys(result["id"] for result in results))


def move(results, region, x=1.0):
    for result in results:
        if result["id"] == region:
            result["value"] |= {
                "x": result["value"]["x"] + x,
                "width": result["value"]["width"] - 2,
            }


def answer(results, region, name, choice):
    """Choose an answer for a region, whether or not the machine has proposed one."""
    own = [result for result in results if result["id"] == region]
    told = next((result for result in own if result["from_name"] == name), None)
    if told is None:
        place = {key: own[0]["value"][key] for key in ("x", "y", "width", "height", "rotation")}
        told = {**own[0], "from_name": name, "type": "choices", "value": place}
        results.append(told)
    told["value"]["choices"] = [choice]


def draw(results, place=MISSED, name="KjX02-a", **answers):
    common = {"id": name, "to_name": "page", "original_width": 320, "original_height": 440,
              "image_rotation": 0, "origin": "manual"}  # fmt: skip
    results.append({**common, "from_name": "photo", "type": "rectanglelabels",
                    "value": {**place, "rectanglelabels": ["photo"]}})  # fmt: skip
    for question, choice in answers.items():
        results.append({**common, "from_name": question, "type": "choices",
                        "value": {**place, "choices": [choice]}})  # fmt: skip


def counts(result):
    return {kind: result[kind] for kind in NOTHING}


def boxes(home, page):
    return sorted(photo.observation.frame.box.to_list() for photo in find_page(home, page).photos)


def test_what_is_submitted_as_it_came_is_no_statement(home, tasks, take_in):
    given, before = tasks(), canonical_dump(home)
    for task in given:
        annotate(task)
    result = take_in(given, coder="Ann")
    assert counts(result) == NOTHING
    assert (result["unchanged"], result["edit"], result["coders"]) == (6, None, ["Ann"])
    assert canonical_dump(home) == before


def test_boxes_and_answers_of_one_person_come_back(home, tasks, take_in, now):
    given = tasks()
    results = annotate(given[0], by={"id": 3, "email": "ann@example.org", "first_name": ""})
    annotate(given[1], by={"id": 3, "email": "ann@example.org"}, was_cancelled=True)
    first, second, third = regions(results)
    page = given[0]["data"]["presslens"]["page"]
    move(results, first)
    results[:] = [result for result in results if result["id"] != second]
    answer(results, third, "children", "yes")
    answer(results, third, "focus", "facility")
    answer(results, third, "fireworks", "can't tell")
    draw(results, people="yes", focus="neither")
    preview = take_in(given, apply=False)
    result = take_in(given)
    assert counts(result) == counts(preview) == {
        "added": 1, "moved": 1, "removed": 1, "answered": 2, "checked": 0,
    }  # fmt: skip
    assert (result["coders"], result["skipped"]) == (["ann@example.org"], 1)
    assert boxes(home, page) == [[20, 230, 150, 420], [23.2, 20, 146.8, 200], [192, 264, 256, 374]]
    photo = int(third.rpartition("-")[2])
    reviews = photo_reviews(home, photo).to_json()
    assert reviews["settled"]["children"]["shows"] is True
    assert reviews["settled"]["focus_facility"]["shows"] is True
    (review,) = reviews["reviews"]
    assert (review["coder"], review["answers"]["fireworks"]) == ("ann@example.org", None)
    assert "people" not in review["answers"]
    again = take_in(given)
    assert (counts(again), again["imported_before"]) == (NOTHING, 1)
    undo_edit(home, result["edit"], coder="Ann", now=now)
    assert boxes(home, page) == [list(map(float, block)) for block in sorted(BLOCKS)]
    assert photo_reviews(home, photo).to_json()["settled"] == {}


def test_a_task_of_another_scan_is_named(tasks, take_in):
    given = tasks()
    for task in given:
        annotate(task).pop(0)
    given[0]["data"]["presslens"]["scan_sha256"] = "0" * 64
    given[1]["data"]["presslens"]["width"] *= 2
    first, second = (task["data"]["presslens"]["page"] for task in given)
    result = take_in(given, coder="Ann")
    assert (counts(result), result["edit"]) == (NOTHING, None)
    assert result["problems"] == [
        f"page {first}: the file is of another scan than the page's",
        f"page {second}: its picture has other proportions",
    ]


def test_two_people_disagree_as_two_coders_do(home, tasks, take_in):
    given = tasks()
    page = given[0]["data"]["presslens"]["page"]
    first = annotate(given[0], by=1)
    removed, moved, _ = regions(first)
    first[:] = [result for result in first if result["id"] != removed]
    move(first, moved)
    second = annotate(given[0], by=2)
    draw(second)
    second.append({"id": "x", "from_name": CHECKED, "to_name": "page", "type": "choices",
                   "value": {"choices": [LOOKED_THROUGH]}})  # fmt: skip
    with pytest.raises(InvalidRequest, match="2 people have annotated this file"):
        take_in(given, coder="Ann")
    result = take_in(given, names={"1": "Ann", "2": "Ben"})
    assert counts(result) == NOTHING | {"added": 1, "moved": 1, "removed": 1, "checked": 1}
    assert result["coders"] == ["Ann", "Ben"]
    # Ben has looked through the page and left the photo that Ann took for none.
    reviews = page_reviews(home, page)
    assert [one.coder for one in reviews.reviews] == ["Ann", "Ben"]
    assert len(reviews.disputed) == 1
    with home.database.read() as session:
        rows = session.scalars(select(PageReviewRow)).all()
        assert {row.edit_id for row in rows} == {result["edit"]}
        assert [row.adjudicates for row in rows] == [False, False]
    assert counts(take_in(given, names={"1": "Ann", "2": "Ben"})) == NOTHING


def test_a_page_that_was_looked_through_is_counted(home, tasks, take_in, now):
    given = tasks()
    for task in given:
        annotate(task).append(
            {"id": "c", "from_name": CHECKED, "to_name": "page", "type": "choices",
             "value": {"choices": [LOOKED_THROUGH]}}
        )  # fmt: skip
    page = given[0]["data"]["presslens"]["page"]
    draw_photo(home, page, Box(192, 264, 256, 374), coder="B", now=now)
    result = take_in(given, coder="Ann")
    assert counts(result) == NOTHING | {"checked": 1}
    assert result["problems"] == [
        f"page {page}: photos were drawn here since the export: it is not taken as checked"
    ]


def correct(task, chance, done):
    """Annotate a task by chance; add to what was done."""
    results = annotate(task)
    for region in regions(results):
        what = chance.choice(["leave", "move", "delete", "redraw", "answer"])
        if what == "move":
            move(results, region, chance.uniform(0.5, 2))
            done["moved"] += 1
        elif what == "delete":
            results[:] = [result for result in results if result["id"] != region]
            done["removed"] += 1
        elif what == "redraw":  # deleted, and drawn anew at the same place
            for result in results:
                result["id"] = result["id"].replace(region, f"new-{region[-1]}")
        elif what == "answer":
            answer(results, region, "children", "yes")
            done["answered"] += 1
    if chance.random() < 0.5:
        draw(results)
        done["added"] += 1


@pytest.mark.parametrize("seeds", [(0,), pytest.param((1, 2), marks=pytest.mark.long)])
def test_random_corrections_come_back_as_they_were_made(home, tasks, take_in, now, subtests, seeds):
    original = tasks()
    pages = [task["data"]["presslens"]["page"] for task in original]
    before = [boxes(home, page) for page in pages]
    for seed in seeds:
        chance, given, done = Random(seed), deepcopy(original), dict(NOTHING)
        for task in given:
            correct(task, chance, done)
        with subtests.test(f"seed {seed}: {done}"):
            result = take_in(given, coder="Ann")
            assert (counts(result), result["problems"]) == (done, [])
            assert counts(take_in(given, coder="Ann")) == NOTHING
            unchanged = tasks()
            for task in unchanged:
                annotate(task)
            assert counts(take_in(unchanged, coder="Ben")) == NOTHING
            undo_edit(home, result["edit"], coder="Ann", now=now)
            assert [boxes(home, page) for page in pages] == before


def test_turned_boxes_and_other_shapes(tasks):
    given = tasks()
    results = annotate(given[0])
    page = given[0]["data"]["presslens"]
    turned = {"x": 50.0, "y": 50.0, "width": 10.0, "height": 10.0, "rotation": 90}
    draw(results, turned)
    results.append({"id": "p", "from_name": "outline", "type": "polygonlabels",
                    "value": {"points": [[1, 2], [3, 4]], "polygonlabels": ["photo"]}})  # fmt: skip
    file = read_label_studio(json.dumps(given).encode(), coder="A")
    (annotated,) = file.pages
    box = annotated.photos[-1].box
    assert (page["width"], page["height"]) == (320, 440)
    # A turn about the upper left corner: the box hangs to the left of it.
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((160 - 44, 220, 160, 220 + 32))
    assert (file.not_read, file.skipped) == (1, 1)
    results[0]["image_rotation"] = 90
    file = read_label_studio(json.dumps(given).encode(), coder="A")
    assert file.pages == ()
    assert [str(one) for one in file.unmatched] == [f"page {page['page']}: the picture was turned"]


def test_the_file_has_a_configuration_and_the_pictures(home, edition, tmp_path):
    made = export_label_studio(
        home, EditionScope(edition=edition), tmp_path, picture_address=str, images=True
    )
    with zipfile.ZipFile(made.path) as files:
        tasks = json.loads(files.read("tasks.json"))
        config = etree.fromstring(files.read("labeling-config.xml"))
        for task in tasks:
            picture = task["data"]["image"].removeprefix("/data/local-files/?d=presslens/")
            assert files.read(picture)[:2] == b"\xff\xd8"
    (picture,) = config.iter("Image")
    controls = {one.get("name"): one for one in config.iter("RectangleLabels", "Choices")}
    for result in tasks[0]["predictions"][0]["result"]:
        control = controls[result["from_name"]]
        assert control.get("toName") == result["to_name"] == picture.get("name")
        (value,) = result["value"][result["type"]]
        assert value in [choice.get("value") for choice in control]
        assert control.tag.lower() == result["type"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{}", "Input should be a valid array"),
        (b'[{"id": 1}]', "0.data: Field required"),
        (b'[{"data": {"presslens": {"page": 1, "width": 0, "height": 1, "photos": []}}}]',
         "greater than 0"),
        (b'[{"data": {"presslens": {"page": 4294967296, "width": 1, "height": 1, "photos": []}}}]',
         "less than or equal to 2147483647"),
    ],
)  # fmt: skip
def test_what_is_no_export_of_label_studio_is_refused(content, message):
    with pytest.raises(InvalidRequest, match=message):
        read_label_studio(content)


def test_tasks_of_others_are_named():
    file = read_label_studio(b'[{"id": 7, "data": {"image": "a.jpg"}, "annotations": []}]')
    assert [str(one) for one in file.unmatched] == ["task 7 is no page of Presslens"]
