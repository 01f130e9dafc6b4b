"""What the kernel takes away from a process that opens scans: files, network, other programs.

The process gets its scan and its targets as open files (``pipelines.scans.process``), so it needs
no name of a file. Landlock leaves it the libraries and the fonts to read, and nothing to write;
seccomp leaves it the system calls of a decoder, and none that makes a socket, a process or a name.
Each holds where the kernel has it, and ``Protections`` says which do.
"""

from __future__ import annotations

import ctypes
import errno
import math
import os
import resource
import struct
import sysconfig
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import seccompy
from landlockpy import AccessFS, LandlockError, Ruleset, Scope, abi_version
from seccompy import Action, ArgCmp, CmpOp, Filter, FilterFlag, SeccompError

_SCOPES_SINCE = 6
"""The version of Landlock that keeps signals and abstract sockets apart."""

_DESCRIPTORS = 512
"""Most open files of the process: those lent to it (253), and its own."""

_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts")
"""PDFium draws text whose font a PDF doesn't bring with those that are installed."""

_CALLS = """
access brk clock_getres clock_gettime clock_nanosleep close dup epoll_create1 exit exit_group
faccessat fadvise64 fcntl fdatasync flock fstat fsync ftruncate futex getcwd getdents64 getegid
geteuid getgid getpid getppid getrandom getresgid getresuid getrusage gettid gettimeofday getuid
lseek lstat madvise mincore mmap mprotect mremap munmap nanosleep newfstatat poll ppoll pread64
preadv pselect6 pwrite64 pwritev read readlink readlinkat readv recvmsg restart_syscall
rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigtimedwait sched_getaffinity
sched_yield select set_robust_list sigaltstack stat statfs statx sysinfo times
uname write writev
"""
"""Reading, writing and mapping of open files, memory, threads, clocks and its own signals."""

_WRITING = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CLONE_THREAD = 0x10000
_CAPABILITY_VERSION = 0x20080522
_CAP_DAC = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: libraries may belong to somebody else."""


@dataclass(frozen=True, slots=True)
class Protections:
    """What holds in a process that opens scans."""

    files: bool  # it can read nothing beside libraries and fonts but what it is lent (Landlock)
    # It can make no socket, no process and no file, and change none that it isn't lent (seccomp).
    calls: bool


def confine_process(libraries: Iterable[Path]) -> Protections:
    """Take from this process what decoding doesn't need; what it has open stays open.

    To be called in the only thread of the process: threads that it starts later are confined, too.

    Args:
        libraries: Folders that it may import from, beside Python's own.
    """
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))
    _drop_capabilities()
    has_filters = seccompy.supported()  # finds the C library, while it can be searched for
    files = _confine_files(libraries)
    return Protections(files=files, calls=has_filters and _confine_calls())


def allow_seconds(seconds: float) -> None:
    """Give this process so much more processor time, if its time is limited."""
    if resource.getrlimit(resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY:
        limit_seconds(seconds)


def allow_memory(more: int | None) -> None:
    """Give this process so many more bytes; None: as many as it may have at all.

    A process whose memory is not limited is left as it is.
    """
    _, hardest = resource.getrlimit(resource.RLIMIT_AS)
    if hardest == resource.RLIM_INFINITY:
        return
    most = hardest if more is None else min(hardest, allocated_memory() + more)
    resource.setrlimit(resource.RLIMIT_AS, (most, hardest))


def allocated_memory() -> int:
    """Return the bytes of address space that this process has taken."""
    global _taken
    if _taken is None:  # read on where a confined process can't open it
        _taken = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    return int(os.pread(_taken, 100, 0).split()[0]) * resource.getpagesize()


_taken: int | None = None
"""The file that says so."""


def limit_seconds(seconds: float) -> None:
    """Have the kernel end this process when it has used so much more processor time."""
    _, hardest = resource.getrlimit(resource.RLIMIT_CPU)
    most = math.ceil(time.process_time() + seconds)
    if hardest != resource.RLIM_INFINITY:
        most = min(most, hardest - 1)  # one that ends by its lifetime ends by a signal of its own
    resource.setrlimit(resource.RLIMIT_CPU, (most, hardest))


def _drop_capabilities() -> None:
    """Give up what an administrator may, raising limits among it, but reading what is installed."""
    header = struct.pack("<Ii", _CAPABILITY_VERSION, 0)
    allowed = struct.pack("<6I", _CAP_DAC, _CAP_DAC, 0, 0, 0, 0)
    capabilities = ctypes.create_string_buffer(24)
    c_library = ctypes.CDLL(None)
    c_library.capget(header, capabilities)
    few = bytes(have & may for have, may in zip(capabilities.raw, allowed, strict=True))
    c_library.capset(header, few)


def _confine_files(libraries: Iterable[Path]) -> bool:
    own = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
    places = {*libraries, *map(Path, (*own, *_FONTS))}
    try:
        scopes = Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET
        if abi_version() < _SCOPES_SINCE:
            scopes = Scope.NONE
        with Ruleset(scoped=scopes) as rules:
            for place in places:
                if place.is_dir():
                    rules.allow_path(place, AccessFS.READ_FILE | AccessFS.READ_DIR)
            rules.restrict()
    except LandlockError:  # the kernel has none, or its container forbids it
        return False
    return True


def _confine_calls() -> bool:
    # What is not on the list doesn't exist: libraries then take an older way, where there is one.
    rules = Filter(Action.ERRNO | errno.ENOSYS, flags=FilterFlag.TSYNC)
    try:
        for name in _CALLS.split():
            _allow(rules, name)
        _allow(rules, "open", ArgCmp(1, CmpOp.MASKED_EQ, os.O_RDONLY, _WRITING))
        _allow(rules, "openat", ArgCmp(2, CmpOp.MASKED_EQ, os.O_RDONLY, _WRITING))
        _allow(rules, "clone", ArgCmp(0, CmpOp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
        # Limits may be read, and those of a call set below the process's own.
        limits = (resource.RLIMIT_CPU, resource.RLIMIT_AS)
        for only in (ArgCmp(2, CmpOp.EQ, 0), *(ArgCmp(1, CmpOp.EQ, limit) for limit in limits)):
            _allow(rules, "prlimit64", ArgCmp(0, CmpOp.EQ, 0), only)
        rules.errno("ioctl", errno.ENOTTY)
        for name in ("kill", "tgkill"):  # abort(3) and raise(3)
            _allow(rules, name, ArgCmp(0, CmpOp.EQ, os.getpid()))
        rules.load()
    except SeccompError:
        return False
    return True


def _allow(rules: Filter, name: str, *only: ArgCmp) -> None:
    try:
        rules.allow(name, args=only or None)
    except (KeyError, ValueError):  # a processor without this older call
        return
