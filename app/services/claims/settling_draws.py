"""What would settle an undecided comparison of shares: photos to draw."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from presslens.app.installation import Installation
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.edition_metrics import metric_table, select_for
from presslens.app.services.statistics.what_helps import HelpFinder, WhatHelps
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.quantity import Quantity, TruthValue
from presslens.pipelines.statistics.claim.tree import (
    Comparison,
    Measured,
    Node,
    Number,
    OverEditions,
    Usual,
    walk,
    written,
)
from presslens.pipelines.statistics.claim.verdict import RuleVerdict, Step
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Metric


@dataclass(frozen=True, slots=True)
class OpenShare:
    """A share that a rule compares with a number, or with what is usual, and leaves undecided."""

    metric: Metric
    usual: bool  # it is compared with what is usual
    day: date | None  # day of the edition that it is of; None: of all editions together
    # Difference of the sides: as it is estimated, and the largest that is possible.
    differences: tuple[float, float]
    confidence: float  # level of the interval that decides, 0–1
    decides: bool  # whether the rule is decided when this share is as it is estimated


def settling_draws(
    home: Installation, rule: Node, verdict: RuleVerdict, case: ClaimContext
) -> tuple[WhatHelps, ...]:
    """Return what would settle the undecided comparisons of shares, if they are as estimated.

    Args:
        rule: The rule that was evaluated.
        case: What it was evaluated on.
    """
    found: dict[Metric, WhatHelps] = {}
    for share in open_shares(rule, verdict, case):
        if share.metric not in found and (helps := _draws(home, share, case)) is not None:
            found[share.metric] = helps if share.decides else replace(helps, foreseen=None)
    return tuple(found.values())


def open_shares(rule: Node, verdict: RuleVerdict, case: ClaimContext) -> Iterator[OpenShare]:
    """Yield the shares of a rule whose comparisons are undecided; see ``settling_draws``."""
    if verdict.truth is not TruthValue.UNDECIDED or not case.editions:
        return
    for node in walk(rule):
        if not isinstance(node, Comparison):
            continue
        metric = _share_of(node.left)
        usual = isinstance(node.right, Usual) and _share_of(node.right) == metric
        if metric is None or not (usual or isinstance(node.right, Number)):
            continue
        steps = list(_open_steps(verdict.steps, node))
        if not steps:
            continue
        towards = _towards_decision(rule, node)
        step, differences = max(steps, key=lambda one: towards * one[1][0])
        decides = len(case.editions) == 1 or step.day is None or towards * differences[0] > 0
        confidence = 1.0 - (step.risk or case.level)
        yield OpenShare(metric, usual, step.day, differences, confidence, decides)


def _towards_decision(rule: Node, node: Comparison) -> int:
    """Return the sign of the difference by which one edition decides a rule of several.

    One that meets it decides what is said of any edition, one that fails it what is said of each.
    """
    anyone = any(
        isinstance(part, OverEditions) and part.function == "any" and node in walk(part)
        for part in walk(rule)
    )
    return 1 if anyone == (node.operator in (">", ">=")) else -1


def _share_of(node: Node) -> Metric | None:
    """Return the share that a side of a comparison is, or is the mean or the usual value of."""
    if isinstance(node, OverEditions) and node.function == "mean":
        node = node.inner
    if isinstance(node, Measured | Usual) and node.metric.is_share:
        return node.metric
    return None


def _open_steps(
    steps: Sequence[Step], node: Comparison
) -> Iterator[tuple[Step, tuple[float, float]]]:
    """Yield the undecided tests of a comparison, and the difference of its sides.

    The difference is yielded as it is estimated, and as large as it can be.
    """
    text = written(node)
    for step in steps:
        if step.comparison != text or step.truth is not TruthValue.UNDECIDED:
            continue
        left, right = step.tested or (step.left, step.right)
        if not isinstance(left, Quantity) or not isinstance(right, Quantity):
            continue
        if left.value is None or right.value is None:
            continue
        farthest = max(left.high - right.low, right.high - left.low)
        if math.isfinite(farthest):
            yield step, (left.value - right.value, farthest)


def _draws(home: Installation, share: OpenShare, case: ClaimContext) -> WhatHelps | None:
    days = EditionCriteria(case.publication, share.day or case.first, share.day or case.last)
    before = [edition.date for edition in case.baseline]
    groups = [days]
    if share.usual and before:
        groups.append(EditionCriteria(case.publication, min(before), max(before)))
    metric = share.metric
    with home.database.read() as session:
        selected = [select_for(session, one, home.recipe, [metric]).editions for one in groups]
        editions = [edition for group in selected for edition in group]
        own = len(selected[0])
        table = metric_table(
            session,
            [metric],
            editions,
            home.recipe,
            Estimand.SHARE_OF_PHOTOS,
            Inference.THESE if share.day else case.estimand,
        )
        sides = range(own), range(own, len(editions))
        finder = HelpFinder(session, table, home.recipe)
        return finder.by_draws(metric, sides, *share.differences, share.confidence)
