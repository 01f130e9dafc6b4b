from __future__ import annotations

import csv
from pathlib import Path

import pytest

from models.training.datasets import LabelledPhoto
from models.training.focus.examples import COLUMNS, LABELS, SETS, read_labels, readings, verdict_of
from models.vocabulary import Focus

READ = {"coco256/a.jpg": "facility", "intel_scenes/sea/b.jpg": "neither", "coco256/c.jpg": "mixed"}


@pytest.mark.parametrize(
    ("dataset", "file", "labels", "verdict"),
    [
        ("rodong_sinmun_photos", "a.jpg", {"focus": "leader"}, Focus.LEADER),
        ("rodong_sinmun_photos", "a.jpg", {"focus": "mixed"}, None),
        ("rodong_sinmun_photos", "a.jpg", {"focus": "group"}, Focus.NEITHER),
        ("dprk_web_photos", "a.jpg", {"focus": "facility"}, Focus.FACILITY),
        ("facility_web", "a.jpg", {"focus": "people"}, Focus.NEITHER),
        ("facility_web", "a.jpg", {"focus": "other"}, Focus.NEITHER),
        ("coco256", "a.jpg", {}, Focus.FACILITY),
        ("coco256", "c.jpg", {}, None),
        ("coco256", "unread.jpg", {}, None),
        ("intel_scenes", "sea/b.jpg", {}, Focus.NEITHER),
    ],
)
def test_a_column_counts_before_the_table(
    dataset: str, file: str, labels: dict[str, str], verdict: Focus | None
) -> None:
    photo = LabelledPhoto(dataset, Path("/data") / dataset / "images" / file, "group", labels)

    assert verdict_of(photo, READ) is verdict


def test_the_table_of_labels_is_sound() -> None:
    with LABELS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    files = [row["file"] for row in rows]
    assert files == sorted(set(files))
    assert {name.split("/")[0] for name in files} == set(SETS)
    words = {"leader", "facility", "neither", "mixed", "?"}
    assert {row[column] for row in rows for column in ("focus", "first", "second")} <= words
    agreed = [row for row in rows if row["first"] == row["second"]]
    assert all(row["focus"] == row["first"] for row in agreed)
    assert len(read_labels()) == len(rows)


def test_two_readings_are_paired_with_each_other_and_with_the_column(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(
        "file,focus,first,second\n"
        "facility_web/a.jpg,facility,facility,mixed\n"
        "facility_web/b.jpg,mixed,mixed,mixed\n"
        "coco256/a.jpg,neither,neither,neither\n"
    )
    for name in COLUMNS:
        (tmp_path / name).mkdir()
        rows = "a.jpg,people\nb.jpg,facility\n" if name == "facility_web" else ""
        header = "file,focus,date,repo\n"
        (tmp_path / name / "labels.csv").write_text(header + rows.replace("\n", ",x,y\n"))
    found = readings(tmp_path, table)

    assert found["two readings"] == [
        ("facility", "mixed"),
        ("mixed", "mixed"),
        ("neither", "neither"),
    ]
    assert found["another reader's column, without mixed"] == [("facility", "neither")]
