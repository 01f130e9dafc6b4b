import json
import zipfile

import pytest
from PIL import Image as Pillow

from presslens.models.errors import ModelUnavailable, NoFace
from presslens.models.registry import Registry
from presslens.models.vocabulary import Subject
from presslens.pipelines.analysis import Request, analyze
from presslens.pipelines.statistics.measure import SUBJECTS

PHOTOS = [(20, 30, 180, 150), (220, 30, 380, 150), (20, 200, 380, 500)]
FACE = (250, 60, 280, 100)
OTHER_FACE = (60, 60, 95, 90)


@pytest.fixture
def run(scripted_recipe, registry):
    """Give a function that analyses scans in this process."""

    def go(*scans, progress=None, **request):
        extra = {"progress": progress} if progress else {}
        return analyze(
            Request(scans=scans, **request), scripted_recipe, registry, processes=0, **extra
        )

    return go


@pytest.fixture
def edition(tmp_path, draw_page):
    """A folder of three pages, the last one bare."""
    folder = tmp_path / "edition"
    folder.mkdir()
    pages = {
        "page_10.png": draw_page(),
        "page_2.png": draw_page(*PHOTOS[:2], persons=[(240, 50, 290, 140)], faces=[FACE]),
        "page_1.png": draw_page(*PHOTOS),
    }
    for name, page in pages.items():
        Pillow.fromarray(page).save(folder / name)
    return folder


@pytest.fixture
def references(tmp_path, draw_page):
    """A folder of reference photos, all of one person."""
    folder = tmp_path / "references"
    folder.mkdir()
    for i in range(3):
        x, y = 40 + 50 * i, 80
        face = (x, y, x + FACE[2] - FACE[0], y + FACE[3] - FACE[1])
        page = draw_page((0, 0, 400, 560), faces=[face, (300, 400, 315, 418)])
        Pillow.fromarray(page).save(folder / f"{i}.png")
    return folder


def test_the_document_has_the_keys_of_the_contract(run, edition, scripted_recipe):
    document = run(edition, publication="A Daily", date="2019-12-16")
    assert list(document) == [
        "schema",
        "recipe",
        "label_set",
        "edition",
        "pages",
        "composition",
        "ruler",
    ]
    assert document["schema"] == 1
    assert document["recipe"] == scripted_recipe.id
    assert document["edition"] == {"publication": "A Daily", "date": "2019-12-16", "pages": 3}
    for page in document["pages"]:
        assert list(page) == [
            "number",
            "source",
            "width",
            "height",
            "outcome",
            "type",
            "traits",
            "warnings",
            "photos",
            "headlines",
            "folio",
        ]
        for photo in page["photos"]:
            assert {
                "box",
                "score",
                "area_share",
                "subjects",
                "labels",
                "detections",
                "figures",
                "focus",
            } <= set(photo)
            assert list(photo["subjects"]) == [s.value for s in Subject]
            assert list(photo["labels"]) == list(document["composition"]["labels"])
            assert all(0 <= p <= 1 for p in photo["labels"].values())
            for name in ("people", "crowd", "children"):
                reading = photo["subjects"][name]
                assert set(reading) - {"where"} == {"probability", "count", "count_interval"}
            for name in ("fireworks", "buildings"):
                assert set(photo["subjects"][name]) - {"where"} == {"probability"}
            assert set(photo["focus"]) == {
                "verdict",
                "leader",
                "facility",
                "reasons",
                "reasons_text",
            }
    assert {
        "pages",
        "photos",
        "photos_per_page",
        "photo_area_share",
        "full_page_photo_pages",
        "shares",
        "labels",
    } <= set(document["composition"])
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_pages_come_in_natural_order_with_what_was_seen(run, edition):
    pages = run(edition)["pages"]
    assert [p["number"] for p in pages] == [1, 2, 3]
    assert [p["source"] for p in pages] == ["page_1.png", "page_2.png", "page_10.png"]
    assert [p["outcome"] for p in pages] == ["done", "done", "empty"]
    assert [(p["width"], p["height"]) for p in pages] == [(400, 560)] * 3
    assert [[ph["box"] for ph in p["photos"]] for p in pages] == [
        [[*map(float, box)] for box in PHOTOS],
        [[*map(float, box)] for box in PHOTOS[:2]],
        [],
    ]
    (person,) = pages[1]["photos"][1]["detections"]
    assert person == {"label": "person", "box": [240.0, 50.0, 290.0, 140.0], "score": 0.9}


def test_the_ruler_holds_each_photo_once(run, edition, references):
    document = run(edition, leaders={"Leader": references})
    ruler = document["ruler"]
    assert (ruler["leaders"], ruler["n"], ruler["pages_seen"]) == (["Leader"], 5, 3)
    positions = [place["position"] for place in ruler["places"]]
    assert positions == sorted(positions)
    for place in ruler["places"]:
        photo = document["pages"][place["page_number"] - 1]["photos"][place["photo"]]
        assert all(place[key] == photo["focus"][key] for key in ("verdict", "leader", "facility"))
    leads = [(p["page_number"], p["photo"]) for p in ruler["places"] if p["front_lead"]]
    assert leads == [(1, 2)]


