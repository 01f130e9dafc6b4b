from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.recipe import PersonRules, Recipe
from models.registry import Registry
from models.subjects.persons import OnnxPersonDetector, PersonBoxes, fused

RULES = PersonRules(size=320, fine_size=640, small=0.2, candidate=0.1, overlap=0.6, score=0.05)
PHOTO = np.zeros((320, 320, 3), np.uint8)

# As shares of the photo: centre x, centre y, width, height, score.
TALL = (0.5, 0.5, 0.25, 0.5, 0.8)
SMALL = (0.25, 0.5, 0.05, 0.1, 0.4)
MIDDLE = (0.5, 0.5, 0.05, 0.1, 0.4)
FAINT = (0.25, 0.5, 0.05, 0.1, 0.08)

Seen = list[tuple[list[float], float]]


def seen(path: Path, rules: PersonRules = RULES) -> Seen:
    (found,) = OnnxPersonDetector(path, rules).detect([PHOTO])
    assert {d.label for d in found} <= {"person"}
    return [(d.box.to_list(), round(d.score, 4)) for d in found]


@pytest.mark.parametrize(
    ("anchors", "expected"),
    [
        ([TALL], [([120, 80, 200, 240], 0.8)]),
        ([TALL, FAINT], [([120, 80, 200, 240], 0.8), ([72, 144, 88, 176], 0.08)]),
        ([TALL, (0.5, 0.5, 0.25, 0.45, 0.7)], [([120, 80, 200, 240], 0.8)]),
        ([(*TALL[:4], 0.04)], []),
        ([(0.5, 0.5, 0.0, 0.5, 0.9)], []),
    ],
    ids=["one", "a faint small one", "twice", "too faint", "empty"],
)
def test_large_persons_are_looked_at_once(
    dense: Callable[..., Path], anchors: list[tuple[float, ...]], expected: Seen
) -> None:
    assert seen(dense(anchors)) == expected


def test_a_small_person_is_looked_for_again_in_the_mirrored_photo(
    dense: Callable[..., Path],
) -> None:
    # The network sees it on the left in both looks: in the photo that is left and right.
    assert sorted(seen(dense([SMALL]))) == [
        ([72, 144, 88, 176], 0.2),
        ([232, 144, 248, 176], 0.2),
    ]


def test_a_person_that_both_looks_find_keeps_the_score(dense: Callable[..., Path]) -> None:
    assert seen(dense([MIDDLE])) == [([152, 144, 168, 176], 0.4)]


@pytest.mark.parametrize(("small", "looks"), [(0.05, 1), (0.2, 2)])
def test_the_rules_say_how_small_is_small(
    dense: Callable[..., Path], small: float, looks: int
) -> None:
    assert len(seen(dense([SMALL]), RULES.model_copy(update={"small": small}))) == looks


def test_what_one_look_finds_alone_must_be_twice_as_sure(dense: Callable[..., Path]) -> None:
    rules = RULES.model_copy(update={"score": 0.25})

    assert seen(dense([SMALL]), rules) == []


def test_no_photos_no_answers(dense: Callable[..., Path]) -> None:
    assert OnnxPersonDetector(dense([TALL]), RULES).detect([]) == []


def look(*rows: tuple[float, float, float, float, float]) -> PersonBoxes:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return PersonBoxes(table[:, :4], table[:, 4])


def test_a_pair_becomes_one_box_between_the_two() -> None:
    one, two = look((0, 0, 10, 20, 0.6)), look((2, 0, 12, 20, 0.2))

    boxes, scores = fused(one, two, overlap=0.5)

    assert boxes == pytest.approx(np.array([[0.5, 0, 10.5, 20]]))
    assert scores == pytest.approx(np.array([0.4]))


def test_a_box_is_paired_with_the_nearest_that_is_free() -> None:
    first = look((0, 0, 10, 10, 0.9), (0, 0, 10, 11, 0.5))
    second = look((0, 0, 10, 10, 0.9))

    _, scores = fused(first, second, overlap=0.5)

    assert scores == pytest.approx(np.array([0.9, 0.25]))


SLOTS = st.lists(
    st.tuples(st.floats(0.05, 1) | st.none(), st.floats(0.05, 1) | st.none(), st.integers(-1, 1)),
    max_size=6,
)
"""People in a row: how sure each look is of each, and how far apart its boxes are."""


@given(SLOTS)
def test_it_does_not_matter_which_look_came_first(
    people: list[tuple[float | None, float | None, int]],
) -> None:
    first, second = (
        look(
            *(
                (30 * i + side * shift, 0, 30 * i + 20 + side * shift, 50, score)
                for i, (one, two, shift) in enumerate(people)
                if (score := (one, two)[side]) is not None
            )
        )
        for side in (0, 1)
    )

    forth, back = fused(first, second, overlap=0.6), fused(second, first, overlap=0.6)

    persons = [p for p in people if p[:2] != (None, None)]
    assert len(forth.boxes) == len(forth.scores) == len(persons)
    rows = [
        sorted(np.column_stack([found.boxes, found.scores]).round(3).tolist())
        for found in (forth, back)
    ]
    assert np.array(rows[0]).reshape(-1, 5) == pytest.approx(
        np.array(rows[1]).reshape(-1, 5), abs=2e-3
    )
    assert sum(forth.scores) == pytest.approx(
        sum((one or 0) + (two or 0) for one, two, _ in people) / 2, abs=1e-4
    )
    assert (np.diff(forth.scores) <= 0).all()


def test_nothing_fused_with_nothing_is_nothing() -> None:
    boxes, scores = fused(look(), look(), overlap=0.5)

    assert boxes.shape == (0, 4)
    assert scores.shape == (0,)


@pytest.fixture(scope="module")
def trained(registry: Registry, scripted_recipe: Recipe) -> OnnxPersonDetector:
    rules = scripted_recipe.observe.persons.model_copy(update={"score": 0.35})
    return OnnxPersonDetector(registry.path("persons"), rules, threads=2)


@pytest.mark.weights("persons")
@pytest.mark.parametrize(("name", "people"), [("bus.jpg", 4), ("zidane.jpg", 2)])
def test_persons_are_found_in_real_photos(
    trained: OnnxPersonDetector, name: str, people: int
) -> None:
    from PIL import Image

    assets = Path(find_spec("ultralytics").origin).parent / "assets"

    photo = np.asarray(Image.open(assets / name).convert("RGB"))

    (found,) = trained.detect([photo])

    assert len(found) == people
    assert all(d.box == d.box.clipped(photo.shape[1], photo.shape[0]) for d in found)


@pytest.mark.weights("persons")
def test_nobody_is_found_in_a_blank_photo(trained: OnnxPersonDetector) -> None:
    assert trained.detect([np.full((200, 300, 3), 128, np.uint8)]) == [[]]
