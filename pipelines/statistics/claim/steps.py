"""Records the comparisons of a rule while it is tested, each once."""

from __future__ import annotations

from collections.abc import Sequence

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.quantity import Quantity, TruthValue
from presslens.pipelines.statistics.claim.tree import Comparison, FocusIs, written
from presslens.pipelines.statistics.claim.verdict import Step
from presslens.pipelines.statistics.metrics import EditionMetrics


class Steps:
    """The comparisons that were tested, in the order in which they came up first.

    A comparison is tested several times: whether it is shown to be true, whether false, and at
    several risks. Its step is the first test that decided it, or the last that did not.
    """

    def __init__(self) -> None:
        self._steps: dict[tuple[Comparison | FocusIs, int | None], Step] = {}

    def record(
        self,
        node: Comparison | FocusIs,
        edition: EditionMetrics | None,
        shown: Sequence[Quantity | Focus | None],
        truth: TruthValue,
        outcome: bool,
        risk: float | None,
        tested: tuple[Quantity, Quantity] | None,
    ) -> None:
        """Record a test of a comparison.

        Args:
            edition: The edition that it is about; None: of no single edition.
            shown: Both sides, with bounds at the level of the verdict.
            truth: What the test says.
            outcome: True asked whether it is true, False whether it is false.
            risk: The risk of the test; None: there is nothing that can be wrong.
            tested: Both sides, with the bounds of the test.
        """
        key = node, edition.id if edition else None
        before = self._steps.get(key)
        if before is not None and before.truth is not TruthValue.UNDECIDED:
            return
        left, right = shown
        exact = all(not isinstance(side, Quantity) or side.is_exact for side in shown)
        self._steps[key] = Step(
            edition.id if edition else None,
            edition.date if edition else None,
            written(node),
            left,
            node.operator,
            right or Focus.UNSURE,
            truth if truth is TruthValue.of(outcome) else TruthValue.UNDECIDED,
            None if exact else risk,
            None if exact or _same_ends(tested, shown) else tested,
        )

    def all(self) -> list[Step]:
        """Return the comparisons."""
        return list(self._steps.values())

    def explaining(self, truth: TruthValue) -> list[Step]:
        """Return the comparisons in the order in which they explain a verdict."""
        order = [truth, TruthValue.UNDECIDED, TruthValue.FALSE, TruthValue.TRUE]
        return sorted(self._steps.values(), key=lambda step: order.index(step.truth))


def _same_ends(tested: Sequence[Quantity] | None, shown: Sequence[Quantity | Focus | None]) -> bool:
    pairs = zip(tested or (), shown, strict=False)
    return all(
        isinstance(side, Quantity) and (one.low, one.high) == (side.low, side.high)
        for one, side in pairs
    )
