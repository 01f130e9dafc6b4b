"""The sandbox: scans are opened in processes that may hang, crash or run out of memory.

The process that asks reads nothing of a scan but its size and its first 16 bytes. A
decoder that brings its process down rejects the scan; a process that is ended from outside does
not.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from fcntl import F_ADD_SEALS, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE, fcntl
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Generic, Self, TypeVar

import numpy as np

from presslens.models.message import Message
from presslens.models.vocabulary import Image
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.archive import Member, extract_lent
from presslens.pipelines.scans.confinement import Protections
from presslens.pipelines.scans.decode import CHANNELS, MOST_FRAMES, list_pages, write_page
from presslens.pipelines.scans.pdf import Mark, too_complex
from presslens.pipelines.scans.reader import Reader, ReaderCrashed, ReaderLost, ReaderTimeout
from presslens.pipelines.scans.scan import (
    DEFAULT_LIMITS,
    Limits,
    PageSource,
    ReadingFailed,
    RejectReason,
    ScanFormat,
    ScanRejected,
    admit,
    shown,
)

T = TypeVar("T")

ATTEMPTS = 3
"""So many readers may be lost on a scan before its reading has failed."""

_MOST_UNZIPPED = 250
"""Most files of an archive that is unzipped: so many can be lent to a reader."""

_MOST_DETAIL = 1000
"""Most characters of why a scan is rejected, and of the name of an archive's member."""

# A process is replaced after so many calls, so that what a codec leaks doesn't add up.
_CALLS_PER_READER = 200
_SINGLE = frozenset({ScanFormat.JPEG, ScanFormat.PNG, ScanFormat.WEBP, ScanFormat.JPEG2000})


