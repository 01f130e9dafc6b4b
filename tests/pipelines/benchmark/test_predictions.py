import csv
import json
from pathlib import Path

import pytest

import presslens.pipelines.benchmark.predictions as predictions_module
from presslens.pipelines.benchmark.errors import InvalidBenchmark, InvalidPredictions
from presslens.pipelines.benchmark.folder import read_benchmark
from presslens.pipelines.benchmark.predictions import read_predictions
from presslens.pipelines.benchmark.score import score_predictions

ENDLESS = Path("/dev/zero")
GOOD = {"image_id": 1001, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}


def test_what_is_predicted_is_read(benchmark_folder, perfect):
    predictions = read_predictions(perfect, read_benchmark(benchmark_folder))
    assert predictions.about == {"system": "system"}
    assert predictions.of(1001, 1).scores.tolist() == [0.9, 0.9]
    assert predictions.of(1001, 2).scores.tolist() == []
    assert predictions.subjects[1004] == {"people": 0.8, "crowd": 0.7, "children": 0.0}


def test_boxes_are_ranked_and_a_system_can_name_itself(benchmark_folder, tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps([GOOD, {**GOOD, "score": 0.7}]))
    (tmp_path / "mine.about.json").write_text('{"system": "Mine", "version": 3}')
    predictions = read_predictions(file, read_benchmark(benchmark_folder))
    assert predictions.of(1001, 1).scores.tolist() == [0.7, 0.5]
    assert predictions.about == {"system": "Mine", "version": "3"}
    assert predictions.subjects is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"boxes": []}', "not a list"),
        ([7], "entry 0: not an object"),
        ([GOOD, {"image_id": 1001}], "entry 1: category_id is missing"),
        ([{**GOOD, "image_id": 7}], "no picture of clean, phone has the image_id 7"),
        ([{**GOOD, "image_id": "1001"}], "image_id '1001'"),
        ([{**GOOD, "category_id": 2}], "photos \\(1\\) are to be found on pages"),
        ([{**GOOD, "image_id": 1003}], "people \\(2\\) in photos"),
        ([{**GOOD, "bbox": [1, 2, 3]}], "is not \\[x, y, width, height\\]"),
        ([{**GOOD, "bbox": [1, 2, 3, "4"]}], "is not \\[x, y"),
        ([{**GOOD, "bbox": [1, 2, 0, 4]}], "is empty"),
        ([{**GOOD, "bbox": [0, 0, 1e-200, 1e-200]}], "is empty"),
        ([{**GOOD, "bbox": [100, 2, 1e-200, 4]}], "is empty"),
        ([{**GOOD, "bbox": [1, 2, 1e308, 1e308]}], "is too large"),
        ([{**GOOD, "bbox": [1e308, 2, 1e308, 4]}], "is too large"),
        ([{**GOOD, "bbox": [1, 10**308, 3, 10**308]}], "is too large"),
        ([{**GOOD, "bbox": [400, 2, 3, 4]}], "lies outside of the picture, 400 x 300 pixels"),
        ([{**GOOD, "bbox": [1, 300, 3, 4]}], "lies outside"),
        ([{**GOOD, "bbox": [-3, 2, 3, 4]}], "lies outside"),
        ([{**GOOD, "bbox": [1, -9, 3, 4]}], "lies outside"),
        ([{**GOOD, "score": float("nan")}], "score nan is not a number"),
        ([{**GOOD, "score": True}], "score True"),
        ([{**GOOD, "score": 10**400}], "is not a number"),
        ([{**GOOD, "bbox": [1, 2, 10**400, 4]}], "is not \\[x, y"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_with_the_reason(benchmark_folder, tmp_path, content, reason):
    file = tmp_path / "bad.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InvalidPredictions, match=rf"bad\.json: .*{reason}"):
        read_predictions(file, read_benchmark(benchmark_folder))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "box",
    [
        [-5, -5, 10, 10], [399, 299, 50, 50], [-1e9, -1e9, 3e9, 3e9], [0, 0, 1e-160, 1e-160],
        [399, 0, 6e-14, 1e-300], [-1e300, 0, 2e300, 5], [0, 0, 1e-300, 1e300],
    ],
)  # fmt: skip
def test_a_box_that_lies_in_part_in_the_picture_is_scored(benchmark_folder, tmp_path, box):
    person = {"image_id": 1003, "category_id": 2, "bbox": box, "score": 0.5}
    file = tmp_path / "edge.json"
    file.write_text(json.dumps([{**GOOD, "bbox": box}, person]))
    truth = read_benchmark(benchmark_folder)
    photos = score_predictions(truth, read_predictions(file, truth))["conditions"]["clean"][
        "photos"
    ]
    assert (photos["reported"], photos["f1"]["value"]) == (1, 0)


