from typing import Any

import pytest

from presslens.app.cli.estimates_in_words import amount, count_of, in_words, percent, reasons, span


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.0, "0%"), (0.0046, "0.5%"), (0.2549, "25%"), (1.0, "100%")]
)
def test_shares_are_in_percent(value: float | None, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (0.02, "<0.1"), (5.13, "5.1"), (41.6, "42"), (1234.0, "1,234")],
)
def test_small_numbers_are_to_a_tenth(value: float | None, text: str) -> None:
    assert amount(value) == text


def share(**changes: Any) -> dict[str, Any]:
    count = {"value": 1.0, "low": 0.2, "high": 1.9}
    return {
        "share": 0.028, "interval": [0.006, 0.053], "n": 36, "refused": None, "count": count,
        **changes,
    }  # fmt: skip


def test_a_count_stands_beside_its_share_with_whole_bounds_inside_what_is_possible() -> None:
    assert in_words(share()) == "2.8% (0.6–5.3%), 1 of 36 (0–2)"
    whole = {"value": 36.0, "low": 36.0, "high": 36.0}
    assert count_of(share(count=whole)) == "36 of 36 (36–36)"


def test_the_upper_bound_of_a_rare_subject_is_not_its_estimate() -> None:
    rare = share(share=0.0046, interval=[0.0, 0.0046], n=109)
    rare["count"] = {"value": 0.5, "low": 0.0, "high": 0.5}
    assert count_of(rare) == "0.5 of 109 (0–1)"


def test_what_is_not_known_is_no_number() -> None:
    assert in_words(share(share=None, interval=None, n=0, count=None, refused="why")) == "not known"
    assert in_words(share(share=None, interval=None, n=0, count=None)) == "–"
    assert in_words(share(interval=None, count=None)) == "2.8% of 36"
    few = share(share=0.3, interval=[0.0, 0.6], n=3, count={"value": 0.9, "low": 0.0, "high": 2.0})
    assert in_words(few) == "0.9 of 3 (0–2)"


def test_a_reason_is_told_once_for_all_that_it_is_about() -> None:
    told = reasons({"leader": share(refused="why"), "focus": share(refused="why"), "x": share()})
    assert told == ["leader, focus: why"]


def test_a_reason_of_many_names_some() -> None:
    told = reasons({f"m{i}": share(refused="why") for i in range(8)})
    assert told == ["m0, m1, m2, m3 and 4 others: why"]


def test_intervals_name_their_unit_once() -> None:
    assert span([0.24, 0.41]) == "24–41%"
    assert span(None) == "–"
