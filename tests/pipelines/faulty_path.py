"""Paths that break the process that writes to them; pool processes import this by its name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import PosixPath
from typing import NoReturn


def kill_this_process(*_: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    os._exit(6)


class CrashingPath(PosixPath):
    def with_name(self, name: str) -> NoReturn:
        os._exit(3)


class KillingPath(PosixPath):
    def with_name(self, name: str) -> NoReturn:
        kill_this_process()


class HangingPath(PosixPath):
    def with_name(self, name: str) -> NoReturn:
        time.sleep(600)
        os._exit(4)


class GreedyPath(PosixPath):
    def with_name(self, name: str) -> NoReturn:
        raise MemoryError
