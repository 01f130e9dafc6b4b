"""Restored prints are compared with the photos that were printed, by structural similarity."""

import pytest
from PIL import Image as Pillow
from skimage import data

from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.printing import DEGRADATIONS
from presslens.lab.training.restoration.evaluate import evaluate_likeness, ways
from presslens.lab.training.restoration.screens import SCREENINGS
from presslens.lab.training.showing import AS_IS
from presslens.models.scripted import NoRestoration

WAYS = ways(NoRestoration(), NoRestoration())


def labelled(folder, name, picture):
    path = folder / f"{name}.png"
    Pillow.fromarray(picture()[:200, :300]).save(path)
    return LabelledPhoto("set", path, name, {})


def test_each_print_is_measured_in_each_way(tmp_path):
    photos = [labelled(tmp_path, "cat", data.chelsea), labelled(tmp_path, "cup", data.coffee)]
    rows = evaluate_likeness(photos, WAYS)
    values = {(row.what, row.data): row.value for row in rows}
    prints = {row.data for row in rows}
    assert {f"{AS_IS}, 2 photos", "halftone 85 lpi, 2 photos", "bitonal, 2 photos"} <= prints
    # A narrower photo has no pixels to compare with; every other print is there.
    assert len(prints) == 1 + len(DEGRADATIONS) - 1 + len(SCREENINGS)
    assert all(row.n == 2 for row in rows)
    compared = [f"SSIM, {way}" for way in WAYS]
    told = [*compared, "share whose print shows"]
    assert set(values) == {(what, print_) for what in told for print_ in prints}
    assert values["SSIM, no restoration", f"{AS_IS}, 2 photos"] == pytest.approx(1)
    assert values["share whose print shows", f"{AS_IS}, 2 photos"] == 0
    halftone = "halftone 85 lpi, 2 photos"
    assert values["share whose print shows", halftone] == 1
    # A halftone is brighter or darker than its photo, and its waves hide the picture.
    assert values["SSIM, no restoration", halftone] < values["SSIM, filters alone", halftone] < 0.9
