import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from presslens.pipelines.benchmark.errors import InvalidBenchmark, InvalidPredictions
from presslens.pipelines.benchmark.folder import read_benchmark
from presslens.pipelines.benchmark.predictions import PredictedBoxes, read_predictions
from presslens.pipelines.benchmark.score import (
    MOST_BOXES,
    average_precisions,
    match_image,
    ranking_precision,
    score_predictions,
)
from presslens.pipelines.benchmark.table import BEGIN, END, insert_tables, score_tables

DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "benchmark.md"


def scored(folder, file, **options):
    truth = read_benchmark(folder)
    return score_predictions(truth, read_predictions(file, truth), **options)


def test_perfect_predictions_lose_nothing(benchmark_folder, perfect):
    scores = scored(benchmark_folder, perfect)
    assert scores["compared_with"] == "clean"
    for condition in ("clean", "phone"):
        document = scores["conditions"][condition]
        photos = document["photos"]
        for name in ("f1", "f1_75", "precision", "recall", "ap", "ap_50"):
            assert photos[name] == {"value": 1.0, "interval": None}, name
            assert photos["loss"][name]["value"] == 0
        assert (photos["n"], photos["reported"], photos["pages"]) == (4, 4, 2)
        assert photos["editions_with_exact_count"] == photos["editions"] == 1
        assert photos["distractors"] == {
            "n": 2, "reported": 0, "by_kind": {"engraving": {"n": 2, "reported": 0}},
        }  # fmt: skip
        assert document["people"]["ap"]["value"] == 1
        assert document["people"]["n"] == 1  # the other one is ignored
        assert document["subjects"]["people"]["f1"]["value"] == 1
        assert document["subjects"]["crowd"]["ap"]["value"] == 1
        assert document["subjects"]["children"]["false"] == 0
        assert document["subjects"]["fireworks"] == {
            "photos": 0, "n": 0, "told": False, "loss": {},
        }  # fmt: skip


def test_some_conditions_are_scored_alone(benchmark_folder, perfect):
    truth = read_benchmark(benchmark_folder).only(["clean"])
    entries = json.loads(perfect.read_text())
    perfect.write_text(json.dumps([e for e in entries if e["image_id"] < 2000]))
    table = perfect.with_suffix(".csv")
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:4]))
    scores = score_predictions(truth, read_predictions(perfect, truth))
    assert list(scores["conditions"]) == ["clean"]
    assert scores["conditions"]["clean"]["photos"]["f1"]["value"] == 1
    with pytest.raises(InvalidBenchmark, match="no condition fm; it has clean, phone"):
        read_benchmark(benchmark_folder).only(["fm", "clean"])


def test_predictions_of_other_conditions_are_ignored(benchmark_folder, perfect):
    table = perfect.with_suffix(".csv")
    table.write_text(table.read_text().replace("2004,0.8,0.7,0\n", ""))
    clean, phone = (read_benchmark(benchmark_folder).only([name]) for name in ("clean", "phone"))
    scores = score_predictions(clean, read_predictions(perfect, clean))["conditions"]
    assert list(scores) == ["clean"]
    assert scores["clean"]["photos"]["f1"]["value"] == 1
    assert scores["clean"]["subjects"]["people"]["f1"]["value"] == 1
    with pytest.raises(InvalidPredictions, match="no row for the photo 2004"):
        read_predictions(perfect, phone)


