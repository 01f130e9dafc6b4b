"""The sandbox: scans are opened in processes that may hang, crash or run out of memory.

The process that asks reads nothing of a scan but its size and its first 16 bytes.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

import numpy as np
from pebble import ProcessExpired, ProcessPool

from models.vocabulary import Image
from pipelines.scans.archive import Member, extract
from pipelines.scans.decode import harden, list_pages, write_page
from pipelines.scans.rejection import RejectReason, ScanRejected
from pipelines.scans.scan import DEFAULT_LIMITS, Limits, PageSource, ScanFormat, admit, shown

T = TypeVar("T")

# A process is replaced after so many tasks, so that what a codec leaks doesn't add up.
_TASKS_PER_PROCESS = 200
_SINGLE = frozenset({ScanFormat.JPEG, ScanFormat.PNG, ScanFormat.WEBP, ScanFormat.JPEG2000})


class Sandbox:
    """Opens scans in processes of its own; safe to share between threads.

    Processes start with the first scan that needs them, and are reused.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS, *, processes: int = 1) -> None:
        """Make a sandbox that is opened by ``with``.

        Args:
            limits: What is refused.
            processes: How many scans are opened at a time.
        """
        self.limits = limits
        self._processes = processes
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        self._scratch = tempfile.TemporaryDirectory(prefix="presslens-")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        scratch, self._scratch = self._scratch, None
        if self._pool is not None:
            self._discard(self._pool)
        if scratch is not None:
            scratch.cleanup()

    def unpack(self, path: Path, name: str, into: Path) -> list[PageSource | ScanRejected]:
        """Return the pages of a file in order, a rejection for each unreadable one.

        Args:
            path: An image, a TIFF, a PDF or a ZIP archive.
            name: What it is called for people.
            into: The folder that the members of an archive are written into.
        """
        name = shown(name)
        try:
            kind = admit(path, name, limits=self.limits)
            if kind is ScanFormat.ZIP:
                return self._unpack_archive(path, name, into)
            if kind in _SINGLE:
                return [PageSource(path, 0, name)]
            return [*self.run(name, list_pages, path, kind, name, self.limits)]
        except ScanRejected as rejection:
            return [rejection]

    def decode(self, path: Path, frame: int, name: str, *, pdf_dpi: int) -> Image:
        """Return the pixels of a page: RGB, upright, shape (height, width, 3).

        Args:
            path: The file that holds the page.
            frame: Which page of that file, from 0.
            name: What the page is called for people.
            pdf_dpi: Pixels per inch for pages of a PDF.

        Raises:
            ScanRejected: The page can't be read.
        """
        source = PageSource(path, frame, shown(name))
        kind = admit(path, source.name, limits=self.limits)
        if kind is ScanFormat.ZIP:
            raise ScanRejected(source.name, RejectReason.UNKNOWN_FORMAT, "an archive is not a page")
        pixels = self._folder() / uuid4().hex
        try:
            height, width = self.run(
                source.name, _write, source, kind, pixels, pdf_dpi, self.limits
            )
            return np.fromfile(pixels, np.uint8).reshape(height, width, 3)
        finally:
            pixels.unlink(missing_ok=True)

    def run(self, name: str, function: Callable[..., T], *args: object) -> T:
        """Call a function in one of the processes, and return what it returns.

        Args:
            name: What the scan that it is called for is called for people.
            function: A function that can be imported by its name.
            args: What it is called with.

        Raises:
            ScanRejected: The function refuses, hangs, crashes, or needs too much memory.
        """
        for _ in range(2):
            pool = self._running()
            try:
                return self._result(pool, name, function, args)
            except BrokenProcessPool:
                # Another task's crash may have broken the pool, so this one has a second try.
                self._discard(pool)
        raise ScanRejected(name, RejectReason.CRASHED, "the reader broke down on this file")

    def _result(
        self, pool: ProcessPool, name: str, function: Callable[..., T], args: tuple[object, ...]
    ) -> T:
        try:
            future = pool.schedule(function, args=args, timeout=self.limits.seconds)
        except RuntimeError as error:
            raise BrokenProcessPool from error
        try:
            result: T = future.result()
        except TimeoutError:
            detail = f"reading it takes longer than {self.limits.seconds:g} seconds"
            raise ScanRejected(name, RejectReason.TIMEOUT, detail) from None
        except MemoryError:
            raise self._out_of_memory(name) from None
        except ProcessExpired as error:
            # Nobody else kills with SIGKILL but the kernel when memory runs out.
            if error.exitcode == -signal.SIGKILL:
                raise self._out_of_memory(name) from None
            detail = "the reader broke down on this file"
            raise ScanRejected(name, RejectReason.CRASHED, detail) from None
        finally:
            # Without effect on what is done; ends the work when the wait is broken off.
            future.cancel()
        return result

    def _out_of_memory(self, name: str) -> ScanRejected:
        gigabytes = self.limits.memory_bytes / 2**30
        detail = f"reading it takes more than the {gigabytes:.2g} GB of memory that it may have"
        return ScanRejected(name, RejectReason.OUT_OF_MEMORY, detail)

    def _unpack_archive(self, path: Path, name: str, into: Path) -> list[PageSource | ScanRejected]:
        into.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="archive-", dir=into))
        try:
            members = self.run(name, extract, path, folder, name, self.limits)
        except ScanRejected:
            shutil.rmtree(folder)
            raise
        pages: list[PageSource | ScanRejected] = []
        for member in members:
            pages += (
                self.unpack(member.path, member.name, folder)
                if isinstance(member, Member)
                else [member]
            )
        if len(pages) > self.limits.pages:
            shutil.rmtree(folder)
            detail = f"the archive holds more than the {self.limits.pages} pages that are read"
            raise ScanRejected(name, RejectReason.TOO_MANY_PAGES, detail)
        return pages

    def _folder(self) -> Path:
        if self._scratch is None:
            raise RuntimeError("the sandbox is not open: use it in a with statement")
        return Path(self._scratch.name)

    def _running(self) -> ProcessPool:
        self._folder()
        with self._lock:
            if self._pool is None:
                # Spawned, not forked: the process that asks may have threads and torch.
                self._pool = ProcessPool(
                    max_workers=self._processes,
                    max_tasks=_TASKS_PER_PROCESS,
                    initializer=confine,
                    initargs=(self.limits, os.getpid()),
                    context=multiprocessing.get_context("spawn"),
                )
            return self._pool

    def _discard(self, pool: ProcessPool) -> None:
        with self._lock:
            mine = self._pool is pool
            if mine:
                self._pool = None
        if not mine:
            return
        pool.close()
        pool.join()


def confine(limits: Limits, parent: int) -> None:
    """Set the limits of this process, before it sees a scan.

    Args:
        limits: How much memory it may take on top of what it has now, among others.
        parent: The process that must not be outlived.
    """
    # At once, even inside a codec: pebble's own handler waits for Python to be reached.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    harden(limits)
    # libtiff complains to the terminal of whoever asked; what matters comes back as a reason.
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _write(
    source: PageSource, kind: ScanFormat, target: Path, pdf_dpi: int, limits: Limits
) -> tuple[int, int]:
    return write_page(source, kind, target, pdf_dpi=pdf_dpi, limits=limits)
