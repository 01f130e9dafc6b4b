from typing import Any

from rich.console import Console

from presslens.app.cli.stats import groups_table, no_editions, period_table
from presslens.pipelines.statistics.metrics import Metric


def shown(table: Any) -> str:
    console = Console(width=160, record=True)
    console.print(table)
    return f"{console.export_text()}{table.notes}"


def group(**changes: Any) -> dict[str, Any]:
    return {
        "group": "all", "value": 0.028, "interval": [0.0, 0.056], "method": "by the machine",
        "n": 36, "count": {"value": 1.0, "low": 0.0, "high": 2.0}, "refused": None,
        "machine": 0.03, "editions": 2, "pages": 14, "pages_seen": 12, **changes,
    }  # fmt: skip


def result(*groups: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "by": "none", "estimand": "share_of_photos", "inference": "these", "recipe": "a" * 64,
        "pages_seen": 12, "pages_expected": 14, "left_out": [], "left_out_count": 0,
        "groups": groups, "editions": 2, **changes,
    }  # fmt: skip


def test_a_share_has_its_count_and_the_pages_that_were_seen() -> None:
    text = shown(groups_table(result(group()), Metric.parse("fireworks@front")))
    assert "fireworks on the front page" in text
    for cell in ("2.8%", "0–5.6%", "1 of 36 (0–2)", "12 of 14", "by the machine"):
        assert cell in text


def test_a_sum_of_areas_is_no_count_of_photos() -> None:
    text = shown(groups_table(result(group()), Metric.parse("fireworks@front/area")))
    assert "2.8%" in text
    assert "of 36" not in text


def test_what_is_not_known_is_said_with_the_reason_and_no_zero() -> None:
    why = "not known: nobody is enrolled as a leader"
    nothing = group(value=None, interval=None, count=None, n=0, machine=None, refused=why)
    text = shown(groups_table(result(nothing), Metric.parse("leader")))
    assert "not known" in text
    assert f"all: {why}" in text
    assert "0%" not in text.replace("100%", "")


def test_a_period_shows_means_totals_and_shares() -> None:
    one = {"interval": None, "method": "mean of these 2 editions", "n": 2, "refused": None}
    period = result(
        metrics={
            "pages": {**one, "value": 7.0, "total": 14.0, "total_interval": [13.0, 15.0]},
            "photo_area_share": {**one, "value": 0.47, "total": None},
        },
        shares={"children": group()},
    )
    text = shown(period_table(period))
    assert "2 editions: share of photos, these editions" in text
    for cell in ("7", "14 (13–15)", "47%", "1 of 36 (0–2)"):
        assert cell in text


def test_without_editions_it_is_said_why() -> None:
    left_out = [{"reason": "waiting"}, {"reason": "waiting"}, {"reason": "incomplete"}]
    why = no_editions(result(editions=0, left_out=left_out, left_out_count=3))
    assert why is not None
    assert "3 editions left out, 2 waiting, 1 incomplete" in why
    assert no_editions(result()) is None
