from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from presslens.lab.training.photos.engravings import KINDS
from presslens.models.geometry import Box
from presslens.models.loading import load_finder
from presslens.models.photos.finder import SegmentingFinder
from presslens.models.photos.second_look import SecondLook
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.models.vocabulary import Frame, Image


@pytest.fixture(scope="module")
def look(registry: Registry) -> SecondLook:
    found = load_finder(Recipe.load(), registry).second_look
    assert found is not None
    return found


@pytest.fixture(scope="module")
def photo() -> Image:
    data = pytest.importorskip("skimage.data")
    return np.asarray(
        cv2.resize(data.astronaut(), (480, 320), interpolation=cv2.INTER_AREA), np.uint8
    )


@pytest.mark.parametrize("kind", ["engraving", "woodcut", "stippling"])
def test_pictures_in_lines_and_dots_are_told_from_the_photo_they_were_made_from(
    look: SecondLook, photo: Image, kind: str
) -> None:
    least = Recipe.load().observe.photos.photograph
    drawn = KINDS[kind](photo, np.random.default_rng(11))
    assert look.probability(drawn) < least < look.probability(photo)


def test_what_is_too_small_to_tell_stays(look: SecondLook) -> None:
    assert look.probability(np.zeros((15, 300, 3), np.uint8)) == 1.0


@dataclass
class DarkIsNoPhoto:
    """Takes what is dark for a drawing."""

    def probability(self, crop: Image) -> float:
        return float(crop.mean() > 90)


def test_the_finder_drops_what_is_no_photograph_at_the_second_look(
    told: Callable[..., object], draw_grid: Callable[..., tuple[Image, list[Box]]]
) -> None:
    page, (dark, pale, middling) = draw_grid(columns=3, rows=1, gutter=8)
    rules = Recipe.load().observe.photos
    frames = [Frame(box, 0.9) for box in (dark, pale, middling)]
    once = SegmentingFinder(told(frames), rules)  # type: ignore[arg-type]
    twice = replace(once, second_look=DarkIsNoPhoto())  # type: ignore[arg-type]
    assert len(once.find(page).frames) == 3
    assert [frame.box for frame in twice.find(page).frames] == [pale, middling]
