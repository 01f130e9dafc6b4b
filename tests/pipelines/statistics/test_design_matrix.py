from __future__ import annotations

import numpy as np
import pytest

from presslens.pipelines.statistics.design_matrix import DAYS_A_YEAR, design_matrix


def test_days_numbers_and_categories() -> None:
    design = design_matrix(
        {
            "date": ["2025-12-16", "2024-12-16", "2025-12-16", "2026-01-01"],
            "size": ["1", "2.5", "-3", "1e2"],
            "scanner": ["b", "a", "c", "a"],
        }
    )
    assert design.names == (
        "intercept", "date (years)", "size", "scanner = b", "scanner = c",
    )  # fmt: skip
    assert design.reference == {"date": "2024-12-16", "scanner": "a"}
    assert design.X[:, 0].tolist() == [1, 1, 1, 1]
    assert design.X[:, 1] * DAYS_A_YEAR == pytest.approx([365, 0, 365, 381])
    assert design.X[:, 2:].tolist() == [[1, 1, 0], [2.5, 0, 0], [-3, 0, 1], [100, 0, 0]]


def test_eight_digits_are_a_number() -> None:
    design = design_matrix({"id": ["20251216", "20251217"]})
    assert design.names[1] == "id"
    assert np.diff(design.X[:, 1]) == 1


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["a", " ", "b"], "1 photo without zone"),
        (["a", "a", "a"], "zone is the same for all photos"),
        ([f"id {i}" for i in range(60)], "zone has 60 categories"),
    ],
)
def test_a_column_that_says_nothing_is_refused(cells: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        design_matrix({"zone": cells})
