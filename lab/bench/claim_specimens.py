"""Adds a claim with all that belongs to it, so that each of its exported tables has rows."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from presslens.app.db.claims import ClaimLookRow, ClaimPlanRow, ClaimRegistrationRow, ClaimRow
from presslens.lab.bench.generator import RowCollector
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.claim.quantity import TruthValue

FIRST_CLAIM = 1_000
"""Ids of claims begin beyond those of the seeds."""

FROZEN = '{"estimand":"these","level":0.05,"recipe":null,"rule_version":""}'


def add_claim(rows: RowCollector, number: int, day: date, recipe: Recipe, *, at: datetime) -> None:
    """Add a frozen claim about a day, and a look at it.

    Args:
        rows: The rows so far.
        number: Of the claim, from 1.
        day: The day that it is about.
        recipe: The recipe of the look.
        at: The time of everything.
    """
    claim = FIRST_CLAIM + number
    rows.add(
        ClaimRow,
        id=claim,
        key=f"claim {number}",
        version=1,
        statement="- six pages",
        rule="pages = 6",
        publication="Rodong Sinmun",
        first_date=day,
        last_date=day,
        source='a, "b"\nc',
        note="- of the front page",
        seeded=False,
        created_at=at,
        draft=False,
        kept_after=number,
    )
    rows.add(
        ClaimRegistrationRow,
        claim_id=claim,
        frozen_at=at,
        sha256=hashlib.sha256(FROZEN.encode()).hexdigest(),
        document=FROZEN,
        scans=number % 2,
        first_scan_at=at if number % 2 else None,
    )
    rows.add(
        ClaimPlanRow,
        claim_id=claim,
        stage=1,
        sample_id=number,
        photos=40,
        answered_before=number,
        planned_at=at,
    )
    rows.add(
        ClaimLookRow,
        id=number,
        claim_id=claim,
        looked_at=at,
        recipe_id=recipe.id,
        editions=1,
        verdict=TruthValue.TRUE,
        stage=1,
        number=5,
        answered=40,
        risk=0.01,
        value=0.2,
        low=0.1,
        high=0.3,
        against=0.5,
    )
