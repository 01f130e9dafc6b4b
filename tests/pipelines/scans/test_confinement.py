"""What a process that opens scans can't do, tried in such a process on this kernel."""

import operator
import os
import resource
import signal
import socket

import pytest

from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.confinement import Protections
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import Limits, RejectReason, ScanRejected

PROTECTIONS = pytest.mark.usefixtures("whole_protections")
OPEN_BY_X32 = 0x40000000 | 2
IO_URING_SETUP = 425


@pytest.fixture
def whole_protections(sandbox):
    if sandbox.protections != Protections(files=True, calls=True):
        pytest.skip(f"this kernel gives {sandbox.protections}")


@PROTECTIONS
def test_a_reader_has_neither_files_nor_network_nor_programs(sandbox, tmp_path, subtests):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    attempts = [
        (open, ("/etc/passwd",)),
        (open, (str(secret),)),
        (open, ("/proc/self/environ",)),
        (open, (str(tmp_path / "new"), "w")),
        (open, (str(secret), "a")),
        (os.listdir, (str(tmp_path),)),
        (os.open, (str(tmp_path), os.O_TMPFILE | os.O_RDWR)),
        (os.mkdir, (str(tmp_path / "folder"),)),
        (os.unlink, (str(secret),)),
        (os.rename, (str(secret), str(tmp_path / "other"))),
        (os.symlink, ("/etc/passwd", str(tmp_path / "link"))),
        (os.link, (str(secret), str(tmp_path / "link"))),
        (os.chmod, (str(secret), 0o777)),
        (os.memfd_create, ("memory",)),
        (os.mkfifo, (str(tmp_path / "pipe"),)),
        (socket.socket, (socket.AF_INET, socket.SOCK_STREAM)),
        (socket.socket, (socket.AF_INET, socket.SOCK_DGRAM)),
        (socket.socket, (socket.AF_UNIX,)),
        (socket.socketpair, ()),
        (socket.create_connection, (("127.0.0.1", 9), 1)),
        (os.fork, ()),
        (os.execv, ("/bin/true", ["true"])),
        (os.posix_spawn, ("/bin/true", ["true"], {})),
        (os.kill, (os.getpid(), 0)),
        (os.kill, (-1, 0)),
        (resource.setrlimit, (resource.RLIMIT_NOFILE, (9999, 9999))),
    ]
    for function, arguments in attempts:
        with subtests.test(f"{function.__name__}{arguments}"), pytest.raises(OSError):  # noqa: PT011
            sandbox.run("page", Form(None), function, *arguments)
    # As another ABI names it, and a way around system calls: the C library's own syscall().
    for number in (OPEN_BY_X32, IO_URING_SETUP):
        call = f"__import__('ctypes').CDLL(None).syscall({number}, b'/etc/passwd', 0)"
        assert sandbox.run("page", Form(int), eval, call) == -1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert secret.read_text() == "secret"


@PROTECTIONS
def test_a_reader_has_threads_and_they_are_confined(sandbox):
    threads = "__import__('threading')"
    assert sandbox.run("page", Form(int), eval, f"{threads}.active_count()") == 2
    with pytest.raises(PermissionError):
        sandbox.run("page", Form(None), eval, IN_A_THREAD)


IN_A_THREAD = (
    "__import__('concurrent.futures').futures.ThreadPoolExecutor(1)"
    ".submit(open, '/etc/passwd').result()"
)


def test_limits_of_a_reader_are_set(sandbox):
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 450_000_000),
        (resource.RLIMIT_NOFILE, 512),
    ):
        assert sandbox.run("page", Form(tuple[int, int]), resource.getrlimit, what) == (most, most)
    memory, _ = resource_limit(sandbox, resource.RLIMIT_AS)
    assert memory < 1.8 * 2**30
    seconds, _ = resource_limit(sandbox, resource.RLIMIT_CPU)
    assert (
        seconds
        <= 8 + sandbox.run("page", Form(float), eval, "__import__('time').process_time()") + 1
    )


def resource_limit(sandbox, what):
    return sandbox.run("page", Form(tuple[int, int]), resource.getrlimit, what)


def test_the_kernel_ends_what_uses_too_much_of_the_processor():
    with Sandbox(Limits(least_seconds=0.1)) as sandbox:
        with pytest.raises(ScanRejected) as caught:
            sandbox.run("page", Form(int), sum, range(10**15))
        assert caught.value.reason is RejectReason.TIMEOUT
        with pytest.raises(ScanRejected):
            sandbox.run("page", Form(None), signal.raise_signal, signal.SIGXCPU)
        assert sandbox.run("page", Form(int), operator.add, 1, 2) == 3


def test_a_limit_of_time_grows_with_the_page():
    limits = Limits()
    assert [limits.seconds_for(pixels) for pixels in (0, 10**6, 75_000_000, 150_000_000)] == [
        8.0,
        8.0,
        22.5,
        45.0,
    ]
    assert Limits(seconds=1).seconds_for(0) == 1
