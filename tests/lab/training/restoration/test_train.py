"""The restoring network learns from prints, and its file takes photos of any size."""

import numpy as np
import torch

from presslens.lab.training.printing import halftone
from presslens.lab.training.restoration.network import RestoringNetwork
from presslens.lab.training.restoration.train import export
from presslens.models.restoration.restorer import OnnxRestorer
from presslens.models.restoration.screen import Printing


def test_exported_network_gives_what_the_network_gives(tmp_path):
    torch.manual_seed(0)
    network = RestoringNetwork()
    export(network, tmp_path / "restoration.onnx")
    photo = halftone(np.full((64, 96, 3), 120, np.uint8))
    grainy = Printing(None, grainy=True, bitonal=False)
    restored = OnnxRestorer(tmp_path / "restoration.onnx").restored(photo, grainy)
    with torch.no_grad():
        pixels = torch.from_numpy(photo).permute(2, 0, 1)[None].float() / 255
        expected = (network(pixels)[0].permute(1, 2, 0) * 255).clip(0, 255).numpy()
    assert np.abs(restored.astype(float) - expected).max() <= 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["restoration.onnx"]