class Sandbox:
    """Opens scans in processes of its own; safe to share between threads.

    Processes start with the first scan that needs them, and are reused.
    """

    def __init__(
        self, limits: Limits = DEFAULT_LIMITS, *, processes: int = 1, modules: Sequence[str] = ()
    ) -> None:
        """Make a sandbox that is opened by ``with``.

        Args:
            limits: The limits of files, pages and archives.
            processes: Number of scans that are opened at a time.
            modules: Names of modules that its processes import beside those that open scans.
        """
        self.limits = limits
        self._modules = tuple(modules)
        self._places = threading.BoundedSemaphore(processes)
        self._lock = threading.Lock()
        self._idle: list[Reader] = []
        self._open = False

    def __enter__(self) -> Self:
        self._open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            readers, self._idle, self._open = self._idle, [], False
        for reader in readers:
            reader.close()

    def unpack(self, path: Path, name: str, into: Path) -> list[PageSource | ScanRejected]:
        """Return the pages of a file in order, a rejection for each unreadable one.

        Args:
            path: An image, a TIFF, a PDF or a ZIP archive.
            name: The file's name for people.
            into: The folder that the members of an archive are written into.

        Raises:
            ReadingFailed: The readers were ended from outside.
        """
        name = shown(name)
        try:
            kind = admit(path, name, limits=self.limits)
            if kind is ScanFormat.ZIP:
                return self._unpack_archive(path, name, into)
            if kind in _SINGLE:
                return [PageSource(path, 0, name)]
            with path.open("rb") as file:
                form = Form(list[int], ScanRejected, check=partial(_are_frames, self.limits))
                call = Call(self, name, form, list_pages, (kind, name, self.limits), [file])
                frames = call.result() if kind is not ScanFormat.PDF else _of_pdf(call)
        except ScanRejected as rejection:
            return [rejection]
        if len(frames) == 1:
            return [PageSource(path, frames[0], name)]
        return [PageSource(path, frame, f"{name}#{i}") for i, frame in enumerate(frames, 1)]

    def unzip(self, path: Path, into: Path) -> None:
        """Write all files of an archive into a folder, each by its name in the archive.

        Args:
            path: The archive, of at most ``_MOST_UNZIPPED`` files.
            into: The folder, which is empty.

        Raises:
            ScanRejected: It is no archive, or one of its files is refused; the error names it.
            ReadingFailed: The readers were ended from outside.
        """
        name, limits = shown(path.name), replace(self.limits, pages=_MOST_UNZIPPED)
        if admit(path, name, limits=limits) is not ScanFormat.ZIP:
            raise ScanRejected(name, RejectReason.UNKNOWN_FORMAT, Message("this is no ZIP"))
        targets, members = self._extract(path, name, into, limits, scans=False)
        for member in members:
            if isinstance(member, ScanRejected):
                raise member
            place = into / member.name.removeprefix(f"{name}/")
            with suppress(OSError):
                if ".." not in place.parts and place.is_relative_to(into) and not place.exists():
                    place.parent.mkdir(parents=True, exist_ok=True)
                    targets[member.place].rename(place)
                    continue
            detail = Message("its name in the archive can't be that of a file here")
            raise ScanRejected(member.name, RejectReason.UNSAFE_NAME, detail)
        targets[0].parent.rmdir()

    def decode(self, path: Path, frame: int, name: str, *, pdf_dpi: int) -> Image:
        """Return the pixels of a page: RGB, upright, shape (height, width, 3).

        Args:
            path: The file that holds the page.
            frame: Which page of that file, from 0.
            name: The page's name for people.
            pdf_dpi: Pixels per inch for pages of a PDF.

        Raises:
            ScanRejected: The page can't be read.
            ReadingFailed: The readers were ended from outside.
        """
        return self.start_decoding(path, frame, name, pdf_dpi=pdf_dpi).result()

    def start_decoding(self, path: Path, frame: int, name: str, *, pdf_dpi: int) -> Decoding:
        """Start to decode a page; see ``decode``. Its result must be fetched or cancelled.

        Raises:
            ScanRejected: The page can't be read, by the first bytes of its file.
        """
        source = PageSource(path, frame, shown(name))
        kind = admit(path, source.name, limits=self.limits)
        if kind is ScanFormat.ZIP:
            raise ScanRejected(
                source.name, RejectReason.UNKNOWN_FORMAT, Message("an archive is not a page")
            )
        args = (source, kind, pdf_dpi, self.limits)
        with ExitStack() as files:
            scan = files.enter_context(path.open("rb"))
            # Memory without a name: nothing is left of it, however this process ends.
            memory = os.memfd_create("page", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            pixels = files.enter_context(os.fdopen(memory, "r+b"))
            form = Form(
                tuple[int, int], ScanRejected, check=partial(_are_pixels, self.limits, pixels)
            )
            call = Call(self, source.name, form, write_page, args, [scan, pixels])
            return Decoding(call, kind, pixels, files.pop_all())

    @property
    def protections(self) -> Protections:
        """What holds in the processes that open scans.

        Raises:
            ReadingFailed: No process could be started.
        """
        reader = self.lend()
        try:
            return reader.protections
        except ReaderLost as loss:
            raise ReadingFailed(f"the reader was lost: {loss}") from None
        finally:
            self.take_back(reader)

    def run(
        self,
        name: str,
        form: Form[T],
        function: Callable[..., object],
        *args: object,
        files: Sequence[IO[bytes]] = (),
        last: bool = False,
    ) -> T:
        """Call a function in one of the processes, and return what it returns.

        Args:
            name: The scan's name for people.
            form: The form of what it returns, or raises.
            function: A function that can be imported by its name.
            args: Its first arguments.
            files: Open files that it is lent; their descriptors are its last arguments.
            last: The process is ended then, so that it can't change the files any more.

        Raises:
            ScanRejected: The function rejects, hangs, crashes, or needs too much memory.
            ReadingFailed: The readers were ended from outside.
        """
        return Call(self, name, form, function, args, files, last=last).result()

    def lend(self) -> Reader:
        """Return a reader that nobody else uses; wait for one if all are in use."""
        if not self._open:
            raise RuntimeError("the sandbox is not open: use it in a with statement")
        self._places.acquire()
        try:
            while (reader := self._pop_idle()) is not None:
                if reader.is_ready:
                    return reader
                reader.close()
            return Reader(self.limits, self._modules)
        except BaseException:
            self._places.release()
            raise

    def _pop_idle(self) -> Reader | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def take_back(self, reader: Reader) -> None:
        """Take back a reader that was lent; one that is dead or still runs a call is ended."""
        with self._lock:
            usable = self._open and reader.is_ready and reader.calls < _CALLS_PER_READER
            if usable:
                self._idle.append(reader)
        if not usable:
            reader.close()
        self._places.release()

    def _unpack_archive(self, path: Path, name: str, into: Path) -> list[PageSource | ScanRejected]:
        targets, members = self._extract(path, name, into, self.limits, scans=True)
        folder = targets[0].parent
        pages: list[PageSource | ScanRejected] = []
        for member in members:
            pages += (
                self.unpack(targets[member.place], member.name, folder)
                if isinstance(member, Member)
                else [member]
            )
        if len(pages) > self.limits.pages:
            shutil.rmtree(folder)
            detail = f"the archive holds more than the {self.limits.pages} pages that are read"
            raise ScanRejected(name, RejectReason.TOO_MANY_PAGES, detail)
        return pages

    def _extract(
        self, path: Path, name: str, into: Path, limits: Limits, *, scans: bool
    ) -> tuple[list[Path], list[Member | ScanRejected]]:
        """Write the members of an archive to files of a new folder, and return both."""
        into.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="archive-", dir=into))
        targets = [folder / f"{place:04d}" for place in range(limits.pages)]
        try:
            with ExitStack() as opened:
                files: list[IO[bytes]] = [opened.enter_context(path.open("rb"))]
                files += [opened.enter_context(target.open("xb")) for target in targets]
                form = Form(
                    list[Member | ScanRejected],
                    ScanRejected,
                    check=partial(_are_members, limits, name),
                )
                members = self.run(
                    name, form, extract_lent, name, limits, scans, files=files, last=True
                )
        except BaseException:
            shutil.rmtree(folder)
            raise
        written = {member.place for member in members if isinstance(member, Member)}
        for place, target in enumerate(targets):
            if place not in written:
                target.unlink()
        return targets, members