@pytest.mark.parametrize("score", [-4.5, 0, 12, 1e300])
def test_a_score_is_whatever_number_ranks(benchmark_folder, tmp_path, score):
    file = tmp_path / "logits.json"
    file.write_text(json.dumps([{**GOOD, "score": score}]))
    truth = read_benchmark(benchmark_folder)
    predictions = read_predictions(file, truth)
    assert predictions.of(1001, 1).scores.tolist() == [score]
    photos = score_predictions(truth, predictions)["conditions"]["clean"]["photos"]
    assert photos["reported"] == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "needs the column image_id"),
        ("image_id,faces\n1003,1\n", "any of people, crowd"),
        ("image_id,people,person\n1003,1,1\n", "'person' is none of image_id, people, crowd, "),
        ("image_id,people,\n1003,1,1\n", "the column '' is none of"),
        ("image_id,people,people\n1003,1,0\n", "the column people is there twice"),
        ("image_id,people,image_id\n1003,1,1004\n", "the column image_id is there twice"),
        ("image_id,people\n1003,1,1\n", "line 2: more cells than columns"),
        ("image_id,people\n1001,1\n", "line 2: no photo of clean, phone has the image_id '1001'"),
        ("image_id,people\nx,1\n", "line 2: no photo of clean, phone has the image_id 'x'"),
        ("image_id,people\n1003,2\n", "line 2: people: '2' is not a probability"),
        ("image_id,people\n1003,\n", "'' is not a probability"),
        ("image_id,people\n1003,1\n1003,1\n", "line 3: a second row for the photo 1003"),
        ("image_id,people\n1003,1\n", "no row for the photo 1004"),
        (b"\xff\xfe\xfa", "can't decode"),
        ("image_id,people\n" + 2_000 * "1" + ",1\n", r"line 2: .*image_id '1+\.{3}1+"),
        ("image_id,people\n1003," + 2_000 * "1" + "\n", r"line 2: people: '1+\.{3}1+' is not a "),
    ],
)  # fmt: skip
def test_a_bad_table_is_named_with_the_reason(benchmark_folder, perfect, content, reason):
    table = perfect.with_suffix(".csv")
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidPredictions, match=rf"system\.csv: .*{reason}"):
        read_predictions(perfect, read_benchmark(benchmark_folder))


@pytest.fixture
def short_fields():
    """Let csv read fields of 1,000 characters: other libraries raise the limit for all."""
    before = csv.field_size_limit(1_000)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("short_fields")
@pytest.mark.parametrize(
    ("content", "line"),
    [(2_000 * "1" + ",people\n", 1), ("image_id,people\n" + 2_000 * "1" + ",1\n", 2)],
)
def test_a_field_that_csv_refuses_is_named_with_its_line(benchmark_folder, perfect, content, line):
    perfect.with_suffix(".csv").write_text(content)
    with pytest.raises(InvalidPredictions, match=rf"system\.csv: line {line}: field larger than"):
        read_predictions(perfect, read_benchmark(benchmark_folder))


@pytest.mark.parametrize("content", ["[]", '{"system": 3}'])
def test_a_system_without_a_name_is_refused(benchmark_folder, perfect, content):
    perfect.with_name("system.about.json").write_text(content)
    with pytest.raises(InvalidPredictions, match=r"system\.about\.json: not an object with a name"):
        read_predictions(perfect, read_benchmark(benchmark_folder))


