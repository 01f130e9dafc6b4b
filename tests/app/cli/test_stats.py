from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from presslens.app.cli.stats import parsed_metric
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.lab.bench.generator import fill
from presslens.lab.bench.stats import FROM_PHOTOS, SUMS
from presslens.pipelines.statistics.metrics import Metric

from ..first_states import made_once
from .conftest import document, invoke, printed, refusal


@pytest.fixture
@made_once
def archive(installed: Installation) -> None:
    """Fill the installation that commands open with generated rows."""
    fill(installed, editions=40, photos=6)


@pytest.mark.usefixtures("installed")
def test_metrics_of_a_period_are_shown_and_drawn(archive: None, tmp_path: Path) -> None:
    assert document("stats")["editions"] == 40
    table = printed("stats", "--from", "2019-01-05")
    assert "36 editions" in table
    assert "photos a page" in table
    show, picture = ("stats", "show", "children", "--plot"), tmp_path / "children.png"
    groups = document(*show, picture, "--by", "month")["groups"]
    assert [group["group"] for group in groups] == ["2019-01", "2019-02"]
    with Image.open(picture) as drawn:
        assert drawn.format == "PNG"
    printed(*show, tmp_path / "children.svg")
    assert (tmp_path / "children.svg").read_text().startswith("<svg")
    told = " ".join(invoke(*show, tmp_path / "x.gif", code=2).output.split())
    assert "no .png, .svg or .pdf" in told
    assert "Monday" in printed("stats", "show", "photos", "--by", "weekday")
    found = document("stats", "--metric", "fireworks", "--page", "inside")
    assert (found["metric"], found["zone"], found["by"]) == ("fireworks", "inside", "none")


@pytest.mark.usefixtures("installed")
def test_what_is_wrong_is_said(archive: None) -> None:
    for words, said in (
        ("show nothing", "no metric 'nothing'; there are: people, crowd,"),
        ("show focus", "did you mean focus_leader or focus_facility or focus_neither?"),
        ("show figure:Nobody", "no figure is called 'Nobody'; enrolled: Generated Leader"),
        ("trend label:nothing", "not read for a label 'nothing'; the labels are: indoor,"),
        ("--metric pages --page front", "is of whole editions"),
        ("methods children photos", "photos is no share of all photographs"),
        ("methods children@front", "children@front is no share of all photographs"),
        ("--publication Unknown", "there is no newspaper 'Unknown'; there are: "),
        ("--from 2031-01-01", "there are no editions from 2031-01-01"),
    ):
        assert said in refusal("stats", *words.split())
    with pytest.raises(InvalidRequest, match="'childern': did you mean children"):
        parsed_metric("childern")
    with pytest.raises(InvalidRequest, match="did you mean front\\?"):
        parsed_metric("leader@frnt")


def test_generated_sums_are_those_of_their_photos(installed: Installation, archive: None) -> None:
    groups = statistic(installed, Metric("children"), EditionCriteria(), by=GroupBy.MONTH).groups
    with installed.database.engine.connect() as connection:
        rows = [
            connection.exec_driver_sql(sql, {"recipe": installed.recipe.id}).all()
            for sql in (SUMS, FROM_PHOTOS)
        ]
    assert rows[0] == [pytest.approx(row) for row in rows[1]]
    assert [(row.month, row.n) for row in rows[0]] == [(g.key, g.estimate.n) for g in groups]
    assert [row.share for row in rows[0]] == pytest.approx([g.machine for g in groups])
    assert groups[0].editions[0].date == date(2019, 1, 1)
