"""Compositions are measured on held-out events and on composed editions."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.recipe import Aggregate, Recipe
from models.training.datasets import LabelledPhoto
from models.training.subjects.readers import OutOfFoldReading
from models.vocabulary import Subject
from pipelines.evaluation import compositions as editions
from pipelines.evaluation.compositions import (
    PHOTOS,
    EditionShare,
    ReadEdition,
    clusters,
    held_out,
    measure_counts,
    measure_coverage,
    measure_drifts,
    measure_prevalences,
    read_editions,
)

RULES = Aggregate(epoch=1, decision=0.5, confidence=0.95, full_page=0.7, photo_page=0.5)


def judged(groups: list[str], *, dataset: str = "fireworks", seed: int = 0) -> OutOfFoldReading:
    rng = np.random.default_rng(seed)
    examples: Any = tuple(
        SimpleNamespace(photo=LabelledPhoto(dataset, Path(str(i)), group, {}), shown="as it is")
        for i, group in enumerate(groups)
    )
    probability = rng.beta(0.5, 0.5, len(groups))
    return OutOfFoldReading(
        Subject.FIREWORKS, examples, rng.random(len(groups)) < probability, probability
    )


def photo(box: list[int], **subjects: float) -> dict[str, Any]:
    return {"box": box, "subjects": {name: {"probability": p} for name, p in subjects.items()}}


def printed(box: list[int], **subjects: bool) -> dict[str, Any]:
    return {"box": box, "subjects": {name: {"present": shown} for name, shown in subjects.items()}}


def test_photos_alone_in_their_event_stand_for_their_set() -> None:
    found = clusters(judged(["a", "b", "b", "c"]))
    assert found == ["fireworks, as it is", "b, as it is", "b, as it is", "fireworks, as it is"]


def test_events_are_dealt_into_editions_whole() -> None:
    groups = [f"event {i // 4}" for i in range(400)]
    pairs = held_out(judged(groups), confidence=0.95)
    assert pairs
    assert all(PHOTOS <= pair.photos < PHOTOS + 4 for pair in pairs)
    assert {pair.where for pair in pairs} == {"fireworks"}
    assert np.mean([pair.inside for pair in pairs]) > 0.85


def test_a_given_drift_is_used_instead_of_the_estimated_one() -> None:
    photos = judged([f"event {i // 4}" for i in range(200)])
    narrow, wide = (held_out(photos, confidence=0.95, drift=drift) for drift in (0.0, 2.0))
    for one, other in zip(narrow, wide, strict=True):
        assert one.share == other.share
        assert np.diff(one.interval)[0] < np.diff(other.interval)[0]


def test_drifts_are_given_over_all_sets_and_state_media() -> None:
    rows = measure_drifts([judged(["a", "a", "b", "b"], dataset="rodong_sinmun_photos")])
    assert [row.value for row in rows] == [pytest.approx(rows[0].value)] * 2
    assert rows[0].data == "fireworks, all sets, 2 events, days, sites or sets"


def test_the_prevalence_of_a_subject_is_given_if_there_is_one() -> None:
    some, none = judged(["a"] * 40), judged(["a"] * 4)
    none.truth[:] = False
    (row,) = measure_prevalences([some, none])
    assert (row.data, row.n, row.value) == ("fireworks", 40, some.truth.mean())


def test_pairs_are_counted_by_place_and_subject() -> None:
    inside = EditionShare("clean", "people", 9, 0.5, 0.5, (0.4, 0.6))
    outside = EditionShare("grey", "people", 9, 0.7, 0.5, (0.4, 0.6))
    rows = {row.data: row for row in measure_coverage("composed", [inside, outside], "so")}
    assert {name: (row.value, row.n) for name, row in rows.items()} == {
        "composed, all": (0.5, 2),
        "composed, clean": (1.0, 1),
        "composed, grey": (0.0, 1),
        "composed, people": (0.5, 2),
    }


def edition(*, found: list[dict[str, Any]]) -> ReadEdition:
    pages = [
        {
            "photos": [
                printed([0, 0, 10, 10], people=True, buildings=True),
                printed([20, 0, 30, 10], people=False),
            ]
        }
    ]
    return ReadEdition("clean", "ordinary-1", pages, [{"photos": found}])


def test_shares_are_of_all_found_photos_where_the_truth_of_all_is_known() -> None:
    first, second, third = (
        photo([0, 0, 10, 9], people=0.9, buildings=0.8),
        photo([20, 0, 30, 10], people=0.2, buildings=0.1),
        photo([50, 0, 90, 10], people=0.1, buildings=0.6),
    )
    people, buildings = edition(found=[first, second, third]).shares(RULES)
    assert (people.subject, people.share) == ("people", 0.5)
    assert people.expected == pytest.approx(0.4)
    # The second photo has no truth of buildings: the one found in its place doesn't count.
    assert (buildings.subject, buildings.share, buildings.photos) == ("buildings", 1.0, 1)
    assert buildings.expected == pytest.approx(0.8)


def test_an_edition_without_found_photos_has_no_pairs() -> None:
    assert list(edition(found=[]).shares(RULES)) == []


@pytest.mark.parametrize(("boxes", "exact"), [(2, True), (1, False), (3, False)])
def test_counts_are_exact_or_not(boxes: int, exact: bool) -> None:
    found = [photo([i * 20, 0, i * 20 + 10, 10], people=0.5) for i in range(boxes)]
    (row,) = measure_counts([edition(found=found)])
    assert (row.value, row.n) == (float(exact), 1)


def test_editions_are_read_once(
    tmp_path: Path, scripted_recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pages" / "clean" / "special-1"
    folder.mkdir(parents=True)
    page = {"file": "page_01.jpg", "photos": [printed([0, 0, 9, 9], people=True)]}
    (folder / "truth.json").write_text(json.dumps({"pages": [page]}))
    calls = []

    def analysed(request, *_a, **_k):  # type: ignore[no-untyped-def]
        calls.append(request.scans)
        return {"pages": [{"outcome": "done", "photos": [photo([0, 0, 9, 9], people=0.5)]}]}

    monkeypatch.setattr(editions, "analyze", analysed)
    heard: list[str] = []
    for _ in range(2):
        (read,) = read_editions(
            tmp_path / "pages",
            scripted_recipe,
            None,  # type: ignore[arg-type]
            progress=heard.append,
            cache=tmp_path / "read",
        )
        assert read.exact
        assert (read.condition, read.name) == ("clean", "special-1")
    assert calls == [[folder / "page_01.jpg"]]
    assert heard == ["reading clean pages: special-1"]
