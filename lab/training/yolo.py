"""Start weights, fine-tuning and export of the YOLO networks that the project trains.

ultralytics is imported through this module alone, which writes its settings first; the environment
that keeps it from reporting is set by ``models.telemetry``.
"""

from __future__ import annotations

import copy
import json
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from safetensors.torch import load_file

from presslens.models.geometry import Box
from presslens.models.registry import cache_folder
from presslens.models.vocabulary import Image


def _configure_ultralytics() -> None:
    """Write the settings that ultralytics reads on import, unless there are some.

    Their folder is YOLO_CONFIG_DIR; by default one in the user's cache that nobody else can open.
    """
    cache = cache_folder() / "ultralytics"
    folder = Path(os.environ.setdefault("YOLO_CONFIG_DIR", str(cache)))
    settings = folder / "Ultralytics" / "settings.json"
    if not settings.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.parent.mkdir(mode=0o700, exist_ok=True)
        settings.write_text(json.dumps({"sync": False}))


_configure_ultralytics()

from ultralytics.cfg import get_cfg  # noqa: E402
from ultralytics.nn.tasks import DetectionModel  # noqa: E402
from ultralytics.utils.loss import E2ELoss  # noqa: E402

Network: TypeAlias = DetectionModel
"""A YOLO detection network of ultralytics."""

START = "weights/yolo26n_coco_dequantised.safetensors"
"""The network that training starts from, below the data folder."""

MOST = 300
"""At most so many boxes an image."""


def one_class(path: Path, *, row: int, name: str) -> Network:
    """Return YOLO26n with the COCO weights of a file and one class.

    Args:
        path: The safetensors file.
        row: The COCO class, 0-79, whose weights the class starts from.
        name: The name of the class.
    """
    return only(loaded("yolo26n.yaml", path), {row: name})


def loaded(config: str, path: Path, *, classes: int | None = None) -> Network:
    """Return a network with the weights of a file.

    Args:
        config: The network's configuration file in ultralytics.
        path: The safetensors file.
        classes: Number of classes; None: the network's default.
    """
    network = DetectionModel(config, nc=classes, verbose=False)
    weights = load_file(path)
    network.load_state_dict(
        {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    )
    return network


def only(network: Network, classes: Mapping[int, str]) -> Network:
    """Return a network with some of its classes, whose scores don't change.

    Args:
        network: It is changed.
        classes: The new names by the old numbers, in the new order.
    """
    head, rows = network.model[-1], list(classes)
    for branch in (*head.cv3, *getattr(head, "one2one_cv3", ())):
        full = branch[2]
        branch[2] = torch.nn.Conv2d(full.in_channels, len(rows), 1)
        branch[2].load_state_dict({"weight": full.weight[rows], "bias": full.bias[rows]})
    head.nc, head.no = len(rows), len(rows) + 4 * head.reg_max
    network.nc, network.names = len(rows), dict(enumerate(classes.values()))
    return network


class FineTuning:
    """Fits a network to batches, one step a batch, and averages its weights over the steps.

    The optimiser is AdamW with a one-cycle learning rate; batch norms keep their statistics.

    Args:
        network: Layers that don't require gradients stay as they are.
        rate: Highest learning rate; it rises to it and falls again over all steps.
        steps: How many batches there will be.
        rise: Share of the steps in which the rate rises, 0–1.
        decay: Share of the average that remains at each step, 0–1.
    """

    def __init__(
        self, network: Network, *, rate: float, steps: int, rise: float, decay: float
    ) -> None:
        self.network = network
        self._parameters = [p for p in network.parameters() if p.requires_grad]
        self._optimiser = torch.optim.AdamW(self._parameters, lr=rate, weight_decay=1e-4)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, rate, total_steps=steps, pct_start=rise
        )
        self._averaged = torch.optim.swa_utils.AveragedModel(
            network,
            multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay),  # type: ignore[no-untyped-call]
        )

    @property
    def averaged(self) -> Network:
        """The running mean of the network so far."""
        averaged: Network = self._averaged.module
        return averaged

    def state(self) -> dict[str, Any]:
        """Return all that the steps so far have left: with it, a further process goes on as one."""
        return {
            "network": self.network.state_dict(),
            "averaged": self._averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
        }

    def go_on(self, state: Mapping[str, Any]) -> None:
        """Take over what the steps of another run have left (see ``state``)."""
        self.network.load_state_dict(state["network"])
        self._averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])

    def step(self, loss: Callable[[Network], torch.Tensor]) -> float:
        """Take one step down the gradient of a loss, and return the loss before it.

        Args:
            loss: Returns the loss of the network, in training mode, over one batch.
        """
        self.network.train()
        freeze_norms(self.network)
        total = loss(self.network)
        self._optimiser.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._parameters, 10.0)
        self._optimiser.step()
        self._schedule.step()
        self._averaged.update_parameters(self.network)
        return float(total.detach())


class BoxTuning(FineTuning):
    """Fine-tunes an end-to-end network on pictures with true boxes; arguments of ``FineTuning``."""

    def __init__(
        self, network: Network, *, rate: float, steps: int, rise: float, decay: float
    ) -> None:
        network.args = get_cfg(overrides={"epochs": 1})
        self.loss = E2ELoss(network)
        super().__init__(network, rate=rate, steps=steps, rise=rise, decay=decay)

    def learn(self, batch: dict[str, torch.Tensor]) -> float:
        """Take one step on a batch (see ``as_batch``), and return its loss before the step."""

        def detection_loss(network: Network) -> torch.Tensor:
            parts, _ = self.loss(network(batch["img"]), batch)
            total: torch.Tensor = parts.sum()
            return total

        return self.step(detection_loss)


def as_batch(pictures: Sequence[tuple[Image, Sequence[Box]]]) -> dict[str, torch.Tensor]:
    """Return the arguments of the loss: pixels 0–1, boxes as centre and size in picture shares.

    Args:
        pictures: Pictures of one size, each with its boxes in pixels.
    """
    images = np.stack([pixels.transpose(2, 0, 1) for pixels, _ in pictures])
    height, width = images.shape[2:]
    boxes = [(*b.centre, b.width, b.height) for _, marked in pictures for b in marked]
    owners = [i for i, (_, marked) in enumerate(pictures) for _ in marked]
    scale = torch.tensor([width, height, width, height], dtype=torch.float32)
    return {
        "img": torch.from_numpy(images).float() / 255,
        "bboxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4) / scale,
        "cls": torch.zeros(len(boxes), 1),
        "batch_idx": torch.tensor(owners, dtype=torch.float32),
    }


def freeze_norms(network: torch.nn.Module) -> None:
    """Put a network's batch norms in evaluation mode: the start weights hold their statistics."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()


def export(network: Network, path: Path, *, dense: bool = False) -> None:
    """Write a network as ONNX that takes any sides that are multiples of 32 px.

    Args:
        network: The network to write.
        path: The file.
        dense: With the scores of every anchor, for ``DenseYolo``; else one row an object.
    """
    network = copy.deepcopy(network)
    head = network.model[-1]
    head.end2end = not dense
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
            dynamic_axes={
                "pixels": {0: "photos", 2: "height", 3: "width"},
                "rows": {0: "photos", 2: "anchors"} if dense else {0: "photos"},
            },
            dynamo=False,
        )
