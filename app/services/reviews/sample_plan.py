"""Foresees how wide an interval is for several sizes of a sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.cached import cached
from presslens.app.services.reviews.draws import (
    check_drawable,
    check_question,
    frame_editions,
    learned_strata,
    next_seed,
)
from presslens.app.services.reviews.sampling_frame import Question, read_frame
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.sampling import (
    FrameStrata,
    allocate,
    foreseen_width,
    smallest_sample,
)

SIZES = (50, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000, 5000)
"""Sizes of samples that a plan shows, as far as the frame has so many photos."""


@dataclass(frozen=True, slots=True)
class PlannedSize(Served):
    """A size of a sample: its photos in all and by stratum, and the foreseen width, 0–1."""

    photos: int
    strata: tuple[int, ...]
    width: Rounded | None


@dataclass(frozen=True, slots=True)
class SamplePlan(Served):
    """How wide the interval of a share is foreseen to be."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id question confidence frame=served_frame strata sizes wished chosen
        seed
    """

    recipe_id: str  # the recipe of the probabilities
    question: Question
    confidence: float  # level of the interval, 0–1
    editions: int  # number of complete editions of the frame
    frame: tuple[int, ...]  # photos of the frame by stratum
    sizes: tuple[PlannedSize, ...]  # sizes of samples, the smallest first
    # The smallest size whose width is not above the wished one; None: none is wished.
    wished: PlannedSize | None
    chosen: PlannedSize | None  # the size that was asked about; None: none was
    seed: int  # the seed that the next sample of the measure gets, unless another one is named

    @property
    def served_frame(self) -> dict[str, int]:
        """Numbers of editions and photos that are drawn from."""
        return {"editions": self.editions, "photos": sum(self.frame)}

    @property
    def strata(self) -> list[dict[str, Any]]:
        """The strata: what defines each, and its photos."""
        return [
            {"stratum": h, "definition": definition, "photos": self.frame[h]}
            for h, definition in enumerate(self.question.definitions)
        ]


@cached
def plan_sample(
    home: Installation, question: Question, width: float | None = None, *, items: int | None = None
) -> SamplePlan:
    """Return the width that is foreseen for several sizes of a sample.

    It is foreseen from the machine's probabilities, widened by doubt, and from the answers that
    were drawn before.

    Args:
        question: The share, of its first measure.
        width: The wished width of the interval, 0–1.
        items: A number of photos that is asked about beside the usual ones.

    Raises:
        InvalidRequest: There is no such measure, pages are asked for, or there is nothing to
            draw from.
    """
    recipe = home.recipe
    if not question.measures:
        raise InvalidRequest("a plan is about the share of a measure: name one")
    with home.database.read() as session:
        check_question(session, question)
        frame = read_frame(session, recipe, question, frame_editions(session, recipe, question))
        check_drawable(frame)
        strata = learned_strata(session, recipe, question, frame)
        seed = next_seed(session, question)
    confidence = recipe.aggregate.confidence
    wished = None
    if width is not None:
        wished = _size(strata, smallest_sample(strata, width, confidence), confidence)
    return SamplePlan(
        recipe.id,
        question,
        confidence,
        len(frame.editions),
        tuple(int(size) for size in strata.size),
        tuple(_sizes(strata, confidence)),
        wished,
        None if items is None else _size(strata, min(items, int(strata.size.sum())), confidence),
        seed,
    )


def _sizes(strata: FrameStrata, confidence: float) -> Iterator[PlannedSize]:
    whole = int(strata.size.sum())
    for photos in (*(size for size in SIZES if size < whole), whole):
        if photos:
            yield _size(strata, photos, confidence)


def _size(strata: FrameStrata, photos: int, confidence: float) -> PlannedSize:
    numbers = allocate(strata, photos)
    return PlannedSize(sum(numbers), tuple(numbers), foreseen_width(strata, numbers, confidence))
