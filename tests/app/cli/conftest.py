"""What the tests of commands share: how a command is run, and wide tables."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from click.testing import Result
from rich.console import ConsoleDimensions
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.cli.console import err, out
from presslens.app.installation import Installation
from presslens.app.platform.settings import Settings

NAMED = ("data_dir", "database_url", "recipe", "processes", "min_free_bytes", "settle_seconds")
"""Settings that the environment of commands names."""


@pytest.fixture
def installed(
    settings: Settings, home: Installation, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """Let the environment name the installation, as it does for commands."""
    for name in NAMED:
        monkeypatch.setenv(f"PRESSLENS_{name.upper()}", str(getattr(settings, name)))
    yield home
    structlog.reset_defaults()  # a command's logs go to the runner's output, which is gone now


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write tables as wide as they like, whatever terminal the tests run in."""
    for console in (out, err):
        monkeypatch.setattr(console, "size", ConsoleDimensions(250, 25))


def invoke(*words: object, code: int | None = 0, typed: str | None = None) -> Result:
    """Run a command, and return what became of it once it has ended as it must.

    Args:
        words: The words of the command.
        code: Its exit code; None: any.
        typed: What a person types into it.
    """
    done = CliRunner().invoke(cli, list(map(str, words)), input=typed)
    assert code in (None, done.exit_code), (done.output, done.exception)
    return done


def printed(*words: object, **how: Any) -> str:
    """Return what a command prints."""
    return invoke(*words, **how).stdout


def document(*words: object, **how: Any) -> Any:
    """Return what a command prints as JSON."""
    return json.loads(printed(*words, "--json", **how))


def refusal(*words: object, code: int = 1, **how: Any) -> str:
    """Return why a command is refused."""
    return str(invoke(*words, code=code, **how).exception)
