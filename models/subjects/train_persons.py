"""Training of the person detector: a COCO network that loses 79 classes and learns to bear print.

The COCO network keeps its person row, so that it starts at its full accuracy. Then a copy of it
learns to say of a photo as printed what the original says of the photo as it is. No box is needed
for that, so photos of the domain count as much as COCO's, and what the original finds is kept.
"""

from __future__ import annotations

import copy
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.functional import binary_cross_entropy_with_logits, smooth_l1_loss

import models.quiet  # noqa: F401  (before ultralytics)

# isort: split
from ultralytics.nn.tasks import DetectionModel

from models.datasets import open_photo, read_dataset
from models.newsprint import printed
from models.split import held_out
from models.subjects.boxed import HELD_OUT, BoxedPhoto, average_precision, read_boxed
from models.subjects.persons import GREY, OnnxPersonDetector
from models.vocabulary import Image

START = "weights/yolo26n_coco_dequantised.safetensors"
"""The network that training starts from, below the data folder."""

UNBOXED = (
    "rodong_sinmun_photos",
    "dprk_web_photos",
    "crowd_points",
    "children_school",
    "people_events_web",
)
"""Sets of the domain, or near it, that are trained on beside the boxed ones."""

EPOCHS = 4
CANVAS = 576
BATCH = 8
LEARNING_RATE = 1e-4
AVERAGED = 0.97
PRINTED = 0.75
"""Share of the photos that the copy sees as printed; the others hold it where it was."""

MOST = 300
"""Persons that are found in one photo at most."""


def train(data: Path, out: Path, *, epochs: int = EPOCHS, seed: int = 0) -> dict[str, float | int]:
    """Train, write ``persons.onnx`` into ``out``, and return what held-out boxes say of it."""
    torch.manual_seed(seed)
    network = one_class(data / START)
    boxed = read_boxed(data)
    paths = training_photos(data, boxed)
    found: dict[str, float | int] = {"train_photos": len(paths)}
    with tempfile.TemporaryDirectory() as folder:
        start = Path(folder) / "start.onnx"
        export(network, start)
        found |= {f"start_{name}": value for name, value in _measured(start, boxed).items()}
    export(_tuned(network, paths, epochs, np.random.default_rng(seed)), out / "persons.onnx")
    return found | _measured(out / "persons.onnx", boxed)


def training_photos(data: Path, boxed: Sequence[BoxedPhoto]) -> list[Path]:
    """Return the photos that may be trained on: those that are held out are not among them."""
    unboxed = (photo for name in UNBOXED for photo in read_dataset(data, name))
    return [photo.path for photo in boxed if not photo.kept] + [
        photo.path for photo in unboxed if not held_out(photo.group, HELD_OUT)
    ]


def one_class(path: Path) -> DetectionModel:
    """Return YOLO26n with the COCO weights of a file, person left as its only class."""
    network = DetectionModel("yolo26n.yaml", verbose=False)
    weights = load_file(path)
    network.load_state_dict(
        {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    )
    head = network.model[-1]
    for branch in (*head.cv3, *head.one2one_cv3):
        full = branch[2]
        branch[2] = torch.nn.Conv2d(full.in_channels, 1, 1)
        branch[2].load_state_dict({"weight": full.weight[:1], "bias": full.bias[:1]})
    head.nc, head.no = 1, 1 + 4 * head.reg_max
    network.nc, network.names = 1, {0: "person"}
    # In this mode no batch norm moves, and the one-to-one head teaches the neck below it.
    return network.eval()


def _tuned(
    network: DetectionModel, paths: Sequence[Path], epochs: int, rng: np.random.Generator
) -> DetectionModel:
    """Return the running mean of a copy's weights while it learns from ``network``."""
    pupil = copy.deepcopy(network)
    learning = [p for p in pupil.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=LEARNING_RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=epochs * (len(paths) // BATCH), pct_start=0.1
    )
    averaged = torch.optim.swa_utils.AveragedModel(
        pupil,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGED),  # type: ignore[no-untyped-call]
    )
    for _ in range(epochs):
        order = rng.permutation(len(paths))[: len(paths) // BATCH * BATCH]
        for chosen in order.reshape(-1, BATCH):
            pairs = [augmented(open_photo(paths[i]), rng) for i in chosen]
            with torch.no_grad():
                taught = _heads(network, [clean for clean, _ in pairs])
            loss = disagreement(_heads(pupil, [shown for _, shown in pairs]), taught)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(learning, 1.0)
            optimiser.step()
            schedule.step()
            averaged.update_parameters(pupil)
    tuned: DetectionModel = averaged.module
    return tuned.eval()


def _heads(network: DetectionModel, photos: Sequence[Image]) -> dict[str, torch.Tensor]:
    """Return boxes (n, 4, cells) and scores (n, 1, cells) as the one-to-one head gives them."""
    pixels = np.stack([photo.transpose(2, 0, 1) for photo in photos])
    _, heads = network(torch.from_numpy(pixels).float() / 255)
    found: dict[str, torch.Tensor] = heads["one2one"]
    return found


def disagreement(
    found: Mapping[str, torch.Tensor], taught: Mapping[str, torch.Tensor]
) -> torch.Tensor:
    """Return how far a network's heads are from what they are taught, 0 where they agree.

    Cells where both see nothing are most of them, so each weighs by how much the scores differ;
    boxes weigh by the teacher's score.
    """
    score = taught["scores"].sigmoid()
    persons = score.sum().clamp(min=1.0)
    gap = (found["scores"].sigmoid() - score).abs().detach()
    entropy = binary_cross_entropy_with_logits(found["scores"], score, reduction="none")
    boxes = smooth_l1_loss(found["boxes"], taught["boxes"], reduction="none")
    return ((gap * entropy).sum() + (score * boxes).sum() / 4) / persons


def augmented(photo: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Return a photo on the training canvas, scaled, shifted and mirrored, as it is and as shown.

    Args:
        photo: RGB pixels.
        rng: Where chance comes from.
    """
    shown = printed(photo, rng) if rng.random() < PRINTED else photo
    scale = CANVAS / max(photo.shape[:2]) * float(rng.uniform(0.8, 1.3))
    height, width = (side * scale for side in photo.shape[:2])
    dx, dy = (
        float(rng.uniform(min(0, CANVAS - side), max(0, CANVAS - side))) for side in (width, height)
    )
    mirror = -1 if rng.random() < 0.5 else 1
    placement = np.array(
        [[mirror * scale, 0, dx if mirror > 0 else dx + width], [0, scale, dy]], np.float32
    )
    return _placed(photo, placement), _placed(shown, placement)


def _placed(photo: Image, placement: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Image:
    canvas = cv2.warpAffine(
        photo, placement, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR, borderValue=(GREY,) * 3
    )
    return np.asarray(canvas, np.uint8)


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


def _measured(path: Path, boxed: Sequence[BoxedPhoto]) -> dict[str, float | int]:
    """Return average precisions on the boxed photos that are never trained on."""
    kept = [photo for photo in boxed if photo.kept]
    detector = OnnxPersonDetector(path, size=640, score=0.01, threads=2)
    rng = np.random.default_rng(1)
    clean, boxes = average_precision(detector, kept)
    return {
        "held_out_photos": len(kept),
        "held_out_boxes": boxes,
        "ap50": clean,
        "ap75": average_precision(detector, kept, iou=0.75)[0],
        "ap50_printed": average_precision(detector, kept, shown=lambda p: printed(p, rng))[0],
    }
