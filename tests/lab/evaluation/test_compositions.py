"""Compositions are measured on held-out events and on composed editions."""

import json

import pytest

from presslens.lab.evaluation import compositions as editions
from presslens.lab.evaluation.compositions import (
    EditionShare,
    ReadEdition,
    measure_counts,
    measure_coverage,
    read_editions,
)
from presslens.models.recipe import Aggregate

RULES = Aggregate(epoch=1, decision=0.5, confidence=0.95, full_page=0.7, photo_page=0.5)


def photo(box, **subjects):
    return {"box": box, "subjects": {name: {"probability": p} for name, p in subjects.items()}}


def printed(box, **subjects):
    return {"box": box, "subjects": {name: {"present": shown} for name, shown in subjects.items()}}


def test_pairs_are_counted_by_place_and_subject():
    inside = EditionShare("clean", "people", 9, 0.5, 0.5, (0.4, 0.6))
    outside = EditionShare("grey", "people", 9, 0.7, 0.5, (0.4, 0.6))
    refused = EditionShare("grey", "people", 9, 0.7, 0.5, None)
    measured = measure_coverage("composed", [inside, outside, refused], "so")
    rows = {row.data: row for row in measured if row.what == "share inside its interval"}
    assert {name: (row.value, row.n) for name, row in rows.items()} == {
        "composed, all": (0.5, 2),
        "composed, clean": (1.0, 1),
        "composed, grey": (0.0, 1),
        "composed, people": (0.5, 2),
    }
    stated = {row.data: row.value for row in measured if row.what == "interval stated"}
    assert stated["composed, grey"] == 0.5


def edition(*, found):
    pages = [
        {
            "photos": [
                printed([0, 0, 10, 10], people=True, buildings=True),
                printed([20, 0, 30, 10], people=False),
            ]
        }
    ]
    return ReadEdition("clean", "ordinary-1", pages, [{"photos": found}])


def test_shares_are_of_all_found_photos_where_the_truth_of_all_is_known():
    first, second, third = (
        photo([0, 0, 10, 9], people=0.9, buildings=0.8),
        photo([20, 0, 30, 10], people=0.2, buildings=0.1),
        photo([50, 0, 90, 10], people=0.1, buildings=0.6),
    )
    people, buildings = edition(found=[first, second, third]).shares(RULES)
    assert (people.subject, people.share) == ("people", 0.5)
    assert 0.2 < people.expected < 0.6
    # The second photo has no truth of buildings: the one found in its place doesn't count.
    assert (buildings.subject, buildings.share, buildings.photos) == ("buildings", 1.0, 1)
    assert buildings.expected > people.expected


def test_an_edition_without_found_photos_has_no_pairs():
    assert list(edition(found=[]).shares(RULES)) == []


@pytest.mark.parametrize(("boxes", "exact"), [(2, True), (1, False), (3, False)])
def test_counts_are_exact_or_not(boxes, exact):
    found = [photo([i * 20, 0, i * 20 + 10, 10], people=0.5) for i in range(boxes)]
    (row,) = measure_counts([edition(found=found)])
    assert (row.value, row.n) == (float(exact), 1)


def test_editions_are_read_once(tmp_path, scripted_recipe, monkeypatch):
    folder = tmp_path / "pages" / "clean" / "special-1"
    folder.mkdir(parents=True)
    page = {"file": "page_01.jpg", "photos": [printed([0, 0, 9, 9], people=True)]}
    (folder / "truth.json").write_text(json.dumps({"pages": [page]}))
    calls = []

    def analysed(request, *_a, **_k):
        calls.append(request.scans)
        return {"pages": [{"outcome": "done", "photos": [photo([0, 0, 9, 9], people=0.5)]}]}

    monkeypatch.setattr(editions, "analyze", analysed)
    heard = []
    for _ in range(2):
        (read,) = read_editions(
            tmp_path / "pages",
            scripted_recipe,
            None,
            progress=heard.append,
            cache=tmp_path / "read",
        )
        assert read.exact
        assert (read.condition, read.name) == ("clean", "special-1")
    assert calls == [[folder / "page_01.jpg"]]
    assert heard == ["reading clean pages: special-1"]
