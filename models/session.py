"""How a network is opened: by onnxruntime, with the same options for all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnxruntime

ERRORS_ONLY = 3
"""Old exports list initializers that nothing uses; onnxruntime warns of each."""


def open_session(network: Path | bytes, *, threads: int) -> onnxruntime.InferenceSession:
    """Return a network that is ready to run on the processor.

    Args:
        network: An ONNX file, or what would be in one.
        threads: CPU threads for one call; 0 takes all.
    """
    import onnxruntime  # here alone: most who import this module open no network

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = ERRORS_ONLY
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
