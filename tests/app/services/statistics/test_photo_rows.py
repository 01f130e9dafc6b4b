"""The photos behind a share as a plain table, from rows of the database."""

import csv
import io

import pytest
import structlog
from sqlalchemy import select
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.db.samples import (
    SampleEditionRow,
    SampleItemRow,
    SampleKind,
    SampleMeasureRow,
    SampleRow,
    SampleStratumRow,
)
from presslens.app.db.tables import EditionRow, OutcomeRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.reviews.consensus import update_scan_consensus
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import statistic
from presslens.app.services.statistics.multiverse import share_multiverse
from presslens.app.services.statistics.photo_rows import COLUMNS, photo_rows
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain_table import estimate

from ...first_states import made_once

BLOCKS = [(20, 20 + 80 * i, 300, 90 + 80 * i) for i in range(5)]


@pytest.fixture
@made_once
def photos(home, worker, put, make, now):
    """Ten photos of an edition: the first four drawn, three of them answered, the last picked."""
    put({"a.png": make(BLOCKS), "b.png": make(BLOCKS, tint=9)}, publication="=1+1")
    worker.drain()
    with home.database.write() as session:
        found = list(session.scalars(select(PhotoRow).order_by(PhotoRow.id)))
        sample = SampleRow(
            name="s",
            kind=SampleKind.PHOTOS,
            zone=Zone.ALL,
            weight=Weight.COUNT,
            seed=1,
            coders=[],
            second_share=0.0,
            recipe_id=home.recipe.id,
            codebook="1",
            created_at=now,
            measures=[SampleMeasureRow(measure="people", position=0)],
            strata=[SampleStratumRow(stratum=0, definition="all", size=10, drawn=4)],
        )
        session.add(sample)
        session.flush()
        (edition,) = session.scalars(select(EditionRow.id))
        session.add(SampleEditionRow(sample_id=sample.id, edition_id=edition, sizes=[10]))
        for place, photo in enumerate(found[:4]):
            outcome = session.get_one(OutcomeRow, photo.outcome_id)
            w, h = outcome.width, outcome.height
            session.add(
                SampleItemRow(
                    sample_id=sample.id,
                    place=place,
                    stratum=0,
                    scan_id=outcome.scan_id,
                    x0=photo.x0 / w,
                    y0=photo.y0 / h,
                    x1=photo.x1 / w,
                    y1=photo.y1 / h,
                )
            )
        session.flush()
        for scan_id in {o.scan_id for o in session.scalars(select(OutcomeRow))}:
            update_scan_consensus(session, scan_id)
        ids = [photo.id for photo in found]
    for place, shows in ((0, True), (1, False), (3, False), (9, True)):
        review_photo(home, NewReview(ids[place], "A", {"people": shows}), now=now)
    return ids


def test_each_photo_has_what_is_known_of_it(home, photos):
    rows = list(photo_rows(home, Metric("people"), EditionCriteria()))
    assert [row["photo"] for row in rows] == photos
    assert [row["page"] for row in rows] == [1] * 5 + [2] * 5
    assert all(
        tuple(row) == COLUMNS and row["counted"] == "true" and 0 <= row["probability"] <= 1
        for row in rows
    )
    assert [row["label"] for row in rows] == [1, 0, None, 0, *[None] * 5, 1]
    assert [row["inclusion_probability"] for row in rows] == [0.4] * 4 + [None] * 6
    assert [row["stratum"] for row in rows] == [0] * 4 + [None] * 6
    states = ["answered", "answered", "no_answer", "answered", *["not_drawn"] * 5, "picked"]
    assert [row["status"] for row in rows] == states
    assert [row["front"] for row in rows] == ["true"] * 5 + ["false"] * 5
    assert [row["lead"] for row in rows].count("true") == 2
    assert {row["above_fold"] for row in rows} == {"true", "false"}


def test_a_zone_has_its_photos_alone(home, photos):
    rows = list(photo_rows(home, Metric.parse("people@front"), EditionCriteria()))
    assert [row["photo"] for row in rows] == photos  # all of the newspaper inform
    assert [row["photo"] for row in rows if row["counted"] == "true"] == photos[:5]


def test_the_table_can_be_estimated_from(home, photos, client, monkeypatch, settings, tmp_path):
    monkeypatch.setenv("PRESSLENS_RECIPE", str(settings.recipe))
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", settings.database_url)
    table = tmp_path / "photos.csv"
    done = CliRunner().invoke(cli, ["stats", "photos", "people", "--out", str(table)])
    structlog.reset_defaults()
    assert done.exit_code == 0, done.output
    assert "10 photos, 4 of them drawn" in done.stdout
    served = client.get("/api/v1/stats/photos.csv", params={"metric": "people"}).text
    written = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert list(csv.DictReader(io.StringIO(served))) == written
    assert written[0]["publication"] == "'=1+1"
    (group,) = estimate(table, "people").groups
    assert (group.n, group.drawn, group.picked, group.editions) == (10, 3, 1, 1)


def test_what_has_no_table_of_photos(home, photos):
    with pytest.raises(InvalidRequest, match="whole editions"):
        list(photo_rows(home, Metric("photos"), EditionCriteria()))
    with pytest.raises(InvalidRequest, match="no analysed editions"):
        list(photo_rows(home, Metric("people"), EditionCriteria("Nobody's")))


def test_the_table_gives_the_numbers_of_the_archive(home, photos, worker):
    """The same estimator, from the stored summaries and from the table."""
    worker.drain()
    metric = Metric("people")
    rows = list(photo_rows(home, metric, EditionCriteria()))
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    (group,) = statistic(home, metric, EditionCriteria()).groups
    (found,) = estimate(columns, "people", rules=home.recipe.aggregate).groups
    assert (found.n, found.drawn, found.picked) == (group.estimate.n, 3, 1)
    assert found.value == pytest.approx(group.estimate.value, abs=1e-4)
    assert found.interval == pytest.approx(group.estimate.interval, abs=1e-3)


def test_what_nobody_was_looked_for_is_not_known(home, photos):
    with pytest.raises(InvalidRequest, match="nobody called 'Kim' is enrolled"):
        list(photo_rows(home, Metric("figure:Kim"), EditionCriteria()))
    with pytest.raises(InvalidRequest, match="nobody called 'Kim' is enrolled"):
        share_multiverse(home, Metric("figure:Kim"), EditionCriteria(), threshold=0.05)
