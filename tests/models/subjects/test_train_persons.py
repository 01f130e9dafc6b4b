from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from models.split import held_out
from models.subjects.boxed import HELD_OUT, BoxedPhoto
from models.subjects.train_persons import (
    CANVAS,
    UNBOXED,
    augmented,
    disagreement,
    training_photos,
)
from models.vocabulary import Image


def heads(score: float, *, box: float = 1.0) -> dict[str, torch.Tensor]:
    return {"scores": torch.full((1, 1, 6), score), "boxes": torch.full((1, 4, 6), box)}


@pytest.mark.parametrize(
    ("found", "taught"),
    [
        (heads(2.0), heads(0.0)),
        (heads(-4.0), heads(0.0)),
        (heads(3.0, box=2.0), heads(3.0)),
    ],
)
def test_heads_that_differ_disagree(
    found: dict[str, torch.Tensor], taught: dict[str, torch.Tensor]
) -> None:
    assert float(disagreement(found, taught)) > float(disagreement(taught, taught)) + 0.05


def test_heads_that_agree_have_nothing_to_learn() -> None:
    taught = heads(0.5)
    found = {name: part.clone().requires_grad_() for name, part in taught.items()}

    loss = disagreement(found, taught)
    loss.backward()

    assert loss.item() == pytest.approx(0.0)
    assert all(not part.grad.any() for part in found.values() if part.grad is not None)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", [(80, 200), (300, 100)])
def test_both_views_of_a_photo_lie_in_one_place(
    texture: Callable[..., Image], shape: tuple[int, int], seed: int
) -> None:
    clean, shown = augmented(texture(*shape), np.random.default_rng(seed))

    assert clean.shape == shown.shape == (CANVAS, CANVAS, 3)
    rows, columns = np.nonzero((clean != 114).any(axis=2))
    assert len(rows) > 0
    empty = np.ones((CANVAS, CANVAS), bool)
    empty[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = False
    assert (shown[empty] == 114).all()


def test_what_is_held_out_is_not_trained_on(tmp_path: Path) -> None:
    for name in UNBOXED:
        (tmp_path / name).mkdir()
        rows = [f"images/{i}.jpg,2021-01-0{i},r,a{i}.jpg" for i in range(1, 9)]
        (tmp_path / name / "labels.csv").write_text("\n".join(["file,date,repo,path", *rows]))
    boxed = [BoxedPhoto(f"coco256/{i}", Path(f"{i}.jpg"), ()) for i in range(20)]

    paths = training_photos(tmp_path, boxed)

    kept = {photo.path for photo in boxed if photo.kept}
    assert kept
    assert not kept & set(paths)
    days = {p.stem for p in paths if "rodong_sinmun_photos" in p.parts}
    group = "rodong_sinmun_photos/2021-01-0{}"
    assert days == {str(i) for i in range(1, 9) if not held_out(group.format(i), HELD_OUT)}
