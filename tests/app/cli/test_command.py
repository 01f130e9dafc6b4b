"""The decorator of commands: what it asks, opens and prints."""

import json
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, Careful, FailureLine, Verbatim
from presslens.app.cli.options import Helps
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation
from presslens.app.services.statistics.queries import PowerQuery, StatQuery

cli = typer.Typer()


@command(cli, doing="reading")
def group(home: Installation) -> Printed:
    """Show the recipe."""
    yield {"recipe": home.recipe.id}
    yield home.recipe.id


@command(cli, "ask")
def ask(query: Annotated[StatQuery, Helps(publication="Whose.", recipe="")]) -> Printed:
    """Show what is asked."""
    yield query.given()
    yield "[a line]"
    yield Aside("beside")
    yield Careful("doubtful")
    yield FailureLine("broken")
    yield ReadableTable.of("name", rows=[("[x]",)])
    raise typer.Exit(1)


@command(cli, "count")
def count(query: PowerQuery, nonresponse: float = 2.0) -> Printed:
    """Show what is counted with."""
    yield {"share": query.share, "nonresponse": nonresponse}


@command(cli, "write", plain=True)
def write() -> Printed:
    """Write a text."""
    yield Verbatim(":smile: [x]")


runner = CliRunner()


def test_the_result_is_printed_or_written_as_json_with_the_same_exit_code() -> None:
    words = ["ask", "--from", "2025-12-01", "--practice"]
    text, document = runner.invoke(cli, words), runner.invoke(cli, [*words, "--json"])
    assert text.exit_code == document.exit_code == 1
    assert "[a line]" in text.stdout
    assert "[x]" in text.stdout
    assert text.stderr.split() == ["beside", "careful:", "doubtful", "presslens:", "broken"]
    assert json.loads(document.stdout) == {"from": "2025-12-01", "inference": "practice"}
    assert document.stderr == ""


def test_options_are_those_of_the_question() -> None:
    text = runner.invoke(cli, ["ask", "--help"], terminal_width=200).stdout
    for word in ("Whose.", "--to", "--page", "--estimand", "--practice", "YYYY-MM-DD"):
        assert word in text, word
    for word in ("--recipe", "--weekday", "--weight"):
        assert word not in text, word
    for words in (["--from", "yesterday"], ["--recipe", "x"], ["--page", "none"]):
        assert runner.invoke(cli, ["ask", *words]).exit_code == 2, words


@pytest.mark.parametrize("option", ["--share", "--auc", "--width", "--change", "--nonresponse"])
def test_numbers_of_options_are_finite(option: str) -> None:
    assert runner.invoke(cli, ["count", option, "0.9"]).exit_code == 0
    found = runner.invoke(cli, ["count", option, "nan"])
    assert found.exit_code == 2
    assert f"Invalid value for {option}: nan is not a finite number" in found.stderr


def test_text_is_written_as_it_is() -> None:
    assert runner.invoke(cli, ["write"]).stdout == ":smile: [x]"
    assert runner.invoke(cli, ["write", "--json"]).exit_code == 2


@pytest.mark.usefixtures("installed")
def test_a_group_has_a_command_of_its_own_in_the_installation() -> None:
    recipe = json.loads(runner.invoke(cli, ["--json"]).stdout)["recipe"]
    assert runner.invoke(cli, []).stdout.strip() == recipe
    assert recipe not in runner.invoke(cli, ["write"]).stdout
