"""``import presslens`` is one name, light, and typed."""

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

import presslens

HEAVY = ("altair", "cv2", "duckdb", "fastapi", "httpx2", "numpy", "onnxruntime", "pandas", "polars",
    "pydantic", "scipy", "sqlalchemy")  # fmt: skip
MODULES = sorted(
    path.stem for path in Path(presslens.__file__).parent.glob("*.py") if "__" not in path.stem
)


def test_nothing_is_imported_before_it_is_used():
    asks = f"import presslens, sys; print([n for n in {HEAVY!r} if n in sys.modules])"
    command = [sys.executable, "-P", "-c", asks]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_asking_an_address_takes_none_of_what_measures():
    asks = "import presslens, sys; presslens.connect; print('sqlalchemy' in sys.modules)"
    command = [sys.executable, "-P", "-c", asks]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_every_name_is_there_and_documented():
    assert {"analyze", "open", "connect", "estimate", "Edition", "Statistic"} <= set(dir(presslens))
    for name in dir(presslens):
        assert getattr(presslens, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        presslens.nothing  # noqa: B018
    package = Path(presslens.__file__).parent
    assert (package / "py.typed").is_file()
    for source in package.glob("*.py"):
        for address in re.findall(r"docs/[\w/.-]+\.\w+", source.read_text("utf-8")):
            assert (package.parent / address).is_file(), (source.name, address)


@pytest.mark.parametrize("name", ["", *MODULES])
def test_docstrings_run(name, folder, archive, draw_page, tmp_path):
    module = importlib.import_module(f"presslens.{name}".removesuffix("."))
    scans = tmp_path / "1.png"
    cv2.imwrite(str(scans), draw_page((20, 30, 380, 300)))
    tests = doctest.DocTestFinder().find(module, globs={})
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in tests:
        test.globs |= {"presslens": presslens, "archive": archive}
        test.globs |= {"scans": scans, "folder": folder}
        runner.run(test)
    assert runner.failures == 0
