"""Memory of this process."""

from __future__ import annotations

from ctypes import CDLL

ARENA_MAX, ARENAS = -8, 2
"""The option of ``mallopt`` (its number in ``malloc.h``), and how many arenas all threads share: by
default eight for each processor, of which each keeps what its threads have freed."""

MMAP_THRESHOLD, MAPPED_BYTES = -3, 4 * 1024**2
"""The option, and the size from which on an allocation is given back as soon as it is freed. By
default that size grows up to 32 MB, and arrays leave holes in the heap; half a megabyte would take
a quarter more of the processor for the first answers of 100,000 photos."""


def share_arenas() -> None:
    """Have the threads that this process will start share arenas, where its C library has them."""
    if (choose := getattr(CDLL(None), "mallopt", None)) is not None:
        choose(ARENA_MAX, ARENAS)
        choose(MMAP_THRESHOLD, MAPPED_BYTES)


def release_memory() -> None:
    """Give the system back what this process has freed, where its C library does so."""
    if (trim := getattr(CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
