"""Paths that break the process that writes to them; pool processes import this by its name."""

from __future__ import annotations

import os
import time
from pathlib import PosixPath
from typing import NoReturn


class CrashingPath(PosixPath):
    def with_name(self, name: str) -> NoReturn:
        os._exit(3)


class HangingPath(PosixPath):
    def with_name(self, name: str) -> NoReturn:
        time.sleep(600)
        os._exit(4)
