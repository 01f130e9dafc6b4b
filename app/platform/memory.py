"""Memory of this process."""

from __future__ import annotations

from ctypes import CDLL


def release_memory() -> None:
    """Give the system back what this process has freed, where its C library does so."""
    if (trim := getattr(CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
