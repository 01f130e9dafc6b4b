"""What is never trained on: decided by a hash of the key, so that it stays so for good."""

from __future__ import annotations

import hashlib


def held_out(key: str, share: float) -> bool:
    """Tell whether the items of a group are kept for measuring.

    The answer depends on nothing but the key: adding photos moves none from one side to the
    other, and a larger share holds out all that a smaller one does.

    Args:
        key: What belongs together, "rodong_sinmun_photos/2021-06-17" for instance.
        share: The share of keys to hold out, 0–1.
    """
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64
