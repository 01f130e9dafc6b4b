"""The card of an image encoder, and the checks that a file must pass to be one.

A network is run in this process: what is checked here spares users an error later, and keeps a file
from reading others, but no check makes a stranger's network safe. Only ONNX's own operations and
onnxruntime's are taken; all numbers must be in the one file, so that its hash is of all of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from presslens.models.encoders.encoder import OnnxImageEncoder
from presslens.models.errors import InvalidEncoder
from presslens.models.recipe import EncoderInput
from presslens.models.registry import sha256_of

MOST_BYTES = 2**31 - 1
"""The largest ONNX file that has its numbers in itself, as protobuf counts."""

DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
"""Whose operations onnxruntime has."""


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it must be one line, without control characters")
    return text


Line = Annotated[str, Field(min_length=1), AfterValidator(_one_line)]
"""A text that the manifest repeats."""


class EncoderCard(EncoderInput):
    """What a user says of an encoder: what it is, and what it is given of a photo."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")
    licence: Line
    source: Line
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @classmethod
    def load(cls, path: Path) -> EncoderCard:
        """Read a card from a TOML file.

        Raises:
            InvalidEncoder: It is no TOML, or a value is missing or out of range.
        """
        try:
            return cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise InvalidEncoder(f"{path.name}: {'; '.join(faults)}") from error
        except (OSError, ValueError) as error:
            raise InvalidEncoder(f"{path.name} can't be read: {error}") from error

    @property
    def given(self) -> EncoderInput:
        """What the encoder is given of a photo, and what is taken of its answer."""
        own = EncoderInput.model_fields
        return EncoderInput(**{name: getattr(self, name) for name in own})


def examine(path: Path, card: EncoderCard) -> int:
    """Check a network against its card, and return the length of its encodings.

    Raises:
        InvalidEncoder: It is no encoder that can be used; the message says why.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InvalidEncoder(f"{path.name} can't be read: {error.strerror}") from error
    if size > MOST_BYTES:
        raise InvalidEncoder(
            f"{path.name} has {size / 2**30:.1f} GB: an encoder has 2 GB at most, all in one file"
        )
    if card.sha256 is not None and sha256_of(path) != card.sha256:
        raise InvalidEncoder(f"{path.name} has not the sha256 that its card says")
    _check_contents(path)
    encoder = OnnxImageEncoder(path, card, card.name)
    try:
        vectors = [encoder.vector(picture) for picture in _pictures()]
    except InvalidEncoder as error:
        raise InvalidEncoder(f"{path.name}: {error}") from error
    lengths = {len(vector) for vector in vectors}
    if len(lengths) > 1:
        raise InvalidEncoder(f"{path.name} gives encodings of several lengths: {sorted(lengths)}")
    if not all(np.isfinite(vector).all() for vector in vectors):
        raise InvalidEncoder(f"{path.name} answers with NaN or infinity")
    if all(np.array_equal(vectors[0], vector) for vector in vectors):
        raise InvalidEncoder(f"{path.name} has the same answer for every picture")
    return lengths.pop()


def _check_contents(path: Path) -> None:
    """Check that a file is ONNX, with all its numbers in it and no operation of others."""
    import onnx  # here alone: most who read a card's name open no network

    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's own kinds of error, which are none of Python's
        raise InvalidEncoder(f"{path.name} is no ONNX file") from error
    if not model.graph.node or not model.opset_import:
        raise InvalidEncoder(f"{path.name} is no ONNX file")
    graphs = [model.graph, *model.functions]
    for node, tensors in _nodes(graphs):
        if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in tensors):
            raise InvalidEncoder(
                f"{path.name} has its numbers in other files: export it with external_data=False"
            )
        if node is not None and node.domain not in DOMAINS:
            raise InvalidEncoder(
                f"{path.name} has an operation of another maker, {node.domain}.{node.op_type},"
                " which onnxruntime doesn't have"
            )


def _nodes(graphs: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each operation of graphs and of graphs in them with its tensors, and their own."""
    while graphs:
        graph = graphs.pop()
        sparse = getattr(graph, "sparse_initializer", ())
        own = [
            *getattr(graph, "initializer", ()),
            *(t for s in sparse for t in (s.values, s.indices)),
        ]
        yield None, own
        for node in graph.node:
            tensors: list[Any] = []
            for attribute in node.attribute:
                graphs += [*attribute.graphs, *([attribute.g] if attribute.HasField("g") else ())]
                tensors += [*attribute.tensors, attribute.t]
            yield node, tensors


def _pictures() -> list[Any]:
    """Return three pictures that no encoder takes for the same: grey, a slope, and noise."""
    grey = np.full((300, 400, 3), 128, np.uint8)
    slope = np.broadcast_to(np.linspace(0, 255, 400)[None, :, None], (300, 400, 3))
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3))
    return [grey, slope.astype(np.uint8).copy(), noise.astype(np.uint8)]
