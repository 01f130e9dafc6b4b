import csv
from typing import cast

import numpy as np
import pytest
from PIL import Image as Pixels

from presslens.lab.training.array_cache import ArrayCache
from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.faces.specimens import read_places
from presslens.lab.training.focus import examples
from presslens.lab.training.focus.examples import (
    COLUMNS,
    LABELS,
    LEAD_FACES,
    SETS,
    STAND_INS,
    ExampleReader,
    read_labels,
    readings,
)
from presslens.lab.training.focus.leader import HeldOutLeader
from presslens.lab.training.subjects.examples import SubjectExample, SubjectObserver
from presslens.models.focus.features import NAMES
from presslens.models.geometry import Box
from presslens.models.vocabulary import Face, Focus, Frame, Objects, PhotoObservation


def test_the_table_of_labels_is_sound():
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


def test_who_leads_a_photo_has_a_place_wherever_the_readers_saw_him():
    places = read_places(LEAD_FACES)
    led = {name for name, focus in read_labels().items() if focus == "leader"}
    elsewhere = {name for name in led if name.split("/")[0] not in STATE_MEDIA}
    assert elsewhere <= set(places)
    assert all(len(positions) == 1 for positions in places.values())


def test_blind_readings_are_paired_with_each_other_and_with_another_reader_s(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text(
        "file,focus,first,second,drafting\n"
        "facility_web/a.jpg,facility,facility,?,\n"
        "facility_web/b.jpg,neither,neither,neither,1\n"
        "coco256/a.jpg,neither,neither,neither,\n"
    )
    for name in COLUMNS:
        (tmp_path / name).mkdir()
        rows = "a.jpg,people\nb.jpg,mixed\n" if name == "facility_web" else ""
        header = "file,focus,date,repo,event,page\n"
        (tmp_path / name / "labels.csv").write_text(header + rows.replace("\n", ",x,y,z,1\n"))
    blind, other = readings(tmp_path, table).values()
    assert blind == [("facility", "?")]
    assert other == [("facility", "neither")]


class _Seen:
    """Observes a row of five people of one size, wherever it looks."""

    def __init__(self):
        self.restorations = 0

    def example(self, photo, shown):
        faces = tuple(Face(Box(x, 10, x + 16, 30), 0.9, (), 0.0, None) for x in range(0, 200, 40))
        seen = PhotoObservation(Frame(Box(0, 0, 200, 100), 1.0), (), faces, np.zeros(1280))
        objects = Objects(seen.objects, np.zeros((0, 6)), ())
        return SubjectExample(
            photo, shown, seen, objects, (), np.zeros((0, 256)), np.zeros((1, 1, 1), np.float16)
        )

    def pixels(self, _photo):
        raise AssertionError("no composite is made without a leader of state media")

    def restored(self, photo):
        self.restorations += 1
        return photo


class _Nobody:
    def sightings(self, _photo, _seen):
        return ()

    def doubt(self, _photo):
        return 0.25


def _reader(folder, observer):
    return ExampleReader(
        cast(SubjectObserver, observer), cast(HeldOutLeader, _Nobody()), "1", ArrayCache(folder)
    )


@pytest.fixture
def two_photos(tmp_path, monkeypatch):
    """One photo with an official who leads it, and one with a row of people, none of them first."""
    rows = {"pl000.jpg": ("leader", "1"), "row.jpg": ("neither", "0")}
    monkeypatch.setattr(examples, "SETS", ("ceremonies_web",))
    read = {f"ceremonies_web/{name}": focus for name, (focus, _) in rows.items()}
    monkeypatch.setattr(examples, "read_labels", lambda: read)
    folder = tmp_path / "ceremonies_web" / "images"
    folder.mkdir(parents=True)
    table = "file,event,source,focus,lead_person\n"
    for name, (focus, lead) in rows.items():
        pixels = np.random.default_rng(0).integers(0, 240, (100, 200, 3), np.uint8)
        Pixels.fromarray(pixels).save(folder / name)
        table += f"{name},event of {name},a_site,{focus},{lead}\n"
    (tmp_path / "ceremonies_web" / "labels.csv").write_text(table)
    return tmp_path


def test_examples_are_photos_copies_and_stand_ins_among_many(two_photos, tmp_path):
    observer = _Seen()
    read = _reader(tmp_path / "cache", observer).read(two_photos)
    lead = NAMES.index("leader_probability")
    told = [(e.dataset, e.verdict, e.printed, e.features[lead] > 0) for e in read]
    photo, copy = ("ceremonies_web", Focus.LEADER, False, True), ("ceremonies_web", Focus.LEADER)
    assert told[:2] == [photo, (*copy, True, True)]
    assert [t[:1] + t[3:] for t in told[2:]] == [
        ("ceremonies_web", False), (STAND_INS, True),
    ] * 2  # fmt: skip
    assert {t[1] for t in told[2:]} == {Focus.NEITHER}
    assert {e.sources for e in read} == {("ceremonies: others",)}
    doubts = [e.features[NAMES.index("leader_doubt")] for e in read if e.dataset != STAND_INS]
    assert doubts == [0, 0, 0.25, 0.25]
    assert observer.restorations == 4


def test_a_second_reading_looks_at_no_pixels(two_photos, tmp_path):
    first, second = (_reader(tmp_path / "cache", observer) for observer in (_Seen(), _Seen()))
    rows = [[e.features for e in reader.read(two_photos)] for reader in (first, second)]
    assert np.array_equal(*rows)
    assert cast(_Seen, second.observer).restorations == 0
