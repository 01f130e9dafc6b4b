"""A share in every way, from rows of the database."""

from datetime import timedelta

import pytest

from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.multiverse import share_multiverse
from presslens.app.services.statistics.period import period_composition
from presslens.pipelines.statistics.measure import Zone
from presslens.pipelines.statistics.metrics import Metric


@pytest.fixture
def days(archive):
    """The days of the editions of the generated archive, in their order."""
    found = period_composition(archive, EditionCriteria())
    assert found.editions == 4
    from presslens.app.services.shares.selection import select_editions

    with archive.database.read() as session:
        selection = select_editions(session, EditionCriteria(), archive.recipe)
    return [edition.date for edition in selection.editions]


def test_the_first_row_is_what_was_asked_for(archive):
    found = share_multiverse(archive, Metric.parse("people/area"), EditionCriteria(), threshold=0.5)
    document = found.to_json()
    first = document["rows"][0]
    assert (first["zone"], first["weight"], first["recipe"]) == (
        "all", "area", archive.recipe.id[:16],
    )  # fmt: skip
    assert {row["weight"] for row in document["rows"]} == {"count", "area"}
    assert {row["inference"] for row in document["rows"]} == {"these", "practice"}
    assert document["specifications"] == len(document["rows"])
    assert sum(document["verdicts"].values()) == document["specifications"]
    assert all(0 <= row["value"] <= 1 for row in document["rows"])


def test_a_difference_of_two_groups(archive, days):
    a = EditionCriteria(first=days[2])
    b = EditionCriteria(last=days[2] - timedelta(1))
    found = share_multiverse(archive, Metric("people"), a, b, zones=[Zone.ALL]).to_json()
    assert found["threshold"] == 0.0
    assert {row["zone"] for row in found["rows"]} == {"all"}
    assert all(-1 <= row["value"] <= 1 for row in found["rows"])
    assert found["same_side"] >= 1


def test_what_has_no_multiverse(archive):
    with pytest.raises(InvalidRequest, match="no share"):
        share_multiverse(archive, Metric("photos"), EditionCriteria())
    with pytest.raises(InvalidRequest, match="no analysed editions"):
        share_multiverse(archive, Metric("people"), EditionCriteria("Nobody's"))
    with pytest.raises(InvalidRequest, match="in common"):
        share_multiverse(archive, Metric("people"), EditionCriteria(), EditionCriteria())
    with pytest.raises(InvalidRequest, match="compared with 0"):
        share_multiverse(
            archive, Metric("people"), EditionCriteria(), EditionCriteria(), threshold=0.1
        )