class Call(Generic[T]):
    """A call that a reader runs; it is made again where a reader is lost."""

    def __init__(
        self,
        sandbox: Sandbox,
        name: str,
        form: Form[T],
        function: Callable[..., object],
        args: tuple[object, ...],
        files: Sequence[IO[bytes]],
        *,
        last: bool = False,
    ) -> None:
        self._sandbox = sandbox
        self.name = name
        self.aborted = False
        self._form = form
        self._function = function
        self._args = args
        self._files = files
        self._last = last
        self._reader: Reader | None = None
        with suppress(ReaderLost):  # ``result`` starts again
            self._start()

    def result(self) -> T:
        """Return what the function returns; see ``Sandbox.run``."""
        causes: list[str] = []
        while len(causes) < ATTEMPTS:
            try:
                reader = self._reader or self._start()
                return reader.result(self._form)
            except ReaderLost as loss:
                causes.append(str(loss))
            except ScanRejected as rejection:
                detail = rejection.detail
                if len(detail) > _MOST_DETAIL:
                    self._last = True
                    raise _broken_down(self.name) from None
                raise ScanRejected(self.name, rejection.reason, detail) from None
            except ReaderTimeout:
                detail = Message("reading it takes longer than a page of its size may take")
                raise ScanRejected(self.name, RejectReason.TIMEOUT, detail) from None
            except MemoryError:
                gigabytes = self._sandbox.limits.memory_bytes / 2**30
                detail = Message(
                    "reading it takes more than the %(most)s GB of memory that it may have",
                    most=f"{gigabytes:.2g}",
                )
                raise ScanRejected(self.name, RejectReason.OUT_OF_MEMORY, detail) from None
            except ReaderCrashed as crash:
                self.aborted = crash.aborted
                raise _broken_down(self.name) from None
            finally:
                self._give_back()
        raise ReadingFailed(f"the reader was lost {len(causes)} times: {'; '.join(causes)}")

    def cancel(self) -> None:
        """End the call; nothing happens if it has a result."""
        self._give_back()

    def _start(self) -> Reader:
        reader = self._sandbox.lend()
        try:
            files = [file.fileno() for file in self._files]
            reader.start(self._function, *self._args, files=files)
        except ReaderLost:
            self._sandbox.take_back(reader)
            raise
        self._reader = reader
        return reader

    def _give_back(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            if self._last:
                reader.kill()
            self._sandbox.take_back(reader)


def _are_frames(limits: Limits, frames: list[int]) -> bool:
    return 0 < len(frames) <= limits.pages and all(
        0 <= frame <= MOST_FRAMES * limits.pages for frame in frames
    )


def _are_pixels(limits: Limits, pixels: IO[bytes], size: tuple[int, int]) -> bool:
    """Tell whether a file has the pixels of a page, and seal it: its reader may have it open still.

    One that has mapped it, or sealed it in another way, did so to go on to write.
    """
    height, width = size
    if not (0 < min(size) <= max(size) <= limits.side and width * height <= limits.pixels):
        return False
    try:
        fcntl(pixels, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
    except OSError:
        return False
    return os.fstat(pixels.fileno()).st_size == height * width * CHANNELS


def _are_members(limits: Limits, name: str, members: list[Member | ScanRejected]) -> bool:
    places = [member.place for member in members if isinstance(member, Member)]
    names = [member.name for member in members]
    return (
        len(set(places)) == len(places)
        and all(0 <= place < limits.pages for place in places)
        and len(members) <= limits.pages
        and all(len(one) <= _MOST_DETAIL and one == shown(one, _MOST_DETAIL) for one in names)
        and all(one.startswith(f"{name}/") for one in names)
    )


def _of_pdf(call: Call[T], pixels: IO[bytes] | None = None) -> T:
    """Return the result of a call that reads a PDF, or draws it.

    Args:
        pixels: Says which of both it did when it was ended for it; None: it only reads.

    Raises:
        ScanRejected: See ``Sandbox.run``; with the true reason where there was too much to do.
    """
    try:
        return call.result()
    except ScanRejected as rejection:
        short = call.aborted or rejection.reason is RejectReason.OUT_OF_MEMORY
        if not short and rejection.reason is not RejectReason.TIMEOUT:
            raise
        if pixels is None or os.pread(pixels.fileno(), 1, 0) == Mark.READING.value:
            raise too_complex(call.name) from None
        if short:
            detail = Message("drawing it takes more memory than a page of its size may take")
            raise ScanRejected(call.name, RejectReason.OUT_OF_MEMORY, detail) from None
        raise


def _broken_down(name: str) -> ScanRejected:
    detail = Message("the reader broke down on this file")
    return ScanRejected(name, RejectReason.CRASHED, detail)


@dataclass(frozen=True, slots=True)
class Decoding:
    """A page that is being decoded."""

    # The call that writes the pixels and returns the height and width of the page.
    call: Call[tuple[int, int]]
    kind: ScanFormat  # the format of its file
    pixels: IO[bytes]  # the file that they are written into
    files: ExitStack  # closes it, and the scan

    def result(self) -> Image:
        """Return the pixels of the page; see ``Sandbox.decode``."""
        with self.files:
            pdf = self.kind is ScanFormat.PDF
            height, width = _of_pdf(self.call, self.pixels) if pdf else self.call.result()
            # Mapped, not read: the pixels of a page are in memory once.
            return np.asarray(
                np.memmap(self.pixels, np.uint8, "c", shape=(height, width, CHANNELS))
            )

    def cancel(self) -> None:
        """Forget the page."""
        self.call.cancel()
        self.files.close()
