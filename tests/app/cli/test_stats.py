from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.cli.stats import parsed_metric
from presslens.app.installation import open_installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.lab.bench.generator import fill
from presslens.lab.bench.stats import FROM_PHOTOS, SUMS
from presslens.pipelines.statistics.metrics import Metric

ROOT = Path(__file__).parents[3]
runner = CliRunner()
pytestmark = pytest.mark.usefixtures("scripted")


@pytest.fixture
def archive(scripted: None) -> None:
    """Fill the installation that commands open with generated rows."""
    with open_installation(Settings()) as home:
        fill(home, editions=40, photos=6)


def test_all_metrics_of_a_period_are_shown(archive: None) -> None:
    done = runner.invoke(cli, ["stats", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["editions"] == 40
    table = runner.invoke(cli, ["stats", "--from", "2019-01-05"]).stdout
    assert "36 editions" in table
    assert "photos a page" in table


def test_a_metric_is_shown_and_drawn(archive: None, tmp_path: Path) -> None:
    picture = tmp_path / "children.png"
    done = runner.invoke(
        cli, ["stats", "show", "children", "--by", "month", "--plot", str(picture), "--json"]
    )
    assert done.exit_code == 0, done.output
    groups = json.loads(done.stdout)["groups"]
    assert [group["group"] for group in groups] == ["2019-01", "2019-02"]
    with Image.open(picture) as drawn:
        assert drawn.format == "PNG"
    picture = tmp_path / "children.svg"
    done = runner.invoke(cli, ["stats", "show", "children", "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    assert picture.read_text().startswith("<svg")
    done = runner.invoke(cli, ["stats", "show", "children", "--plot", str(tmp_path / "x.gif")])
    assert done.exit_code == 2
    assert "no .png, .svg or .pdf" in " ".join(done.output.split())
    table = runner.invoke(cli, ["stats", "show", "photos", "--by", "weekday"]).stdout
    assert "Monday" in table


def test_what_is_wrong_is_said(archive: None) -> None:
    done = runner.invoke(cli, ["stats", "show", "nothing"])
    assert done.exit_code == 1
    assert "no metric 'nothing'" in str(done.exception)


def test_one_metric_of_a_part_of_editions_is_asked_for(archive: None) -> None:
    one = ["stats", "--metric", "fireworks", "--page", "inside", "--json"]
    done = runner.invoke(cli, one)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["metric"], found["zone"], found["by"]) == ("fireworks", "inside", "none")
    done = runner.invoke(cli, ["stats", "--metric", "pages", "--page", "front"])
    assert "is of whole editions" in str(done.exception)


def test_what_is_not_there_is_said_in_place_of_an_empty_table(archive: None) -> None:
    done = runner.invoke(cli, ["stats", "--publication", "Unknown"])
    assert "there is no newspaper 'Unknown'; there are: " in str(done.exception)
    done = runner.invoke(cli, ["stats", "--from", "2031-01-01"])
    assert "there are no editions from 2031-01-01" in str(done.exception)


def test_generated_sums_are_those_of_their_photos(archive: None) -> None:
    with open_installation(Settings()) as home:
        groups = statistic(home, Metric("children"), EditionCriteria(), by=GroupBy.MONTH).groups
        with home.database.engine.connect() as connection:
            rows = [
                connection.exec_driver_sql(sql, {"recipe": home.recipe.id}).all()
                for sql in (SUMS, FROM_PHOTOS)
            ]
    assert rows[0] == [pytest.approx(row) for row in rows[1]]
    assert [(row.month, row.n) for row in rows[0]] == [(g.key, g.estimate.n) for g in groups]
    assert [row.share for row in rows[0]] == pytest.approx([g.machine for g in groups])
    assert groups[0].editions[0].date == date(2019, 1, 1)


def test_a_mistyped_metric_is_answered_with_near_ones() -> None:
    with pytest.raises(InvalidRequest, match="'childern': did you mean children"):
        parsed_metric("childern")
    with pytest.raises(InvalidRequest, match="did you mean front\\?"):
        parsed_metric("leader@frnt")