def test_the_composition_adds_the_pages_up(run, edition):
    composition = run(edition)["composition"]
    assert (composition["pages"], composition["pages_seen"]) == (3, 3)
    assert composition["photos"] == 5
    assert composition["photos_per_page"] == pytest.approx(5 / 3, abs=1e-4)
    area = 4 * 160 * 120 + 360 * 300
    assert composition["photo_area_share"] == pytest.approx(area / (3 * 400 * 560), abs=1e-4)
    assert {composition["shares"][name]["n"] for name in SUBJECTS} == {5}


def test_the_composition_has_a_row_for_each_leader(run, edition, references):
    assert run(edition)["composition"]["figures"] == []
    document = run(edition, leaders={"Leader": references})
    (row,) = document["composition"]["figures"]
    seen = [
        figure["answer"]
        for page in document["pages"]
        for photo in page["photos"]
        for figure in photo["figures"]
    ]
    assert seen
    assert (row["name"], row["role"], row["share"]["n"]) == ("Leader", "leader", 5)
    assert row["photos"] == {"sure": seen.count("yes"), "unsure": seen.count("unsure")}


def test_files_are_kept_in_the_order_given(run, edition):
    files = [edition / name for name in ("page_10.png", "page_1.png", "page_2.png")]
    assert [p["source"] for p in run(*files)["pages"]] == [f.name for f in files]


