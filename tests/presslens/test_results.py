"""The models and operations of ``import presslens`` are those of the API."""

from pathlib import Path

import presslens
from presslens.lab import python_models

FOLDER = Path(presslens.__file__).parent


def test_models_and_operations_are_those_of_the_api():
    """``python -P -m presslens.lab.python_models`` writes them anew."""
    written = python_models.modules()
    there = {path.stem for path in FOLDER.glob("results_*.py")} | {"operations"}
    assert set(written) == there
    for name, source in written.items():
        assert source == (FOLDER / f"{name}.py").read_text(encoding="utf-8"), name
