"""What the tests of commands share: an installation in the environment, and wide tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from rich.console import ConsoleDimensions

from presslens.app.cli.console import err, out
from presslens.app.installation import init_installation
from presslens.app.platform.settings import Settings

RECIPE = Path(__file__).parents[2] / "scripted.toml"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write tables as wide as they like, whatever terminal the tests run in."""
    for console in (out, err):
        monkeypatch.setattr(console, "size", ConsoleDimensions(250, 25))


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Set the environment to a new installation whose instruments are scripted."""
    monkeypatch.setenv("PRESSLENS_RECIPE", str(RECIPE))
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PRESSLENS_PROCESSES", "0")
    monkeypatch.setenv("PRESSLENS_MIN_FREE_BYTES", "0")
    monkeypatch.setenv("PRESSLENS_SETTLE_SECONDS", "0")
    init_installation(Settings())
    yield
    structlog.reset_defaults()  # a command's logs go to the runner's output, which is gone now
