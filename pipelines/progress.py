"""What callbacks of long work receive; one name for each signature."""

from __future__ import annotations

from collections.abc import Callable

OnProgress = Callable[[int, int, str], None]
"""Called with the number of items done, the number of all, and the name of the last one."""

OnCount = Callable[[int, int], None]
"""Called with the number of items done, and the number of all."""

OnStep = Callable[[str], None]
"""Called with the name of each step as it begins."""
