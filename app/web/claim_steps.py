"""The comparisons that a verdict rests on, as rows of a table and for readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from presslens.app.platform.language import Language
from presslens.app.web.claim_sentences import (
    comparison_sides,
    percent_sides,
    side_value,
    side_words,
)

STEP_COLUMNS = (
    "edition", "date", "comparison", "left", "left_low", "left_high", "operator", "right",
    "right_low", "right_high", "verdict", "n", "method", "reasons",
)  # fmt: skip


def step_rows(verdict: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the comparisons of a verdict as rows of ``STEP_COLUMNS``."""
    for step in verdict["comparisons"]:
        yield {
            **{key: step[key] for key in ("edition", "date", "comparison", "operator", "verdict")},
            **_side("left", step["left"]),
            **_side("right", step["right"]),
            "n": step["left"].get("n"),
            "method": step["left"].get("method"),
            "reasons": "; ".join(step["reasons"]),
        }


def _side(name: str, side: Mapping[str, Any]) -> dict[str, Any]:
    low, high = side.get("interval") or (None, None)
    return {name: side["value"], f"{name}_low": low, f"{name}_high": high}


def steps_for_readers(verdict: Mapping[str, Any], spoken: Language) -> list[dict[str, Any]]:
    """Return the comparisons with their numbers in words, in the order of the verdict."""
    return [_step(step, spoken) for step in verdict["comparisons"]]


def _step(step: Mapping[str, Any], spoken: Language) -> dict[str, Any]:
    sides = comparison_sides(step["comparison"])
    percents = percent_sides(*sides)
    return {
        **step,
        "name": side_words(sides[0], spoken),
        "measured": side_value(step["left"], spoken, percent=percents[0]),
        "claimed": side_value(step["right"], spoken, percent=percents[1]),
        "method": step["left"].get("method", ""),
    }
