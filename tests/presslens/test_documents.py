"""Python in the documents, and the notebook of the tutorial, run on the month."""

import ast
import json
import re
from pathlib import Path

import pytest

import presslens
from presslens.app.platform.settings import Settings

from .conftest import serving

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def place(month_folder, tmp_path, monkeypatch):
    """A folder as the documents suppose it: an archive, an edition's scans, the documents."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "month").symlink_to(month_folder)
    (tmp_path / "scans" / "2025-12-16").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(source, names):
    """Run code as a cell of a notebook does; return what its last line shows."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return None
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return value._repr_html_() if hasattr(value, "_repr_html_") else repr(value)


def test_the_notebook_of_the_tutorial_runs(place):
    notebook = json.loads((ROOT / "docs" / "tutorial" / "month.ipynb").read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in cells)
    names = {}
    shown = [run("".join(cell["source"]), names) for cell in cells]
    assert sum("data:image/svg+xml" in (text or "") for text in shown) == 3
    assert "8 pages; usual 6" in " ".join(filter(None, shown))


@pytest.mark.weights
def test_python_of_the_how_to_runs(place, month_folder):
    text = (ROOT / "docs" / "howto" / "python.md").read_text("utf-8")
    settings = Settings(data_dir=month_folder / "data")
    with presslens.open(settings.data_dir) as archive:
        page, *_ = archive.edition(30).page_list
        scan = archive._connection.get(f"{page.address}/image").content
    (place / "scans" / "2025-12-16" / "page_01.jpg").write_bytes(scan)
    names = {}
    with serving(settings) as address:
        for block in BLOCK.findall(text):
            run(block.replace(ADDRESS, address), names)
        names["remote"].close()
    names["archive"].close()
    assert len(names["edition"].photos) > 3
    assert (place / "result.json").is_file()


def test_python_of_the_first_page_and_of_the_replication_runs(place, month_folder):
    (first,) = BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    names = {}
    run(first.replace('"var"', '"var/month/data"'), names)
    names["archive"].close()
    (table,) = BLOCK.findall((ROOT / "docs" / "howto" / "replication.md").read_text("utf-8"))
    run(table, names)
    assert names["these"].value == pytest.approx(0.181, abs=0.002)
