import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from presslens.models.registry import SHIPPED

from .conftest import invoke


def _raising(name: str) -> Any:
    def train(*_arguments: object) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    return SimpleNamespace(train=train)


def test_a_missing_package_of_training_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "presslens.lab.train", _raising("safetensors"))
    done = invoke("models", "train", "persons", "--data", tmp_path, code=1)
    assert "safetensors is not installed: pip install 'presslens[training]'" in done.stderr


def test_any_other_missing_module_is_a_fault_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "presslens.lab.train", _raising("presslens.models.gone"))
    done = invoke("models", "train", "persons", "--data", tmp_path, code=1)
    assert isinstance(done.exception, ModuleNotFoundError)


def test_training_writes_to_the_current_folder_unless_this_is_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []

    def train(_name: str, _data: Path, out: Path, *_rules: object) -> dict[str, int]:
        folders.append(out)
        return {}

    monkeypatch.setitem(sys.modules, "presslens.lab.train", SimpleNamespace(train=train))
    monkeypatch.chdir(tmp_path)
    command = ["models", "train", "persons", "--data", tmp_path]
    invoke(*command)
    monkeypatch.setattr("presslens.lab.commands.CHECKOUT", tmp_path / "pyproject.toml")
    invoke(*command)
    assert folders == [SHIPPED, Path("weights")]
    assert Path("weights").is_dir()


def test_a_folder_that_cannot_be_written_to_is_named_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "presslens.lab.train", _raising("never"))
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "weights"
    done = invoke("models", "train", "persons", "--data", tmp_path, "--out", out, code=2)
    assert "nothing can be written to" in done.stderr
    assert "--out" in done.stderr