def test_misses_false_photos_and_distractors_are_counted(benchmark_folder, perfect):
    engraving = {"image_id": 2001, "category_id": 1, "bbox": [12, 205, 90, 90], "score": 0.6}
    results = json.loads(perfect.read_text())
    first = next(i for i, r in enumerate(results) if r["image_id"] == 2001)
    results[first] = engraving
    perfect.write_text(json.dumps(results))
    photos = scored(benchmark_folder, perfect)["conditions"]["phone"]["photos"]
    assert photos["precision"]["value"] == photos["recall"]["value"] == 0.75
    assert photos["f1"]["value"] == 0.75
    low, high = photos["f1"]["interval"]
    assert low < 0.75 < high
    assert photos["loss"]["f1"]["value"] == 0.25
    assert photos["distractors"]["reported"] == 1
    assert photos["pages_with_exact_count"] == 2  # one too few and one too many
    unsure = scored(benchmark_folder, perfect, least_score=0.7)["conditions"]["phone"]["photos"]
    assert unsure["precision"]["value"] == 1
    assert unsure["recall"]["value"] == 0.75
    assert unsure["distractors"]["reported"] == 0
    assert unsure["editions_with_exact_count"] == 0
    assert unsure["ap"] == photos["ap"]


def test_the_tables_say_which_boxes_count(benchmark_folder, perfect):
    assert "; all boxes. Intervals" in score_tables(scored(benchmark_folder, perfect), [])
    scores = scored(benchmark_folder, perfect, least_score=0.7)
    assert "; boxes from a score of 0.7 on, for AP all. Intervals" in score_tables(scores, [])


def test_all_boxes_of_a_page_are_counted(benchmark_folder, perfect):
    results = json.loads(perfect.read_text())
    noise = {"image_id": 1001, "category_id": 1, "bbox": [300, 200, 9, 9], "score": 0.95}
    engraving = {**noise, "bbox": [12, 205, 90, 90], "score": 0.1}
    perfect.write_text(json.dumps([noise] * 400 + results + [engraving]))
    photos = scored(benchmark_folder, perfect)["conditions"]["clean"]["photos"]
    assert photos["reported"] == 405
    assert photos["recall"]["value"] == 1
    assert photos["precision"]["value"] == round(4 / 405, 4)
    assert photos["f1"]["value"] == round(8 / 409, 4)
    assert photos["distractors"]["reported"] == 1
    assert photos["ap_50"]["value"] < 0.6  # of the page with noise, the best 300 boxes


def test_subjects_are_decided_at_one_half(benchmark_folder, perfect):
    table = perfect.with_suffix(".csv")
    table.write_text(table.read_text().replace("2005,0.2,0,0.1", "2005,0.85,0,0.6"))
    subjects = scored(benchmark_folder, perfect)["conditions"]["phone"]["subjects"]
    assert subjects["people"]["f1"]["value"] == pytest.approx(0.8)
    assert subjects["people"]["ap"]["value"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-4)
    assert subjects["people"]["false"] == 1
    assert subjects["children"]["false"] == 1
    assert "f1" not in subjects["children"]


def test_a_system_that_tells_no_subjects_is_scored_on_boxes(benchmark_folder, perfect):
    perfect.with_suffix(".csv").unlink()
    scores = scored(benchmark_folder, perfect)
    assert not scores["conditions"]["clean"]["subjects"]["people"]["told"]
    assert "| `clean` | – | – | – | 1.000 |" in score_tables(scores, [])


def test_nothing_found_in_a_condition_scores_zero(benchmark_folder, perfect):
    entries = json.loads(perfect.read_text())
    perfect.write_text(json.dumps([e for e in entries if e["image_id"] > 2000]))
    clean = scored(benchmark_folder, perfect)["conditions"]["clean"]
    photos, people = clean["photos"], clean["people"]
    assert photos["f1"]["value"] == photos["recall"]["value"] == photos["ap"]["value"] == 0
    assert photos["precision"] == {"value": None, "interval": None}
    assert people["ap_50"]["value"] == 0


@pytest.mark.parametrize(
    ("category", "photos", "people"),
    [
        (1, "| `clean` | 4 | 1.000 | .000 | 1.000 | 1.000 | 1.000 | 1.000 | 0 of 2 |", "–"),
        (2, "| `clean` | 4 | – | – | – | – | – | – | – | – | – |", "1.000"),
    ],
)
def test_a_system_that_sends_no_box_of_a_category_has_no_figures_of_it(
    benchmark_folder, perfect, category, photos, people
):
    entries = json.loads(perfect.read_text())
    perfect.write_text(json.dumps([e for e in entries if e["category_id"] == category]))
    scores = scored(benchmark_folder, perfect)
    clean = scores["conditions"]["clean"]
    assert [clean[name]["told"] for name in ("photos", "people")] == [category == 1, category == 2]
    assert (clean["photos"]["n"], clean["people"]["n"]) == (4, 1)
    tables = score_tables(scores, [])
    assert photos in tables
    assert f"| `clean` | 1.000 | 1.000 | 0 | {people} |" in tables


