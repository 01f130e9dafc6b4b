"""How long looking at photos takes: each instrument beside its own networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.loading import load_instruments
from models.observer import Observer
from models.recipe import Recipe
from models.registry import Registry
from models.training.stopwatch import Spent, Stopwatch
from models.vocabulary import Image

WHOLE = "a photo"
"""All of it, what lies between the instruments included."""


@dataclass(frozen=True, slots=True)
class InstrumentTiming:
    """What one instrument takes.

    Attributes:
        instrument: Its name, or ``WHOLE``.
        milliseconds: Mean of a photo.
        network: Those of them that its networks run.
        ratio: The one over the other; None without a network.
    """

    instrument: str
    milliseconds: float
    network: float
    ratio: float | None


def time_looking(
    pages: Sequence[Image], recipe: Recipe, registry: Registry
) -> list[InstrumentTiming]:
    """Return what each instrument takes for a photo, on one thread, and the whole last.

    Args:
        pages: RGB pixels; the photos on them are found first.
        recipe: What to look for, and how.
        registry: Where the weights are.
    """
    instruments = load_instruments(recipe, registry)
    frames = [instruments.photos.find(page).frames for page in pages]
    photos = sum(map(len, frames))
    if not photos:
        return []
    watch = Stopwatch()
    observer = Observer(watch.on(instruments), recipe)
    observer.look(pages[0], frames[0])  # memory is laid out in the first round
    watch.spent.clear()
    with watch.networks():
        for page, found in zip(pages, frames, strict=True):
            with watch.instrument(WHOLE):
                observer.look(page, found)
    networks = sum(spent.network for spent in watch.spent.values())
    watch.spent[WHOLE].network = networks
    return [_look(name, spent, photos) for name, spent in watch.spent.items()]


def _look(name: str, spent: Spent, photos: int) -> InstrumentTiming:
    ratio = spent.whole / spent.network if spent.network else None
    return InstrumentTiming(name, 1000 * spent.whole / photos, 1000 * spent.network / photos, ratio)
