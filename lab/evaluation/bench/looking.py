"""Benchmark of the observation of photos: each instrument beside its own networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from presslens.lab.training.stopwatch import Spent, Stopwatch
from presslens.models.loading import load_instruments
from presslens.models.observer import Observer
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.models.vocabulary import Image

WHOLE = "a photo"
"""The whole observation, including the work between the instruments."""


@dataclass(frozen=True, slots=True)
class InstrumentTiming:
    """The time of one instrument.

    Attributes:
        instrument: Its name, or ``WHOLE``.
        milliseconds: Mean over photos.
        network: Milliseconds of these in which its networks run.
        ratio: ``milliseconds`` over ``network``; None without a network.
    """

    instrument: str
    milliseconds: float
    network: float
    ratio: float | None


def time_looking(
    pages: Sequence[Image], recipe: Recipe, registry: Registry
) -> list[InstrumentTiming]:
    """Return the timing of each instrument on one thread, and of the whole last.

    Args:
        pages: RGB pixels; the photos on them are detected first.
        recipe: Names the instruments and their rules.
        registry: Gives the weight files.
    """
    instruments = load_instruments(recipe, registry)
    frames = [instruments.photos.find(page).frames for page in pages]
    photos = sum(map(len, frames))
    if not photos:
        return []
    watch = Stopwatch()
    observer = Observer(watch.on(instruments), recipe)
    observer.observe_photos(pages[0], frames[0])  # memory is laid out in the first round
    watch.spent.clear()
    with watch.networks():
        for page, photo_frames in zip(pages, frames, strict=True):
            with watch.instrument(WHOLE):
                observer.observe_photos(page, photo_frames)
    networks = sum(spent.network for spent in watch.spent.values())
    watch.spent[WHOLE].network = networks
    return [_look(name, spent, photos) for name, spent in watch.spent.items()]


def _look(name: str, spent: Spent, photos: int) -> InstrumentTiming:
    ratio = spent.whole / spent.network if spent.network else None
    return InstrumentTiming(name, 1000 * spent.whole / photos, 1000 * spent.network / photos, ratio)
