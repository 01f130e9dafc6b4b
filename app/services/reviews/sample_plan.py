"""Plans the size of a sample: how wide the interval is now, and how wide answers would make it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from presslens.app.services.samples.frames import sample_rule, samples_apart
from presslens.app.services.statistics.power import LEAST, known_share
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.known_share import KnownShare
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
    narrower: bool | None = None  # than the interval is now; None where either is not known


@dataclass(frozen=True, slots=True)
class SamplePlan(Served):
    """How wide the interval of a share is foreseen to be."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id question confidence now advice apart frame=served_frame strata sizes wished
        chosen seed
    """

    recipe_id: str  # the recipe of the probabilities
    question: Question
    confidence: float  # level of the interval, 0–1
    editions: int  # number of complete editions of the frame
    frame: tuple[int, ...]  # photos of the frame by stratum
    sizes: tuple[PlannedSize, ...]  # sizes of samples, the smallest first
    # The smallest size whose width is not above the wished one; None: none is wished, or it is
    # reached.
    wished: PlannedSize | None
    chosen: PlannedSize | None  # the size that was asked about; None: none was
    now: KnownShare  # what is known of the share before
    advice: str | None  # which sizes make its interval no narrower; None: none is such
    # Why answers to other samples don't count together with those of one that is drawn now.
    apart: tuple[str, ...]
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
        strata = learned_strata(session, recipe, question, frame, foresee=True)
        seed = next_seed(session, question)
        rule = sample_rule(question.measures[0], recipe.id, recipe.codebook)
        apart = samples_apart(session, question.measures, rule, question.editions.publication)
    now = known_share(home, question.metric, question.editions)
    sizes = _Sizes(strata, recipe.aggregate.confidence, now)
    listed = tuple(sizes.usual())
    planned = None if width is None or now.reached(width) else sizes.of(sizes.smallest(width))
    chosen = None if items is None else sizes.of(min(items, int(strata.size.sum())))
    return SamplePlan(
        recipe.id,
        question,
        sizes.confidence,
        len(frame.editions),
        tuple(int(size) for size in strata.size),
        listed,
        planned,
        chosen,
        now,
        sizes.advice(
            [*listed, *(one for one in (planned, chosen) if one)], planned or chosen, width
        ),
        apart,
        seed,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sizes:
    """What to expect of sizes of a sample."""

    strata: FrameStrata
    confidence: float
    now: KnownShare

    def of(self, photos: int) -> PlannedSize:
        """Return what to expect of a number of photos."""
        numbers = allocate(self.strata, photos)
        width = foreseen_width(self.strata, numbers, self.confidence)
        return PlannedSize(sum(numbers), tuple(numbers), width, self.now.is_wider(width))

    def usual(self) -> Iterator[PlannedSize]:
        """Yield the usual sizes, and all photos."""
        whole = int(self.strata.size.sum())
        for photos in (*(size for size in SIZES if size < whole), whole):
            if photos:
                yield self.of(photos)

    def smallest(self, width: float) -> int:
        """Return the smallest size whose interval is foreseen to be no wider."""
        return smallest_sample(self.strata, width, self.confidence)

    def advice(
        self, sizes: Sequence[PlannedSize], asked: PlannedSize | None, wished: float | None
    ) -> str | None:
        """Return which of some sizes make the interval no narrower, and which one does."""
        widths = {one.photos: one.width for one in sizes}
        enough = None if self.now.width is None else self.smallest(self.now.width - LEAST)
        number = asked.photos if asked else None
        return self.now.advice(widths, enough, asked=number, wished=wished)