@pytest.mark.parametrize(
    "content",
    [r'{"system": "\ud800"}', r'{"system": "A", "\udfff": 1}', r'{"system": "A", "v": "\ud800"}'],
)
def test_what_a_system_says_of_itself_can_be_written(benchmark_folder, perfect, content):
    perfect.with_name("system.about.json").write_text(content)
    with pytest.raises(
        InvalidPredictions, match=r"system\.about\.json: .*half of a surrogate pair"
    ):
        read_predictions(perfect, read_benchmark(benchmark_folder))


def test_a_file_whose_name_is_not_utf_8_gives_a_name_that_can_be_written(
    benchmark_folder, tmp_path
):
    file = tmp_path / "m\udcffne.json"
    file.write_text("[]")
    predictions = read_predictions(file, read_benchmark(benchmark_folder))
    assert predictions.about == {"system": "m?ne"}


@pytest.mark.skipif(not ENDLESS.exists(), reason="there is no endless file")
def test_of_a_file_no_more_is_read_than_it_may_hold(benchmark_folder, perfect, monkeypatch):
    monkeypatch.setattr(predictions_module, "LARGEST", 2**20)
    truth = read_benchmark(benchmark_folder)
    with pytest.raises(InvalidPredictions, match="/dev/zero: larger than 1 MiB"):
        read_predictions(ENDLESS, truth)
    with pytest.raises(InvalidPredictions, match="/dev/zero: larger than 1 MiB"):
        read_predictions(perfect, truth, subjects=ENDLESS)


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_a_file_that_is_too_large_is_refused(benchmark_folder, perfect, monkeypatch, suffix):
    monkeypatch.setattr(predictions_module, "LARGEST", 2**20)
    file = perfect.with_suffix(suffix)
    file.write_text(file.read_text().ljust(2**20, "\n"))
    truth = read_benchmark(benchmark_folder)
    assert read_predictions(perfect, truth).subjects
    file.write_text(file.read_text() + "\n")
    with pytest.raises(InvalidPredictions, match=rf"system\{suffix}: larger than 1 MiB"):
        read_predictions(perfect, truth)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("instances.json", None, "is missing"),
        ("truth.json", "{", "not JSON"),
        ("truth.json", "{}", "its truth is damaged"),
        (
            "truth.json",
            '{"benchmark": "1", "conditions": ["fm"], "pages": [], "photos": []}',
            "damaged",
        ),
        ("instances.json", "[]", "its truth is damaged"),
        ("truth.json", "[" * 100_000, "truth.json: not JSON"),
    ],
)
def test_a_damaged_benchmark_is_named_with_the_reason(benchmark_folder, name, content, reason):
    (benchmark_folder / name).unlink()
    if content is not None:
        (benchmark_folder / name).write_text(content)
    with pytest.raises(InvalidBenchmark, match=reason):
        read_benchmark(benchmark_folder)


def first_mark(**changed):
    return {"annotations": [{"image_id": 1001, "bbox": [1, 2, 3, 4], "iscrowd": 0, **changed}]}


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("truth.json", {"conditions": []}),
        ("truth.json", {"conditions": "clean"}),
        ("truth.json", {"conditions": ["clean", "\ud800"]}),
        ("truth.json", {"benchmark": 1}),
        ("truth.json", {"pages": [{"sheet": "page-001", "distractors": [1], "edition": "1"}]}),
        ("truth.json", {"pages": [{"sheet": "page-001", "distractors": {}, "edition": ["1"]}]}),
        ("truth.json", {"photos": [{"sheet": "photo-003", "subjects": []}]}),
        ("instances.json", {"images": [{"id": 1}]}),
        ("instances.json", first_mark(bbox=[1, 2, 3, 4, 5, 6, 7, 8])),
        ("instances.json", first_mark(bbox=[1, 2, float("nan"), 4])),
        ("instances.json", first_mark(bbox=[1, 2, 0, 4])),
        ("instances.json", first_mark(bbox=[1, 2, 1e308, 4])),
    ],
)  # fmt: skip
def test_a_benchmark_with_a_damaged_entry_is_refused(benchmark_folder, name, changed):
    document = json.loads((benchmark_folder / name).read_text())
    (benchmark_folder / name).write_text(json.dumps({**document, **changed}))
    with pytest.raises(InvalidBenchmark, match="its truth is damaged"):
        read_benchmark(benchmark_folder)