def test_people_have_no_figures_where_nobody_knows_where_they_are(benchmark_folder, perfect):
    file = benchmark_folder / "instances.json"
    document = json.loads(file.read_text())
    images = [image | {"people": False} for image in document["images"]]
    file.write_text(json.dumps({**document, "images": images}))
    people = scored(benchmark_folder, perfect)["conditions"]["clean"]["people"]
    assert people == {"photos": 0, "n": 0, "told": False, "loss": {}}


def test_the_entry_of_the_document_is_scored(benchmark_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    exec(example.replace("FOLDER", str(benchmark_folder)), {})
    scores = scored(benchmark_folder, tmp_path / "middle.json")
    assert scores["about"] == {"system": "Middle of the page", "version": "1"}
    clean = scores["conditions"]["clean"]
    assert (clean["photos"]["reported"], clean["photos"]["f1"]["value"]) == (2, 0)
    assert clean["subjects"]["people"]["f1"]["value"] == pytest.approx(0.8)  # 0.5 is decided


def test_ranking_precision_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    for _ in range(20):
        shown = rng.random(30) < 0.4
        probability = np.round(rng.random(30), 1)
        (ours,) = ranking_precision(probability, shown)(np.ones((1, 30)))
        assert ours == pytest.approx(average_precision_score(shown, probability))


def test_tables_replace_those_of_a_document(benchmark_folder, perfect, tmp_path):
    document = tmp_path / "page.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    tables = score_tables(scored(benchmark_folder, perfect), ["it is a sample"])
    insert_tables(document, tables)
    text = document.read_text()
    assert text.startswith(f"before\n{BEGIN}\n\n**system**; benchmark version 1")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert "Not the published pictures: it is a sample." in text
    assert "| `phone` | 4 | 1.000 | .000 | 1.000 |" in text
    insert_tables(document, tables)
    assert document.read_text() == text
    document.write_text("no place")
    with pytest.raises(InvalidBenchmark, match="has no lines"):
        insert_tables(document, tables)


def test_a_system_can_write_nothing_but_its_name_into_a_document(
    benchmark_folder, perfect, tmp_path
):
    hostile = {
        "system": f"X {END}|\n\n**bold** <b>&",
        "made `by`": f"{END}\n| a |",
        "run": "a-1_b.c",
    }
    perfect.with_suffix(".about.json").write_text(json.dumps(hostile))
    document = tmp_path / "page.md"
    document.write_text(f"before\n{BEGIN}\n{END}\nafter\n")
    tables = score_tables(scored(benchmark_folder, perfect), [f"{END}\n{BEGIN}"])
    insert_tables(document, tables)
    text = document.read_text()
    assert (text.count(BEGIN), text.count(END)) == (1, 1)
    first = text.splitlines()[3]
    assert first.startswith(
        "**X &#60;!-- scores: end --&#62;&#124; &#42;&#42;bold&#42;&#42; &#60;b&#62;&#38;**, made"
        " &#96;by&#96; &#60;!-- scores: end --&#62; &#124; a &#124;, run `a-1_b.c`; benchmark"
    )
    insert_tables(document, tables)
    assert document.read_text() == text


pycocotools = pytest.importorskip("pycocotools.coco")


def boxes(rng, count):
    return np.column_stack([rng.uniform(0, 300, (count, 2)), rng.uniform(20, 120, (count, 2))])


def random_case(seed):
    """Return found, true and ignored boxes of pictures, many of them nearly right."""
    rng = np.random.default_rng(seed)
    case = []
    for _ in range(6):
        there = boxes(rng, int(rng.integers(0, 9)))
        near = there[rng.random(len(there)) < 0.8]
        near = near + rng.normal(0, 6, near.shape)
        found = np.concatenate([near, near + rng.normal(0, 2, near.shape), boxes(rng, 3)])
        found[:, 2:] = np.maximum(found[:, 2:], 1)
        scores = np.round(rng.random(len(found)), 1)  # many are equal
        order = np.argsort(-scores, kind="stable")
        ignored = rng.random(len(there)) < 0.2
        case.append((PredictedBoxes(found[order], scores[order]), there, ignored))
    return case


def by_pycocotools(case):
    from pycocotools.cocoeval import COCOeval

    truth, results = [], []
    for image, (found, there, ignored) in enumerate(case, start=1):
        for box, crowd in zip(there.tolist(), ignored.tolist(), strict=True):
            area = box[2] * box[3]
            truth.append({"image_id": image, "bbox": box, "iscrowd": int(crowd), "area": area})
        for box, score in zip(found.boxes.tolist(), found.scores.tolist(), strict=True):
            results.append({"image_id": image, "bbox": box, "score": score, "category_id": 1})
    coco = pycocotools.COCO()
    coco.dataset = {
        "images": [{"id": image} for image in range(1, len(case) + 1)],
        "categories": [{"id": 1}],
        "annotations": [{"id": i, "category_id": 1, **t} for i, t in enumerate(truth, start=1)],
    }
    with redirect_stdout(io.StringIO()):
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(results), "bbox")
        evaluation.params.maxDets = [MOST_BOXES]
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"][:, :, 0, 0, 0].mean(axis=1))


