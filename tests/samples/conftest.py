import shutil
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from presslens.samples.sources import Sources

SIZES = {"obama3.jpg": (717, 1166), "biden.jpg": (485, 1102), "bus.jpg": (810, 1080)}


@pytest.fixture(scope="session")
def sources_folder(tmp_path_factory):
    """A folder with a coloured noise picture for every photo, and a font that any machine has."""
    folder = tmp_path_factory.mktemp("sources")
    listed = tomllib.loads(Path("samples/sources.toml").read_text(encoding="utf-8"))["weight"]
    rng = np.random.default_rng(5)
    for entry in listed:
        path = folder / entry["file"]
        if path.suffix == ".ttf":
            font = files("matplotlib") / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
            shutil.copy(str(font), path)
            continue
        width, height = SIZES.get(path.name, (640, 427))
        coarse = rng.integers(20, 150, (height // 8, width // 8, 3)).astype(np.uint8)
        image = Image.fromarray(coarse).resize((width, height))
        image.save(path, quality=92) if path.suffix != ".png" else image.save(path)
    return folder


@pytest.fixture
def sources(sources_folder):
    return Sources(sources_folder)
