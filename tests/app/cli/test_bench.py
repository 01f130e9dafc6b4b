"""``presslens bench --archive`` plans from measured times."""

import json
from pathlib import Path

import pytest

from presslens.app.sizing.times import PageTimes, WorkerTimes

from .conftest import document, invoke, printed, refusal


@pytest.fixture
def times(tmp_path: Path) -> Path:
    file = tmp_path / "times.json"
    recording = WorkerTimes(
        (PageTimes(5, 0.75, 0.25, 0.0),), 0.01, 0.01, 0.001, 0.0, 1e-6, 4.0, 10**9, 10**9,
        2e6, 1e6, 1e6, 0.0, 0.0, 2,
    )  # fmt: skip
    file.write_text(json.dumps(recording.to_json()))
    return file


def test_archives_are_planned_from_recorded_times(times: Path):
    prices = ("--price-core-hour", 0.5, "--price-gb-month", 2)
    told = document("bench", "--archive", "--recording", times, "--size", 7200, *prices)
    assert told["recording"] == json.loads(times.read_text())
    (planned,) = told["plans"]
    assert planned["pages"] == 7200
    assert planned["hours"] == pytest.approx(1.03, rel=0.02)
    assert planned["compute_cost"] == pytest.approx(planned["hours"] * 2 * 0.5)
    assert planned["month_cost"] == pytest.approx(7200 * 4e6 / 1e9 * 2)


def test_a_table_names_what_holds_an_archive_up(times: Path):
    told = printed("bench", "--archive", "--recording", times, "--nodes", 4)
    for words in ("16,000,000 pages", "4 x 2 processors, 2 processes each", "held up by"):
        assert words in told


def test_times_that_are_none_are_refused(times: Path, subtests):
    good = json.loads(times.read_text())
    page = good["pages"][0]
    for name, bad in (
        ("no pages", {"pages": []}),
        ("pages of no time", {"pages": [{**page, "networks": 0, "rest": 0}]}),
        ("a page without its decoding", {"pages": [{"photos": 1, "networks": 1, "rest": 1}]}),
        ("text", {"lease": "soon"}),
        ("not a number", {"commit": float("nan")}),
        ("endless", {"interpret": float("inf")}),
        ("negative", {"record": -1}),
        ("no processor", {"cores": 0}),
        ("pages that are none", {"pages": 7}),
    ):
        with subtests.test(msg=name):
            times.write_text(json.dumps(good | bad))
            told = refusal("bench", "--archive", "--recording", times)
            assert "times.json holds no times" in told
    times.write_text(json.dumps(good))
    for option in (("--size", 10**24), ("--nodes", 10**9), ("--gpu", "nan"), ("--storage", 0)):
        with subtests.test(msg=" ".join(map(str, option))):
            invoke("bench", "--archive", "--recording", times, *option, code=2)


def test_what_holds_no_times_and_no_wish_is_refused(tmp_path: Path):
    other = tmp_path / "other.json"
    other.write_text('{"pages": []}')
    assert "other.json holds no times" in refusal("bench", "--archive", "--recording", other)
    invoke("bench", "--recording", other, code=2)
