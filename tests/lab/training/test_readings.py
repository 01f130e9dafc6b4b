import csv

import pytest

from presslens.lab.training.datasets import DATASETS, read_dataset
from presslens.lab.training.readings import (
    ANSWERS,
    COUNTS,
    READINGS,
    ReaderAgreement,
    agreements,
    reference_labels,
)
from presslens.lab.training.subjects.labels import Count, counted_children, counted_people, truth
from presslens.models.vocabulary import Subject


def rows():
    with READINGS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_photo_is_read_once_and_of_a_known_set():
    keys = [row["photo"] for row in rows()]
    assert len(keys) == len(set(keys)) == len(reference_labels())
    assert {key.split("/")[0] for key in keys} <= set(DATASETS)


def test_answers_are_those_of_the_codebook_and_settled_where_readers_agree():
    for row in rows():
        for label in ANSWERS:
            first, second, settled = (row[f"{label}{who}"] for who in ("_a", "_b", ""))
            assert {first, second, settled} <= {"0", "1", "?"}, row
            assert settled == first or first != second, row


def test_settled_counts_lie_in_the_sure_range_and_between_the_readers():
    for row in rows():
        low, people, high = (int(row[name]) for name in ("low", "people", "high"))
        assert 0 <= low <= people <= high, row
        readers = sorted(int(row[f"people_{reader}"]) for reader in "ab")
        assert readers[0] <= people <= readers[1], row
        if row["child_count"] != "?":
            assert int(row["child_count"]) <= people, row


def table(path, *readings):
    names = [f"{label}{who}" for label in (*COUNTS, *ANSWERS) for who in ("_a", "_b", "")]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["photo", *names])
        writer.writeheader()
        for number, given in enumerate(readings):
            cells = {
                f"{label}{who}": value
                for label in (*COUNTS, *ANSWERS)
                for who, value in zip(("_a", "_b", ""), given.get(label, "000"), strict=True)
            }
            writer.writerow({"photo": f"s/{number}.jpg", **cells})
    return path


def test_agreement_is_measured_on_answers_and_on_few_and_many_people(tmp_path):
    path = table(
        tmp_path / "readings.csv",
        {"crowd": ("1", "1", "1"), "people": ("100", "121", "110")},
        {"crowd": ("1", "0", "?"), "people": ("20", "20", "20")},
        {"people": ("4", "5", "5")},
        {"people": ("0", "0", "0")},
    )
    by_label = {one.label: one for one in agreements(path)}
    assert by_label["crowd"] == ReaderAgreement("crowd", 4, 1, kappa=0.5)
    assert by_label["children"].kappa is None
    assert by_label["people up to 15"].differ == 1
    assert by_label["people up to 15"].difference == pytest.approx(1 / 20**0.5 / 2)
    assert by_label["people above 15"] == ReaderAgreement(
        "people above 15", 2, 1, difference=pytest.approx(21 / 110 / 2)
    )


def test_settled_labels_stand_in_the_place_of_a_set_s_own(tmp_path):
    name, file = "ceremonies_web", "cw190.jpg"
    (tmp_path / name).mkdir()
    (tmp_path / name / "labels.csv").write_text(
        f"file,event,crowd,children,people_bucket\nimages/{file},e,0,1,0\nimages/x.jpg,e,0,,0\n"
    )
    photo, unread = read_dataset(tmp_path, name)
    settled = reference_labels()[photo.key]
    assert truth(photo, Subject.CROWD) is True
    assert truth(unread, Subject.CROWD) is False
    assert counted_people(photo) == Count(
        float(settled["low"]), float(settled["people"]), float(settled["high"])
    )
    assert counted_people(unread) is None
    assert counted_children(unread) is None
    assert (settled["children"], counted_children(photo)) == ("0", Count(0, 0, 0))
