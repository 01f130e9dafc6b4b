"""The memory that a scan takes is measured, whichever of its calls is the last of a reader."""

import os
from pathlib import Path

import pytest
from PIL import Image

from presslens.app.drill.scans import try_scan
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.sandbox import Sandbox


@pytest.mark.parametrize("calls_before", [pytest.param(0, marks=pytest.mark.long), 1])
def test_memory_is_measured_where_a_reader_ends_after_its_number_of_calls(
    tmp_path: Path, calls_before: int
) -> None:
    path = tmp_path / "scan"
    Image.new("L", (8, 8)).save(path, "PNG")
    readers = set()
    with Sandbox() as sandbox:
        for _ in range(calls_before):
            sandbox.run("scan", Form(int), os.getpid)
        for _ in range(110):
            trial = try_scan(sandbox, path)
            assert trial.ends == (None,)
            assert 0 <= trial.memory < 2**26
            readers.add(sandbox.run("scan", Form(int), os.getpid))
    assert len(readers) > 1
