"""Results of ``import presslens`` about regression: the models of the API."""

# Written by `python -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

from typing import Literal

from presslens.answers import ApiResult
from presslens.results_statistics import Inference
from presslens.results_trends import Coefficient

Model = Literal["linear", "logit"]
"""What the columns of a regression add up to."""


class TableRegression(ApiResult):
    """A regression of a table."""

    measure: str
    """What ``probability`` and ``label`` are about."""
    estimand: Inference
    """About these editions, or about practice."""
    model: Model
    """Linear or logit."""
    coefficients: list[Coefficient]
    """The coefficients, the intercept first; none where refused."""
    reference: dict[str, str]
    """What the intercept is of: the first day, or the category that has no column."""
    n: int
    """Photos."""
    editions: int
    """Editions with photos."""
    drawn: int
    """Photos that were drawn and labelled."""
    picked: int
    """Photos that were labelled and not drawn."""
    method: str
    """How the intervals were made, in a sentence."""
    refused: str | None
    """Why there is no honest interval, and what would help; None where there is one."""