def test_a_refused_file_is_a_page_with_its_reason_and_the_rest_is_analysed(run, edition, tmp_path):
    (edition / "page_1a.jpg").write_text("no picture")
    whole = (edition / "page_2.png").read_bytes()
    (edition / "page_3.png").write_bytes(whole[: len(whole) // 2])
    document = run(edition)
    pages = document["pages"]
    assert [p["outcome"] for p in pages] == ["done", "rejected", "done", "rejected", "empty"]
    for page, reason in ((pages[1], "unknown_format"), (pages[3], "corrupt")):
        assert page["reason"].startswith(f"{reason}: ")
        assert page["photos"] == []
        assert (page["width"], page["height"]) == (None, None)
    composition = document["composition"]
    assert (composition["pages"], composition["pages_seen"]) == (5, 3)
    assert composition["coverage"] == 0.6
    assert str(tmp_path) not in json.dumps(document)


def test_an_edition_of_which_nothing_can_be_read(run, tmp_path):
    (tmp_path / "page.jpg").touch()
    document = run(tmp_path / "page.jpg")
    assert [p["outcome"] for p in document["pages"]] == ["rejected"]
    assert document["composition"]["photos_per_page"] is None
    assert document["composition"]["shares"]["people"]["share"] is None


def test_archives_and_many_pages_in_a_file_are_unpacked(run, edition, tmp_path, draw_page):
    archive = tmp_path / "edition.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(edition / "page_2.png", "page_2.png")
        file.write(edition / "page_1.png", "../page_1.png")
    frames = [Pillow.fromarray(draw_page(box)) for box in PHOTOS]
    frames[0].save(tmp_path / "all.tiff", save_all=True, append_images=frames[1:])
    pages = run(archive, tmp_path / "all.tiff")["pages"]
    assert [p["number"] for p in pages] == [1, 2, 3, 4, 5]
    assert sorted(p["outcome"] for p in pages) == ["done"] * 4 + ["rejected"]
    assert next(p for p in pages if "reason" in p)["reason"].startswith("unsafe_name: ")
    assert [len(p["photos"]) for p in pages[2:]] == [1, 1, 1]


def test_as_photos_takes_each_image_for_one_photo(run, edition):
    document = run(edition, as_photos=True)
    pages = document["pages"]
    assert [p["outcome"] for p in pages] == ["done"] * 3
    assert document["edition"]["as_photos"]
    assert document["composition"]["zones"]["front"]["photos"] is None
    assert not any(place["front_lead"] for place in document["ruler"]["places"])
    for page in pages:
        (photo,) = page["photos"]
        assert photo["box"] == [0, 0, 400, 560]
        assert photo["area_share"] == 1
    (person,) = pages[1]["photos"][0]["detections"]
    assert person["box"] == [240, 50, 290, 140]


def test_an_enrolled_leader_is_recognised_and_nobody_else(run, edition, references, draw_page):
    other = draw_page(PHOTOS[0], faces=[OTHER_FACE])
    Pillow.fromarray(other).save(edition / "page_20.png")
    document = run(edition, leaders={"Kim": references})
    seen = [[ph["figures"] for ph in p["photos"]] for p in document["pages"]]
    (figure,) = seen[1][1]
    assert (figure["name"], figure["box"]) == ("Kim", [*map(float, FACE)])
    assert figure["probability"] > 0.5
    assert sum(len(figures) for page in seen for figures in page) == 1
    assert document["composition"]["shares"]["leader"]["decided"] == 1


def test_without_a_leader_nobody_is_named(run, edition):
    document = run(edition)
    assert all(ph["figures"] == [] for p in document["pages"] for ph in p["photos"])
    leader = document["composition"]["shares"]["leader"]
    assert leader["share"] is None
    assert "nobody is enrolled as a leader" in leader["refused"]
    assert document["composition"]["shares"]["focus_leader"]["share"] is None


def test_pages_that_were_not_scanned_lower_the_coverage(run, edition):
    composition = run(edition, pages_expected=6)["composition"]
    assert (composition["pages"], composition["pages_seen"]) == (6, 3)
    document = run(edition, page_numbers=[4, 5, 2])
    assert [page["number"] for page in document["pages"]] == [4, 5, 2]
    composition = document["composition"]
    assert (composition["pages"], composition["zones"]["front"]["photos"]) == (5, None)


def test_references_that_can_not_be_used_do_not_spoil_the_others(
    run, edition, references, draw_page
):
    Pillow.fromarray(draw_page()).save(references / "nobody.png")
    (references / "broken.jpg").write_text("no picture")
    figures = run(edition, leaders={"Kim": references})["pages"][1]["photos"][1]["figures"]
    assert [f["name"] for f in figures] == ["Kim"]


def test_references_are_told_with_their_weights_and_a_stranger_among_them_has_none(
    run, edition, references, draw_page
):
    stranger = draw_page((0, 0, 400, 560), faces=[OTHER_FACE])
    crowded = draw_page((0, 0, 400, 560), faces=[FACE, (100, 60, 129, 99)])
    Pillow.fromarray(stranger).save(references / "3.png")
    Pillow.fromarray(crowded).save(references / "4.png")
    (references / "5.jpg").write_text("no picture")
    document = run(edition, leaders={"Kim": references})
    (figure,) = document["figures"]
    assert (figure["name"], figure["role"]) == ("Kim", "leader")
    told = {
        r["name"]: (r["weight"] > 0, (r["note"] or "").split(":")[0]) for r in figure["references"]
    }
    assert told == {
        "0.png": (True, ""),
        "1.png": (True, ""),
        "2.png": (True, ""),
        "3.png": (False, "disagrees"),
        "4.png": (True, "several_faces"),
        "5.jpg": (False, "unknown_format"),
    }
    assert "figures" not in run(edition)
    names = [f["name"] for p in document["pages"] for ph in p["photos"] for f in ph["figures"]]
    assert names == ["Kim"]


def test_references_without_any_face_are_an_error_that_says_why(run, edition, tmp_path, draw_page):
    folder = tmp_path / "nobody"
    folder.mkdir()
    Pillow.fromarray(draw_page()).save(folder / "paper.png")
    (folder / "broken.jpg").write_text("no picture")
    with pytest.raises(NoFace, match=r"nobody/ can enrol Kim.*broken\.jpg.*paper\.png"):
        run(edition, leaders={"Kim": folder})


def test_a_folder_of_several_persons_enrols_nobody(run, edition, tmp_path, draw_page):
    folder = tmp_path / "everybody"
    folder.mkdir()
    for i in range(4):
        page = draw_page((0, 0, 400, 560), faces=[(60, 60, 90 + 5 * i, 100 + 9 * i)])
        Pillow.fromarray(page).save(folder / f"{i}.png")
    with pytest.raises(NoFace, match=r"everybody/ shows several persons.* Kim: \d\.png and"):
        run(edition, leaders={"Kim": folder})


def test_one_picture_is_not_a_portrait_of_two_leaders(run, edition, references):
    with pytest.raises(NoFace, match=r"0\.png is given as a portrait of Kim and of Lee"):
        run(edition, leaders={"Kim": references, "Lee": references})


def test_an_empty_folder_of_references_is_an_error(run, edition, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(NoFace, match="none/"):
        run(edition, leaders={"Kim": tmp_path / "none"})


def test_progress_is_told_of_each_page(run, edition):
    told = []
    run(edition, progress=lambda *step: told.append(step))
    assert [(done, of) for done, of, _ in told] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert {name for _, _, name in told[1:]} == {"page_1.png", "page_2.png", "page_10.png"}


def test_the_same_scans_have_the_same_document(run, edition):
    assert run(edition) == run(edition)


def test_a_missing_weight_is_raised_and_makes_no_document(
    scripted_recipe, registry, edition, tmp_path
):
    empty = Registry(registry.manifest, shipped=tmp_path, packages=tmp_path)
    with pytest.raises(ModelUnavailable):
        analyze(Request([edition]), scripted_recipe, empty, processes=0)
