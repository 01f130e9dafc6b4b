"""What the trainings of one-class YOLO26 networks share: start weights, frozen norms, export."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path

import torch
from safetensors.torch import load_file

import models.quiet  # noqa: F401  (before ultralytics)

# isort: split
from ultralytics.nn.tasks import DetectionModel

START = "weights/yolo26n_coco_dequantised.safetensors"
"""The network that training starts from, below the data folder."""

MOST = 300
"""At most so many boxes an image."""


def one_class(path: Path, *, row: int, name: str) -> DetectionModel:
    """Return YOLO26n with the COCO weights of a file, one class left.

    Args:
        path: The safetensors file.
        row: The COCO class, 0-79, whose weights the class starts from.
        name: What the class is called.
    """
    network = DetectionModel("yolo26n.yaml", verbose=False)
    weights = load_file(path)
    network.load_state_dict(
        {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    )
    head = network.model[-1]
    for branch in (*head.cv3, *head.one2one_cv3):
        full = branch[2]
        branch[2] = torch.nn.Conv2d(full.in_channels, 1, 1)
        branch[2].load_state_dict(
            {"weight": full.weight[row : row + 1], "bias": full.bias[row : row + 1]}
        )
    head.nc, head.no = 1, 1 + 4 * head.reg_max
    network.nc, network.names = 1, {0: name}
    return network


def freeze_norms(network: torch.nn.Module) -> None:
    """Keep the statistics of a network's batch norms as they are: the start weights hold them."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()


def export(network: DetectionModel, path: Path) -> None:
    """Write a network as ONNX that takes any sides that are multiples of 32 px."""
    network = copy.deepcopy(network)
    head = network.model[-1]
    head.end2end = True
    head.export, head.dynamic, head.format, head.max_det = True, True, "onnx", MOST
    network.eval().fuse(verbose=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), torch.no_grad():
        # The tracing exporter is deprecated in favour of one that needs the package onnxscript.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, 640, 640),),
            path,
            input_names=["pixels"],
            output_names=["rows"],
            dynamic_axes={"pixels": {0: "photos", 2: "height", 3: "width"}, "rows": {0: "photos"}},
            dynamo=False,
        )
