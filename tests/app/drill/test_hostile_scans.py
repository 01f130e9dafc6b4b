"""Each hostile scan ends as it must, and its reader takes little memory."""

from pathlib import Path

import pytest

from presslens.app.drill.hostile_scans import hostile_scans
from presslens.app.drill.scans import try_scan
from presslens.pipelines.scans.sandbox import Sandbox

MEMORY = 300 * 2**20


def test_hostile_scans_are_rejected_before_their_pixels_are_made_or_do_no_harm(
    sandbox: Sandbox, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    path = tmp_path / "scan"
    rejected = 0
    for scan in hostile_scans():
        path.write_bytes(scan.content)
        with subtests.test(scan.name):
            trial = try_scan(sandbox, path)
            assert trial.memory < MEMORY
            assert set(trial.ends) == (scan.reasons or {None})
        rejected += bool(scan.reasons)
    assert rejected >= 24
    assert [file.name for file in tmp_path.iterdir()] == ["scan"]
