"""Whatever damage makes of a scan, it ends as pixels or as a reason on the list."""

from pathlib import Path
from random import Random

import pytest

from presslens.app.drill.mutated_scans import ScanSeed, image_seeds, mutated_scans, pdf_seeds
from presslens.app.drill.scans import try_scan
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import RejectReason

MEMORY = 1.5 * 2**30


def test_seeds_are_of_all_formats_and_can_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    seeds = [*image_seeds(), *pdf_seeds()]
    assert len(seeds) >= 60
    assert len({seed.name for seed in seeds}) == len({seed.content for seed in seeds}) == len(seeds)
    formats = {seed.name.split()[0] for seed in seeds}
    assert formats == {"JPEG", "MPO", "PNG", "TIFF", "WEBP", "JPEG2000", "PDF"}
    path = tmp_path / "scan"
    for seed in seeds:
        path.write_bytes(seed.content)
        assert set(try_scan(sandbox, path).ends) == {None}, seed.name


def check(sandbox: Sandbox, path: Path, count: int, seeds: list[ScanSeed]) -> None:
    counts = dict.fromkeys([None, *RejectReason], 0)
    for scan in mutated_scans(count, Random(17), seeds):
        path.write_bytes(scan.content)
        trial = try_scan(sandbox, path)
        assert trial.ends, scan.name
        assert trial.memory < MEMORY, scan.name
        for end in trial.ends:
            counts[end] += 1
    assert min(counts[None], counts[RejectReason.CORRUPT]) > count / 10, counts


FEW_AND_MANY = pytest.mark.parametrize("part", [0.05, pytest.param(1, marks=pytest.mark.long)])


@FEW_AND_MANY
def test_damaged_images_end_as_pixels_or_as_a_reason(
    sandbox: Sandbox, tmp_path: Path, part: float
) -> None:
    check(sandbox, tmp_path / "scan", int(2000 * part), image_seeds())


@FEW_AND_MANY
def test_damaged_pdfs_end_as_pixels_or_as_a_reason(
    sandbox: Sandbox, tmp_path: Path, part: float
) -> None:
    check(sandbox, tmp_path / "scan", int(300 * part), pdf_seeds())


def test_the_same_chance_makes_the_same_scans() -> None:
    seeds = pdf_seeds()
    first, second = (list(mutated_scans(50, Random(3), seeds)) for _ in range(2))
    assert first == second
    assert len({scan.content for scan in first}) > 45
