"""Reliability of the subjects' probabilities, as data and as a diagram."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.lab.training.subjects.readers import OutOfFoldReading
from presslens.models.accuracy import binned, calibration_error
from presslens.models.measured import ReliabilityBin, ReliabilityDiagram

INK, PRINT, PALE = "#1f4e79", "#b5542c", "#bbbbbb"


def reliability(judged: Sequence[OutOfFoldReading]) -> list[ReliabilityDiagram]:
    """Return the reliability of each subject in photos as they are and as printed."""
    return [_reliability(each, shown) for each in judged for shown in (AS_IS, PRINTED)]


def _reliability(judged: OutOfFoldReading, shown: str) -> ReliabilityDiagram:
    part = judged.of(shown=shown)
    bins = binned(part.probability)
    return ReliabilityDiagram(
        judged.subject.value,
        shown,
        len(part.truth),
        calibration_error(part.truth, part.probability),
        tuple(
            ReliabilityBin(
                int((bins == b).sum()),
                float(part.probability[bins == b].mean()),
                float(part.truth[bins == b].mean()),
            )
            for b in np.unique(bins)
        ),
    )


def draw(judged: Sequence[OutOfFoldReading], path: Path) -> None:
    """Write a PNG with a reliability diagram of each subject, whole or not at all.

    Each dot is a tenth of the scale: how often photos with such a probability show the subject.
    Its area grows with the number of photos.

    Args:
        judged: Photos as they are and as printed, with their truth.
        path: The PNG file.
    """
    figure = Figure(figsize=(2.6 * len(judged), 3.2), layout="constrained")
    axes = figure.subplots(1, len(judged), sharex=True, sharey=True, squeeze=False)[0]
    for panel, each in zip(axes, judged, strict=True):
        panel.plot([0, 1], [0, 1], color=PALE, linewidth=1)
        for shown, colour in ((PRINTED, PRINT), (AS_IS, INK)):
            reliability = _reliability(each, shown)
            stated = [one.stated for one in reliability.bins]
            true = [one.shown for one in reliability.bins]
            sizes = [12 + 3 * np.sqrt(one.n) ** 1.3 for one in reliability.bins]
            error = reliability.calibration_error
            panel.plot(stated, true, color=colour, linewidth=0.8, alpha=0.6)
            panel.scatter(stated, true, s=sizes, color=colour, label=f"{shown}: {error:.3f}")
        panel.set_title(f"{each.subject}, n = {len(each.of().truth)}", fontsize=10)
        panel.set_xlabel("probability as read", fontsize=8)
        panel.set_aspect("equal")
        panel.tick_params(labelsize=7)
        panel.legend(title="calibration error", fontsize=6.5, title_fontsize=6.5, loc="upper left")
    axes[0].set_ylabel("share of photos that show it", fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    part_file = path.with_name(f"{path.name}.part")
    figure.savefig(part_file, format="png", dpi=110, metadata={"Software": None})
    part_file.replace(path)
