"""Image features: what the last layer of an ImageNet network says of a photo, 1280 numbers.

A photo is squeezed to a square (nothing is cropped away, the aspect is lost), area-averaged when
it shrinks, and scaled to (value - 127) / 128 as EfficientNet-Lite was trained.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import torch
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray

from models.vocabulary import Image

LENGTH = 1280
"""Numbers in a feature vector."""

SIZE = 260
"""Side of the square that EfficientNet-Lite2 was trained on, px."""


class _Pooled(torch.nn.Module):
    """The network without its class layer, averaged over the picture."""

    def __init__(self, network: EfficientNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        pooled: torch.Tensor = self.network.extract_features(pixels).mean((2, 3))
        return pooled


class EfficientNetFeatures:
    """EfficientNet-Lite2 without its class layer.

    The torch weights are turned into an ONNX graph in memory when they are loaded (about two
    seconds), because onnxruntime then needs about half of torch's time for each photo.

    Args:
        path: The weights, a state dict that was written by ``torch.save``.
        threads: CPU threads for one call.
        batch: Photos that go through the network together.
    """

    def __init__(self, path: Path, *, threads: int = 1, batch: int = 8) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            _to_onnx(path), options, providers=["CPUExecutionProvider"]
        )
        self._batch = batch

    def extract(self, photos: Sequence[Image], *, size: int = SIZE) -> NDArray[np.float32]:
        """Return one row per photo, shape (len(photos), 1280).

        Args:
            photos: RGB photos of any size, at least 1 px wide and high.
            size: Side of the square that each is squeezed to, px; smaller is faster and coarser.
        """
        rows = [np.empty((0, LENGTH), np.float32)]
        for start in range(0, len(photos), self._batch):
            pixels = np.stack([_square(p, size) for p in photos[start : start + self._batch]])
            rows.append(self._session.run(None, {"pixels": pixels})[0])
        return np.concatenate(rows)


def _square(photo: Image, size: int) -> NDArray[np.float32]:
    shrinks = min(photo.shape[:2]) >= size
    squeezed = cv2.resize(
        photo, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    scaled = (squeezed.astype(np.float32) - 127) / 128
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def _to_onnx(path: Path) -> bytes:
    network = EfficientNet.from_name("efficientnet-lite2")
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        # The tracing exporter is deprecated in favour of one that needs the package onnxscript.
        warnings.simplefilter("ignore")
        graph = Path(folder) / "features.onnx"
        torch.onnx.export(
            _Pooled(network).eval(),
            (torch.zeros(1, 3, SIZE, SIZE),),
            graph,
            input_names=["pixels"],
            output_names=["features"],
            dynamic_axes={"pixels": {0: "photos", 2: "height", 3: "width"}},
            dynamo=False,
        )
        return graph.read_bytes()
