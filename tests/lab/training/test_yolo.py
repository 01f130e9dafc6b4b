import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from presslens.lab.training.yolo import Network, as_batch, only
from presslens.models.geometry import Box

PROGRAM = """
import presslens.lab.training.yolo
from ultralytics.utils import AUTOINSTALL, ONLINE, SETTINGS, VERBOSE
from ultralytics.utils.events import events
print(AUTOINSTALL, ONLINE, SETTINGS["sync"], VERBOSE, events.enabled)
"""


def test_ultralytics_neither_reports_nor_installs_nor_writes_home(tmp_path):
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YOLO_")}
    environment = kept | {"HOME": str(home), "TMPDIR": str(temporary), "PYTEST_VERSION": ""}
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["False"] * 5
    assert not (home / ".config" / "Ultralytics").exists()


def test_a_batch_has_its_boxes_in_shares_and_knows_their_pictures():
    picture = np.full((50, 100, 3), 255, np.uint8)
    batch = as_batch([(picture, []), (picture, [Box(10, 10, 30, 20), Box(0, 0, 100, 50)])])
    assert batch["img"].shape == (2, 3, 50, 100)
    assert float(batch["img"].max()) == 1.0
    assert batch["bboxes"].flatten().tolist() == pytest.approx([0.2, 0.3, 0.2, 0.2, 0.5, 0.5, 1, 1])
    assert batch["batch_idx"].tolist() == [1, 1]
    assert torch.equal(batch["cls"], torch.zeros(2, 1))


def test_pictures_without_boxes_are_a_batch_too():
    batch = as_batch([(np.zeros((32, 32, 3), np.uint8), [])])
    assert batch["bboxes"].shape == (0, 4)


def test_the_classes_that_are_kept_score_as_they_did():
    torch.manual_seed(0)
    network = Network("yolov8n.yaml", nc=5, verbose=False).eval()
    picture = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        before = network(picture)[0]
        after = only(network, {3: "roof", 1: "wall"})(picture)[0]
    assert network.names == {0: "roof", 1: "wall"}
    assert torch.allclose(after, before[:, [0, 1, 2, 3, 4 + 3, 4 + 1]])
