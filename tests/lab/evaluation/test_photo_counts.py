import numpy as np
import pytest

from presslens.lab.evaluation.photo_counts import (
    CountedGroup,
    cached,
    counted_page,
    left_out_counts,
    measure_counts,
    verdicts_on,
)
from presslens.lab.training.photos.finder_errors import PageKinds
from presslens.lab.training.photos.pages import REAL

KINDS = PageKinds(full_page=0.7, photo_page=0.5)
BOXES = [[50.0, 50.0 + 200 * i, 350.0, 200.0 + 200 * i] for i in range(6)]
TRAITS = {
    "skew": 0.0, "dpi": 150, "colour": True, "halftone": False, "bitonal": False,
    "photographed": False, "brightness": 0.8, "ink_share": 0.3, "text_share": 0.2,
    "column_width": None,
}  # fmt: skip


def records(source, shown_as, *, pages=8, missed=0.05, false=0.05):
    rng = np.random.default_rng(len(source) + ord(source[-1]))
    for number in range(pages):
        found = [box for box in BOXES if rng.random() > missed]
        if rng.random() < 6 * false:
            found.append([600.0, 900.0, 900.0, 1200.0])
        yield {
            "names": [f"{source}, {shown_as}", f"{source}-{number // 4}", source, shown_as],
            "size": [1000, 1500],
            "found": found,
            "scores": [0.9] * len(found),
            "photos": BOXES,
            "ignored": [],
            "traits": TRAITS,
        }


@pytest.fixture(scope="module")
def groups():
    sources = [("101", "clean"), ("102", "clean"), ("103", "halftone"), ("Ahram", REAL)]
    pages = [counted_page(r) for source, how in sources for r in records(source, how)]
    return left_out_counts(pages, KINDS, confidence=0.95)


def test_every_page_and_edition_is_counted_by_errors_learned_elsewhere(groups):
    assert sum(group.what == "page" for group in groups) == 32
    assert sum(group.what == "edition" for group in groups) == 8
    inside = [group.interval[0] <= group.printed <= group.interval[1] for group in groups]
    assert np.mean(inside) >= 0.9


def test_coverage_is_measured_by_condition(groups):
    measures = measure_counts(groups)
    named = {measure.data: measure.n for measure in measures}
    assert named["pages, all"] == 32
    assert (named["pages, clean"], named["editions, real"]) == (16, 2)
    assert {measure.station for measure in measures} == {"photo counts"}


def test_verdicts_on_a_hundred_photos_are_counted():
    def edition(printed, interval):
        return CountedGroup("edition", "clean", printed, printed, interval, 0.0, (0.0, 0.0))

    near = [
        edition(112, (103.0, 118.0)),
        edition(112, (95.0, 116.0)),
        edition(112, (80.0, 99.0)),
        edition(30, (25.0, 33.0)),
    ]
    assert verdicts_on(near) == {"right": 1, "wrong": 1, "undecided": 1}


def test_pages_are_looked_at_once(tmp_path):
    file = tmp_path / "found" / "101.json"
    first = cached(file, lambda: list(records("101", "clean")))
    assert cached(file, lambda: pytest.fail("they are there")) == first
