from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import cli


def _raising(name: str) -> Any:
    def train(*_arguments: object) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    return SimpleNamespace(train=train)


def test_a_missing_package_of_training_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pipelines.train", _raising("safetensors"))
    done = CliRunner().invoke(cli, ["models", "train", "persons", "--data", str(tmp_path)])
    assert done.exit_code == 1
    assert "safetensors is not installed: pip install 'presslens[training]'" in done.stderr


def test_any_other_missing_module_is_a_fault_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pipelines.train", _raising("models.gone"))
    done = CliRunner().invoke(cli, ["models", "train", "persons", "--data", str(tmp_path)])
    assert isinstance(done.exception, ModuleNotFoundError)
