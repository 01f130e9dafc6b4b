"""Paths that break the process that writes to them; pool processes import this by its name."""

import os
import signal
import time
from pathlib import PosixPath


def kill_this_process(*_):
    os.kill(os.getpid(), signal.SIGKILL)
    os._exit(6)


class CrashingPath(PosixPath):
    def with_name(self, name):
        os._exit(3)


class KillingPath(PosixPath):
    def with_name(self, name):
        kill_this_process()


class HangingPath(PosixPath):
    def with_name(self, name):
        time.sleep(600)
        os._exit(4)


class GreedyPath(PosixPath):
    def with_name(self, name):
        raise MemoryError
