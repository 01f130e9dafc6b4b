"""Embeds faces with two networks, each strong where the other is weak."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from presslens.models.faces.alignment import chip, wide_chip
from presslens.models.faces.resnet import INPUT, network_input, resnet
from presslens.models.faces.whitening import Whitening
from presslens.models.recipe import FaceRules
from presslens.models.session import open_session
from presslens.models.vocabulary import Face, Heads, Image, Vector

_FACERES_MEAN = np.array((103.939, 116.779, 123.68), np.float32)
"""Blue, green and red that faceres was trained without, 0–255 (Savchenko's HSE_FaceRec_tf)."""

LIKENESS, AGES = 1024, 256
"""The numbers of a head that say whose it is, and those from which its age was learned."""

BATCH = 8
"""Faces that go through a network together."""


class DlibEmbedder:
    """dlib's ResNet (King, 2017): 128 numbers, compared by euclidean distance.

    A face and its mirror image are embedded and averaged: that is worth as much as two photos.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        """Open the ``.dat`` file that dlib wrote, for calls on so many CPU threads."""
        self._session = open_session(resnet(path.read_bytes()), threads=threads)

    def raw(self, photo: Image, faces: Sequence[Face]) -> NDArray[np.float32]:
        """Return one row for each face (pixels of ``photo``), shape (n, 128)."""
        chips = (chip(photo, face.landmarks) for face in faces)
        return _batched((c for one in chips for c in (one, one[:, ::-1])), self._run, 128, pairs=2)

    def _run(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(self._session.run(None, {INPUT: network_input(chips)})[0])


class FaceresEmbedder:
    """faceres, a MobileNet that learned from VGGFace2 (Savchenko, 2019): ``Heads``.

    It sees the head and not the face alone, and keeps more of a face of 15 pixels than dlib's
    network does.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        """Open the ONNX file, for calls on so many CPU threads."""
        self._session = open_session(_with_clips(path), threads=threads)

    def look(self, photo: Image, faces: Sequence[Face]) -> Heads:
        """Return what the heads show (faces in pixels of ``photo``)."""
        chips = (wide_chip(photo, face.landmarks) for face in faces)
        rows = _batched(chips, self._run, LIKENESS + AGES)
        return Heads(rows[:, :LIKENESS], rows[:, LIKENESS:])

    def _run(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        planes = np.array(chips[..., ::-1].transpose(0, 3, 1, 2), np.float32, order="C")
        planes -= _FACERES_MEAN[:, None, None]
        return np.hstack(self._session.run(None, {"pixels": planes}))


class PairedEmbedder:
    """A ``FaceEmbedder``: an embedding has the two parts that ``models.faces.embedding`` names."""

    def __init__(self, dlib: DlibEmbedder, faceres: FaceresEmbedder, whitening: Whitening) -> None:
        self._dlib = dlib
        self._faceres = faceres
        self._whitening = whitening

    def look(self, photo: Image, faces: Sequence[Face]) -> Heads:
        """Return what the heads show (faces in pixels of ``photo``)."""
        return self._faceres.look(photo, faces)

    def embed(self, photo: Image, faces: Sequence[Face], heads: Heads) -> list[Vector]:
        """Return an embedding, shape (640,), for each face (pixels of ``photo``)."""
        if not faces:
            return []
        dlib = self._dlib.raw(photo, faces)
        return list(np.hstack([dlib, self._whitening.apply(heads.likeness)]))


def comparable(faces: Sequence[Face], rules: FaceRules) -> list[int]:
    """Return the indices of the largest faces of a photo, as many and as large as rules say.

    Args:
        faces: Of one photo, largest first.
        rules: How many, and how large.
    """
    return [
        i for i, face in enumerate(faces[: rules.embed_most]) if face.box.height >= rules.embed_side
    ]


def embeddable(faces: Sequence[Face], rules: FaceRules) -> list[int]:
    """Return the indices of the faces that may be embedded: of the largest, never a child's.

    Args:
        faces: Of one photo, largest first, with the probability that each is a child's.
        rules: How many, how large, and from what probability on a face is a child's.
    """
    return [i for i in comparable(faces, rules) if faces[i].child < rules.child]


def _batched(
    chips: Iterator[Image],
    run: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    length: int,
    *,
    pairs: int = 1,
) -> NDArray[np.float32]:
    """Return a network's output for chips, ``BATCH`` at a time; ``pairs`` in a row are averaged."""
    rows = [np.zeros((0, length), np.float32)]
    group: list[Image] = []
    for one in chips:
        group.append(one)
        if len(group) == BATCH:
            rows.append(run(np.stack(group)))
            group = []
    if group:
        rows.append(run(np.stack(group)))
    averaged: NDArray[np.float32] = np.concatenate(rows).reshape(-1, pairs, length).mean(axis=1)
    return averaged


def _with_clips(path: Path) -> bytes:
    """Return a network with one Clip for each Relu, Min and Max in a row: of 0 to 6 (ReLU6).

    onnxruntime clips within the convolution before, and goes over a layer's numbers once more for
    each of the three: half the time, and the same numbers.
    """
    model = onnx.load(path)
    nodes = model.graph.node
    origin = {output: node for node in nodes for output in node.output}
    for last in [node for node in nodes if node.op_type == "Max"]:
        middle = origin[last.input[0]]
        first = origin[middle.input[0]]
        last.CopyFrom(onnx.helper.make_node("Clip", [first.input[0], "low", "high"], last.output))
        nodes.remove(middle)
        nodes.remove(first)
    for name, bound in (("low", 0.0), ("high", 6.0)):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(bound), name))
    return bytes(model.SerializeToString())
