import json
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from presslens.samples.__main__ import main
from presslens.samples.catalogue import SHOTS
from presslens.samples.compose import KINDS, REFERENCES, compose_edition, leader_references
from presslens.samples.cutout import LEADER
from presslens.samples.scan import CONDITIONS


@pytest.fixture(scope="module", params=KINDS)
def edition(request, sources_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp(request.param)
    return out, compose_edition(request.param, sources_folder, out, seed=4)


def test_the_truth_file_is_what_was_returned(edition):
    out, truth = edition
    assert json.loads((out / "truth.json").read_text(encoding="utf-8")) == truth
    assert truth["composed"] is True
    assert "not a real newspaper" in truth["notice"]
    pages = sorted(path.name for path in out.glob("*.jpg"))
    assert pages == [page["file"] for page in truth["pages"]]


def test_every_photo_differs_from_the_paper_around_it(edition):
    out, truth = edition
    for page in truth["pages"]:
        with Image.open(out / page["file"]) as opened:
            pixels = np.asarray(opened.convert("L"), dtype=np.float64)
        assert pixels.shape == (page["height"], page["width"])
        covered = np.zeros(pixels.shape, dtype=bool)
        for photo in page["photos"]:
            x0, y0, x1, y1 = photo["box"]
            # A collage may have a photo wholly within another one.
            assert covered[y0:y1, x0:x1].all() or not covered[y0:y1, x0:x1].any()
            covered[y0:y1, x0:x1] = True
            # The noise pictures are darker than paper, to the very edge of each box.
            for edge in (
                pixels[y0, x0:x1],
                pixels[y1 - 1, x0:x1],
                pixels[y0:y1, x0],
                pixels[y0:y1, x1 - 1],
            ):
                assert np.median(edge) < 215
        # Paper and ink, nothing else, where no photo and no panel is.
        for panel in page["distractors"]:
            x0, y0, x1, y1 = panel["box"]
            covered[y0:y1, x0:x1] = True
        assert np.median(pixels[~covered]) > 225


def test_subjects_speak_the_codebook(edition):
    _, truth = edition
    words = {"people", "crowd", "children", "fireworks", "buildings"}
    for page in truth["pages"]:
        for photo in page["photos"]:
            assert set(photo["subjects"]) <= words
            assert photo["subjects"]["children"] == {"present": False, "count": 0}
            assert photo["focus"] in {"leader", "facility", "neither", None}
            assert not photo["leader"] or photo["subjects"]["people"]["present"]


def test_the_same_seed_gives_the_same_bytes(sources_folder, tmp_path):
    for name in ("one", "two"):
        compose_edition("ordinary", sources_folder, tmp_path / name, seed=9)
    one, two = (
        [sha256(path.read_bytes()).hexdigest() for path in sorted((tmp_path / name).iterdir())]
        for name in ("one", "two")
    )
    assert one == two
    assert len(one) == 7


@pytest.mark.long
def test_every_condition_prints_the_same_pages(sources_folder, tmp_path):
    clean = compose_edition("distractors", sources_folder, tmp_path / "clean", seed=2)
    for condition in CONDITIONS[1:]:
        truth = compose_edition(
            "distractors", sources_folder, tmp_path / condition, seed=2, condition=condition
        )
        assert truth["edition"] == {**clean["edition"], "condition": condition}
        assert truth["composed"] is True
        for page, before in zip(truth["pages"], clean["pages"], strict=True):
            with Image.open(tmp_path / condition / page["file"]) as opened:
                assert opened.size == (page["width"], page["height"])
            for key in ("photos", "distractors"):
                assert len(page[key]) == len(before[key])
                for item, was in zip(page[key], before[key], strict=True):
                    x0, y0, x1, y1 = item["box"]
                    assert 0 <= x0 < x1 <= page["width"]
                    assert 0 <= y0 < y1 <= page["height"]
                    assert {**item, "box": was["box"]} == was


def test_references_are_other_pictures_than_those_printed(sources_folder, tmp_path):
    folder = leader_references(sources_folder, tmp_path / "leader")
    assert len(list(folder.iterdir())) == 3
    assert not {*REFERENCES} & {LEADER.file, *(shot.file for shot in SHOTS)}


def test_the_command_line_writes_what_was_asked_for(sources_folder, tmp_path):
    main([str(tmp_path), "--sources", str(sources_folder), "--kind", "ordinary"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leader", "ordinary"]


def test_the_command_line_knows_kinds_and_conditions(sources_folder, tmp_path):
    asked = ["--kind", "distractors", "--condition", "low-resolution", "--seed", "3"]
    main([str(tmp_path), "--sources", str(sources_folder), *asked])
    truth = json.loads((tmp_path / "distractors-low-resolution" / "truth.json").read_text("utf-8"))
    assert truth["edition"]["condition"] == "low-resolution"
    assert truth["edition"]["seed"] == 3
    assert [(page["width"], page["height"]) for page in truth["pages"]] == [(900, 1300)] * 4


def test_the_command_line_says_what_to_do_without_the_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PRESSLENS_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "out")])
    assert ended.value.code == 1
    error = capsys.readouterr().err
    assert f"is not in {tmp_path / 'cache' / 'samples'}: `presslens models fetch`" in error
