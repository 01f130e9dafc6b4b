import ctypes
import operator
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from presslens.pipelines.scans.answer import ChildFailed, Form
from presslens.pipelines.scans.process import ChildProcess
from presslens.pipelines.scans.sandbox import ATTEMPTS, Sandbox
from presslens.pipelines.scans.scan import (
    Limits,
    PageSource,
    ReadingFailed,
    RejectReason,
    ScanRejected,
)


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.png"
    Image.new("RGB", (30, 40), "red").save(path)
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A page of noise, which takes most of a second to decode."""
    path = tmp_path_factory.mktemp("large") / "page.png"
    noise = np.random.default_rng(1).integers(0, 256, (3000, 3000, 3), np.uint8)
    Image.fromarray(noise).save(path, compress_level=6)
    return path


# What a codec may do to its process, done by functions that every process has.
@pytest.mark.parametrize(
    ("function", "arguments", "reason"),
    [
        (sum, (range(10**15),), RejectReason.TIMEOUT),
        (bytearray, (2**33,), RejectReason.OUT_OF_MEMORY),
        (ctypes.string_at, (0,), RejectReason.CRASHED),
        (os.abort, (), RejectReason.CRASHED),
        (os._exit, (3,), RejectReason.CRASHED),
    ],
)
def test_the_sandbox_survives_what_happens_in_it(page, function, arguments, reason):
    with Sandbox(Limits(seconds=0.5)) as sandbox:
        with pytest.raises(ScanRejected) as caught:
            sandbox.run("page.jpg", Form(None), function, *arguments)
        assert caught.value.name == "page.jpg"
        assert caught.value.reason is reason
        assert sandbox.run("page.jpg", Form(int), operator.add, 2, 3) == 5


# What somebody else may do to the process, or a device that doesn't answer.
@pytest.mark.parametrize(
    ("function", "arguments", "cause"),
    [
        (signal.raise_signal, (signal.SIGKILL,), "SIGKILL"),
        (signal.raise_signal, (signal.SIGUSR1,), "SIGUSR1"),
        (signal.raise_signal, (signal.SIGSTOP,), "used no processor"),
        (time.sleep, (60,), "used no processor"),
    ],
)
def test_what_is_not_the_file_s_fault_is_retried_and_then_no_rejection(
    page, function, arguments, cause
):
    with Sandbox(Limits(seconds=0.5)) as sandbox:
        with pytest.raises(ReadingFailed, match=f"lost {ATTEMPTS} times: .*{cause}"):
            sandbox.run("page.jpg", Form(None), function, *arguments)
        assert sandbox.decode(page, 0, "page.jpg", pdf_dpi=72).shape == (40, 30, 3)


@pytest.mark.parametrize(
    ("number", "during"),
    [
        *product((signal.SIGKILL, signal.SIGTERM), (True, False)),
        (signal.SIGSTOP, True),
        *(
            pytest.param(*signalled, marks=pytest.mark.long)
            for signalled in [(signal.SIGSTOP, False), *product((signal.SIGINT,), (True, False))]
        ),
    ],
)
def test_a_good_page_is_decoded_when_its_reader_is_signalled(large, number, during):
    with Sandbox(Limits(seconds=4)) as sandbox:
        reader = sandbox.run("page", Form(int), os.getpid)
        if during:
            decoding = sandbox.start_decoding(large, 0, "page", pdf_dpi=72)
            os.kill(reader, number)
        else:
            os.kill(reader, number)
            decoding = sandbox.start_decoding(large, 0, "page", pdf_dpi=72)
        assert decoding.result().shape == (3000, 3000, 3)
        ended = number in {signal.SIGKILL, signal.SIGSTOP}
        assert (sandbox.run("page", Form(int), os.getpid) != reader) is ended


def test_files_that_need_too_much_are_rejected_for_that(large):
    for limits, reason in (
        (Limits(memory_bytes=2**24), RejectReason.OUT_OF_MEMORY),
        (Limits(seconds=0.05), RejectReason.TIMEOUT),
    ):
        with Sandbox(limits) as sandbox, pytest.raises(ScanRejected) as caught:
            sandbox.decode(large, 0, "page", pdf_dpi=72)
        assert caught.value.reason is reason


LEAVE_A_BUSY_READER = """
import builtins, os, time
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.sandbox import Call, Sandbox
sandbox = Sandbox().__enter__()
builtins.reader = sandbox.run("page", Form(int), os.getpid)
builtins.call = Call(sandbox, "page", Form(None), time.sleep, (600,), ())
"""


def test_a_busy_reader_ends_when_the_process_that_started_it_is_killed():
    child = ChildProcess()
    child.send(exec, LEAVE_A_BUSY_READER)
    child.send(eval, "__import__('builtins').reader")
    child.receive(Form(None))
    reader = child.receive(Form(int))
    assert is_running(reader)
    child.kill()
    end = time.monotonic() + 30
    while is_running(reader) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_running(reader)


DECODE = """
import pathlib, tempfile
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.sandbox import Sandbox
tempfile.tempdir = {folder!r}
sandbox = Sandbox().__enter__()
sandbox.run("page", Form(int), eval, "1")
decoding = sandbox.start_decoding(pathlib.Path({path!r}), 0, "page", pdf_dpi=72)
"""


def test_no_pixels_stay_in_the_temporary_folder_after_a_kill(large, tmp_path):
    child = ChildProcess()
    child.send(exec, DECODE.format(folder=str(tmp_path), path=str(large)))
    child.receive(Form(None))
    assert list(tmp_path.iterdir()) == []
    child.kill()
    assert list(tmp_path.iterdir()) == []


def is_running(process):
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_cancelled_page_leaves_its_place(page, large):
    with Sandbox() as sandbox:
        for _ in range(2):
            sandbox.start_decoding(large, 0, "large", pdf_dpi=72).cancel()
        assert sandbox.decode(page, 0, "page", pdf_dpi=72).shape == (40, 30, 3)


def test_a_crash_in_a_row_is_always_the_right_one_s(page):
    with Sandbox() as sandbox:
        for _ in range(5):
            with pytest.raises(ScanRejected) as caught:
                sandbox.run("bad", Form(None), os.abort)
            assert caught.value.reason is RejectReason.CRASHED
            assert sandbox.decode(page, 0, "good", pdf_dpi=72).shape == (40, 30, 3)


def test_a_process_that_dies_while_idle_is_replaced(page):
    with Sandbox() as sandbox:
        child = sandbox.run("page", Form(int), os.getpid)
        os.kill(child, signal.SIGKILL)
        assert sandbox.decode(page, 0, "page", pdf_dpi=72).shape == (40, 30, 3)
        assert sandbox.run("page", Form(int), os.getpid) != child


def test_other_errors_are_not_hidden():
    with Sandbox() as sandbox, pytest.raises(ChildFailed, match=r"^ZeroDivisionError: "):
        sandbox.run("page", Form(int), operator.truediv, 1, 0)


def test_one_process_serves_many_pages(page):
    with Sandbox() as sandbox:
        sandbox.decode(page, 0, "page", pdf_dpi=72)
        first = sandbox.run("page", Form(int), os.getpid)
        sandbox.decode(page, 0, "page", pdf_dpi=72)
        assert sandbox.run("page", Form(int), os.getpid) == first != os.getpid()


def test_threads_share_a_sandbox(tmp_path):
    paths = []
    for i in range(8):
        paths.append(tmp_path / f"{i}.png")
        Image.new("RGB", (10, 10), (i, i, i)).save(paths[-1])
    with Sandbox(processes=2) as sandbox, ThreadPoolExecutor(4) as threads:
        pages = threads.map(lambda path: sandbox.decode(path, 0, path.name, pdf_dpi=72), paths)
        assert [int(page[0, 0, 0]) for page in pages] == list(range(8))


def test_the_reader_imports_no_models():
    with Sandbox() as sandbox:
        names = sandbox.run("page", Form(list[str]), eval, "sorted(__import__('sys').modules)")
    assert not {"torch", "cv2", "sqlalchemy", "fastapi"} & set(names)


def test_nothing_stays_behind(page, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    threads = threading.active_count()
    with Sandbox() as sandbox:
        sandbox.decode(page, 0, "page", pdf_dpi=72)
        child = sandbox.run("page", Form(int), os.getpid)
        assert list(scratch.iterdir()) == []
    assert list(scratch.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert threading.active_count() == threads


def test_pixels_can_be_written_to(page):
    with Sandbox() as sandbox:
        pixels = sandbox.decode(page, 0, "page", pdf_dpi=72)
    pixels[0, 0] = 7
    np.testing.assert_array_equal(pixels[0, :2], [[7, 7, 7], [255, 0, 0]])


def test_a_closed_sandbox_says_so(page):
    with pytest.raises(RuntimeError, match="not open"):
        Sandbox().decode(page, 0, "page", pdf_dpi=72)


def test_a_picture_is_a_page_without_being_opened(sandbox, page, tmp_path):
    assert sandbox.unpack(page, "front.png", tmp_path) == [PageSource(page, 0, "front.png")]


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", RejectReason.EMPTY), (b"only words", RejectReason.UNKNOWN_FORMAT)]
)
def test_unpack_gives_a_refusal_and_decode_raises_it(sandbox, tmp_path, content, reason):
    path = tmp_path / "page.jpg"
    path.write_bytes(content)
    (rejection,) = sandbox.unpack(path, "page\n.jpg", tmp_path)
    assert isinstance(rejection, ScanRejected)
    assert (rejection.name, rejection.reason) == ("page\N{REPLACEMENT CHARACTER}.jpg", reason)
    with pytest.raises(ScanRejected) as caught:
        sandbox.decode(path, 0, "page.jpg", pdf_dpi=72)
    assert caught.value.reason is reason
