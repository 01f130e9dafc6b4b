"""The help shows of each command what the command itself says."""

from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from presslens.app.cli import COMMANDS, cli
from presslens.app.cli.stats import COMMANDS as STATS

runner = CliRunner()


@pytest.mark.parametrize(
    ("name", "command"), [*COMMANDS.items(), *STATS.items()], ids=[*COMMANDS, *STATS]
)
def test_the_line_in_the_help_is_the_first_one_of_the_commands_own(name, command):
    loaded = command.load(name)
    assert loaded.name == name
    assert loaded.help.splitlines()[0] == command.help


def test_all_commands_are_in_the_help():
    shown = runner.invoke(cli, ["--help"]).stdout
    assert [name for name in COMMANDS if f" {name} " not in shown] == []


def test_a_misspelt_command_is_wrong_usage():
    done = runner.invoke(cli, ["stat"])
    assert done.exit_code == 2
    assert "Did you mean" in done.stderr
    assert "'stats'" in done.stderr


def test_the_version_is_that_of_the_distribution():
    done = runner.invoke(cli, ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"presslens {version('presslens')}\n")


@pytest.mark.parametrize("words", ["stats", "stats methods children", "export csv --out x.zip"])
def test_no_option_of_one_value_is_given_twice(words):
    done = runner.invoke(cli, [*words.split(), "--publication", "A", "--publication", "B"])
    assert done.exit_code == 2
    assert "'--publication': it takes one value" in done.stderr
