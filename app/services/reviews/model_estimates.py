"""Shares estimated with a model's answers as scores, corrected by drawn photos that people answer.

The answers take the place of the machine's probabilities in the table of photos that
``presslens estimate`` reads; what people say, and how photos were drawn, stays. Without a drawn
sample there is no estimate: nobody knows how far a model is off here.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.reviews.model_answers import answers_of_model, model_coder
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.photo_rows import COLUMNS, photo_rows
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain_table import TableEstimate, estimate

LEAST_DRAWN = 10
"""Fewest drawn photos with an answer of people; an estimate says itself how wide it then is."""

PLAIN = 0.9
"""How sure an answer is taken to be of a model that does not say so."""


def estimate_with_model(
    home: Installation, metric: Metric, criteria: EditionCriteria, model: str, *, by: str | None
) -> TableEstimate:
    """Return the estimates of a share with a model's answers as scores.

    Args:
        model: NAME@VERSION.
        by: Column of the table whose values are the groups, or month, or year; None: no groups.

    Raises:
        InvalidRequest: The model has not answered for all photos, or no drawn sample has answers.
    """
    coder = model_coder(model)
    with home.database.read() as session:
        answers = answers_of_model(session, home.recipe, metric.name).get((coder, metric.name), {})
    rows = []
    missing = 0
    for row in photo_rows(home, metric, criteria):
        answer = answers.get(row["photo"])
        if answer is not None:
            rows.append({**row, "probability": score(*answer)})
        elif row["counted"] == "true":
            missing += 1
    if missing:
        raise InvalidRequest(
            f"{coder} has not answered about {metric.name} for"
            f" {counted(missing, 'photo')} of these editions: `presslens reviews model prompts`"
            " writes what to ask"
        )
    answered = sum(
        row["inclusion_probability"] is not None and row["label"] is not None for row in rows
    )
    if answered < LEAST_DRAWN:
        raise InvalidRequest(
            f"people have answered about {metric.name} for {counted(answered, 'drawn photo')};"
            f" {LEAST_DRAWN} are needed to correct a model: `presslens samples draw`"
        )
    columns: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        for name in COLUMNS:
            columns[name].append(row[name])
    # A name that no detector here has: how far these scores are off is told by the draw alone.
    return estimate(columns, f"{metric.name} by {coder}", by=by, rules=home.recipe.aggregate)


def score(shows: bool | None, confidence: float | None) -> float:
    """Return an answer as a score from 0 to 1.

    >>> score(True, 0.8), score(False, 0.75), score(None, None)
    (0.8, 0.25, 0.5)
    """
    if shows is None:
        return 0.5
    sure = PLAIN if confidence is None else confidence
    return sure if shows else 1 - sure
