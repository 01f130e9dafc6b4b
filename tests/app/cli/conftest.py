"""Commands that write their tables as wide as they like, whatever terminal the tests run in."""

import pytest
from rich.console import ConsoleDimensions

from app.cli.console import err, out


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    for console in (out, err):
        monkeypatch.setattr(console, "size", ConsoleDimensions(250, 25))
