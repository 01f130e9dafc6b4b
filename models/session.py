"""Opens networks with onnxruntime, with the same options for all."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnxruntime

ERRORS_ONLY = 3
"""Old exports list initializers that nothing uses; onnxruntime warns of each."""


KEPT = 256 * 2**20
"""Bytes of free memory, at its end, that a process keeps between two runs of its networks."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's ``mallopt``."""

_providers = ["CPUExecutionProvider"]


def lend_gpu() -> None:
    """Run the networks that this process opens from now on on its GPU, if onnxruntime can."""
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        _providers.insert(0, "CUDAExecutionProvider")


def keep_memory() -> None:
    """Let this process keep memory that a network has given back, for the next one.

    glibc returns large blocks to the kernel, which clears each page of them when it gives it out
    again: 30,000 pages a photo of the special sample edition, a tenth of the processor time. With
    this a process has 600 MB between two scans in place of 450; its peak is the same. Other C
    libraries don't have the call, and stay as they are.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, 4 * KEPT)
        libc.mallopt(_TRIM_THRESHOLD, KEPT)


def open_session(network: Path | bytes, *, threads: int) -> onnxruntime.InferenceSession:
    """Return a network that is ready to run, on the processor unless ``lend_gpu`` was called.

    The memory of a run is given back when the run ends, to the process (``keep_memory``).
    onnxruntime's own arenas keep the largest blocks of every input size that a network has met, and
    photos have all sizes: a process had 1.3 GB after 6 composed pages and grew on, without them
    0.5 GB after 6 and after 49. One arena for all networks grew too: 0.7 GB after 3 pages, 0.9 GB
    after 40.

    Threads that wait for work sleep: when they spin, as they do by default, a page took 1.75 times
    the processor time with two threads on a busy machine (17.4 s against 9.9 s).

    Args:
        network: An ONNX file, or the content of one.
        threads: CPU threads for one call; 0 takes all.
    """
    import onnxruntime  # here alone: most who import this module open no network

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = ERRORS_ONLY
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False  # plans one block a size of input, and keeps the plans
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(network, options, providers=list(_providers))