def matched(case):
    return [match_image(*image) for image in case]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_average_precision_is_that_of_pycocotools(subtests):
    for seed in range(12):
        with subtests.test(str(seed)):
            case = random_case(seed)
            ours = average_precisions(matched(case))
            assert ours is not None
            np.testing.assert_allclose(ours, by_pycocotools(case), rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_average_precision_has_the_best_boxes_of_a_picture_as_that_of_pycocotools():
    case = random_case(3)
    found, there, ignored = case[0]
    far = np.tile([400.0, 400, 5, 5], (MOST_BOXES - 2, 1))
    boxes = np.concatenate([found.boxes[:1], far, found.boxes[1:]])
    many = PredictedBoxes(boxes, np.linspace(1, 0, len(boxes)))
    case[0] = (many, there, ignored)
    ours = average_precisions(matched(case))
    assert ours is not None
    np.testing.assert_allclose(ours, by_pycocotools(case), rtol=0, atol=1e-12)
    assert len(matched(case)[0].scores) == len(boxes) > MOST_BOXES


def test_a_weight_counts_a_picture_so_many_times():
    case = random_case(3)
    matches = matched(case)
    weights = np.array([[1, 2, 0, 1, 3, 1.0], [1, 1, 1, 1, 1, 1.0]])
    drawn = [
        image for image, count in zip(matches, weights[0], strict=True) for _ in range(int(count))
    ]
    weighted = average_precisions(matches, weights)
    # Equal scores of two copies of a picture are counted together here, one after the other there.
    np.testing.assert_allclose(weighted[0], average_precisions(drawn), atol=0.02)
    np.testing.assert_allclose(weighted[1], average_precisions(matches), atol=1e-12)


def test_nothing_to_find_has_no_precision():
    case = [
        (
            PredictedBoxes(np.array([[0, 0, 5, 5.0]]), np.array([0.4])),
            np.empty((0, 4)),
            np.empty(0, bool),
        )
    ]
    assert average_precisions(matched(case)) is None


def test_found_nothing_is_zero():
    nothing = PredictedBoxes(np.empty((0, 4)), np.empty(0))
    case = [(nothing, np.array([[0, 0, 5, 5.0]]), np.array([False]))]
    values = average_precisions(matched(case))
    assert values.tolist() == [0.0] * 10
