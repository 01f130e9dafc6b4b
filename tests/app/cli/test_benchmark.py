"""``presslens benchmark``: made, checked, scored, and shown, from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.sample_sources import sample_sources
from presslens.app.platform.settings import Settings
from presslens.models.registry import sha256_of
from presslens.pipelines.benchmark.errors import InvalidPredictions


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["benchmark", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of the benchmark in its clean condition, of the real sources."""
    registry = sample_sources(Settings())
    for entry in registry.manifest.weight:
        path = registry.location(entry)
        if not path.is_file() or sha256_of(path) != entry.sha256:
            pytest.skip(f"{entry.file} is not there; run `make setup`")
    folder = tmp_path_factory.mktemp("made") / "benchmark"
    some = ("--sample", "--conditions", "clean", "--processes", 0)
    answer = invoke("make", "--out", folder, *some, "--json")
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)
    assert document["conditions"] == ["clean"]
    assert document["pictures"] == 10
    assert document["differences"] == ["it is a sample: its figures are not those of the benchmark"]
    return folder


def perfect(folder: Path) -> list[dict[str, Any]]:
    """Return the truth as predictions of a system that makes no mistake."""
    marks = json.loads((folder / "instances.json").read_text())["annotations"]
    keys = ("image_id", "category_id", "bbox")
    return [
        {key: mark[key] for key in keys} | {"score": 1} for mark in marks if not mark["iscrowd"]
    ]


def test_a_made_benchmark_is_checked_scored_and_shown(folder: Path, tmp_path: Path) -> None:
    checked = invoke("check", folder, "--json")
    assert json.loads(checked.stdout)["altered"] == []

    file, out, report = (tmp_path / name for name in ("all.json", "scores.json", "page.md"))
    file.write_text(json.dumps(perfect(folder)))
    report.write_text("<!-- scores: begin -->\n<!-- scores: end -->\n")
    answer = invoke("score", folder, file, "--out", out, "--report", report, "--json")
    assert answer.exit_code == 0, answer.output
    scores = json.loads(answer.stdout)
    assert scores == json.loads(out.read_text())
    clean = scores["conditions"]["clean"]
    assert clean["photos"]["f1"]["value"] == clean["photos"]["ap"]["value"] == 1
    assert clean["people"]["ap"]["value"] == 1
    assert "it is a sample" in report.read_text()
    assert "people, AP at 0.5" in " ".join(invoke("score", folder, file).stdout.split())

    drawn = invoke("specimen", folder, "--out", tmp_path / "s.jpg", "--photo", "photo-003")
    assert drawn.exit_code == 0
    assert (tmp_path / "s.jpg").is_file()


def in_two_conditions(folder: Path, copy: Path) -> Path:
    """Copy the truth of a benchmark, as if its pictures were there in a second condition."""
    copy.mkdir()
    instances, truth = (
        json.loads((folder / name).read_text()) for name in ("instances.json", "truth.json")
    )
    instances["images"] += [
        image | {"id": image["id"] + 1000, "condition": "grey"} for image in instances["images"]
    ]
    truth["conditions"].append("grey")
    (copy / "instances.json").write_text(json.dumps(instances))
    (copy / "truth.json").write_text(json.dumps(truth))
    return copy


def test_a_condition_of_which_nothing_is_said_is_named(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    file.write_text(json.dumps(perfect(folder)))
    assert "nothing is said" not in invoke("score", folder, file).output
    answer = invoke("score", in_two_conditions(folder, tmp_path / "two"), file)
    assert answer.exit_code == 0
    assert "nothing is said of grey, which counts as nothing found" in answer.output
    alone = invoke("score", tmp_path / "two", file, "--conditions", "clean")
    assert "nothing is said" not in alone.output


def test_predictions_of_nothing_have_no_figures(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    file.write_text("[]")
    answer = invoke("score", folder, file)
    assert answer.exit_code == 0
    assert "the predictions have neither boxes nor subjects: there are no figures" in answer.output
    assert "nothing is said" not in answer.output


def test_predictions_that_are_refused_leave_no_scores(folder: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "all.json", tmp_path / "scores.json"
    file.write_text(json.dumps(perfect(folder)))
    file.with_suffix(".about.json").write_text(r'{"system": "\ud800"}')
    with pytest.raises(InvalidPredictions, match=r"all\.about\.json: '\\ud800'"):
        invoke("score", folder, file, "--out", out)
    assert not out.exists()


def test_an_altered_picture_ends_with_1(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "manifest.json").write_bytes((folder / "manifest.json").read_bytes())
    answer = invoke("check", copy, "--json")
    assert answer.exit_code == 1
    assert len(json.loads(answer.stdout)["altered"]) == 10


@pytest.mark.parametrize(
    "arguments",
    [
        ("make", "--out", "x", "--conditions", "yellowed"),
        ("specimen", "{folder}", "--out", "x", "--photo", "page-001"),
        ("check", "{folder}", "--publish", "x"),
        ("run", "{folder}", "--out", "x.csv"),
        ("score", "{folder}", "{folder}/truth.json", "--least-score", "nan"),
        ("score", "{folder}", "{folder}/truth.json", "--least-score", "-0.1"),
        ("score", "{folder}", "{folder}/truth.json", "--least-score", "1.1"),
        ("make", "--out", "{folder}", "--sample", "--conditions", "grey"),  # others are in it
    ],
)
def test_wrong_usage_ends_with_2(folder: Path, arguments: tuple[str, ...]) -> None:
    assert invoke(*(word.format(folder=folder) for word in arguments)).exit_code == 2


def test_a_folder_that_is_no_benchmark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"has no manifest\.json"):
        invoke("check", tmp_path)
