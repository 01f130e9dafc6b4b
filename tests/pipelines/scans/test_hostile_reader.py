"""A reader that was taken over by a scan answers what it likes: its parent believes nothing."""

import operator
import os
import pickle
import signal
import struct
import time

import pytest
from PIL import Image

from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import Limits, ReadingFailed, RejectReason, ScanRejected

TAKE_OVER = """
import os, socket, struct, time
from presslens.pipelines.scans import process

def lie(channel):
    _, files, _, _ = socket.recv_fds(channel, 1, 253)
    number, size = struct.unpack("<QQ", os.read(channel.fileno(), 16))
    while size:
        size -= len(os.read(channel.fileno(), size))
    def say(text=b"", arrays=b"", number=number, lengths=None):
        head = struct.pack("<QII", number, *(lengths or (len(text), len(arrays))))
        content = head + text + arrays
        while content:
            content = content[os.write(channel.fileno(), content):]
    {lie}

process._serve_call = lie
"""
"""What a decoder does that has code of a scan run: it has all that its process has."""

SIZE = "b'[\"done\", [40, 30]]'"
FILL = "os.ftruncate(files[1], 3600);"


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.png"
    Image.new("RGB", (30, 40), "red").save(path)
    return path


@pytest.fixture(scope="module")
def box():
    with Sandbox(Limits(seconds=2.0)) as sandbox:
        yield sandbox


def take_over(sandbox, lie):
    """Have the reader lie from now on; return its process."""
    reader = sandbox.run("page", Form(int), os.getpid)
    sandbox.run("page", Form(None), exec, TAKE_OVER.replace("{lie}", lie), {})
    return reader


class Bomb:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


LIES = {
    "a picture of other sides": f"{FILL} say(b'[\"done\", [41, 30]]')",
    "a picture without a size": f"{FILL} say(b'[\"done\", [0, 0]]')",
    "a negative size": f"{FILL} say(b'[\"done\", [-40, -30]]')",
    "a size that is no number": f"{FILL} say(b'[\"done\", [NaN, 30]]')",
    "a size of halves": f"{FILL} say(b'[\"done\", [40.0, 30.0]]')",
    "a size beyond the limits": f"{FILL} say(b'[\"done\", [1, 100000]]')",
    "a third side": f"{FILL} say(b'[\"done\", [40, 30, 1]]')",
    "a file that is too short": f"os.ftruncate(files[1], 3599); say({SIZE})",
    "a file that is too long": f"os.ftruncate(files[1], 3601); say({SIZE})",
    "an empty file": f"say({SIZE})",
    "a file that is sealed against its owner": (
        f"{FILL} __import__('fcntl').fcntl(files[1], 1033, 1); say({SIZE})"
    ),
    "a file that it can go on to write": (
        f"{FILL} global mapped; mapped = __import__('mmap').mmap(files[1], 3600); say({SIZE})"
    ),
    "a reason that there is not": (
        'say(b\'["error", "ScanRejected", ["page", "because", "so"], "", ""]\')'
    ),
    "a detail without end": (
        'say(b\'["error", "ScanRejected", ["a", "corrupt", "%s"], "", ""]\' % (b"a" * 5000))'
    ),
    "a sentence that fills the memory": (
        'say(b\'["error", "ScanRejected", ["a", "corrupt", {"template": "%(a)999999999s", "values":'
        ' {"a": 1}}], "", ""]\')'
    ),
    "no JSON": "say(b'!')",
    "nothing": "say(b'')",
    "lists in lists": "say(b'[' * 1000000)",
    "lists without end": "say(b'[\"done\", [' + b'[],' * 2000000 + b'0]]')",
    "arrays that nobody asked for": f"{FILL} say({SIZE}, b'abc')",
    "an answer of 4 GB that is announced": "say(lengths=(2**32 - 1, 0))",
    "arrays of 4 GB that are announced": "say(b'1', lengths=(1, 2**32 - 1))",
    "a text of 100 MB": "say(b'a' * 100_000_000)",
    "an answer to another call": f"{FILL} say({SIZE}, number=number + 1)",
    "an answer to an earlier call": f"{FILL} say({SIZE}, number=number - 1)",
    "a half": "os.write(channel.fileno(), b'abc'); os._exit(0)",
    "one byte after another": (
        "say(lengths=(1000, 0))\n"
        "    for _ in range(900): os.write(channel.fileno(), b'['); time.sleep(.1)"
    ),
    "its own end": "os._exit(0)",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_lie_rejects_the_scan_and_ends_the_reader(box, page, lie):
    reader = take_over(box, lie)
    with pytest.raises(ScanRejected) as caught:
        box.decode(page, 0, "page", pdf_dpi=72)
    assert (caught.value.name, caught.value.reason) == ("page", RejectReason.CRASHED)
    assert caught.value.detail == "the reader broke down on this file"
    assert box.decode(page, 0, "page", pdf_dpi=72).shape == (40, 30, 3)
    assert box.run("page", Form(int), os.getpid) != reader


def test_what_it_pickles_is_not_run(box, page, tmp_path):
    marker = tmp_path / "ran"
    pickled = pickle.dumps((True, Bomb(marker)))
    assert not marker.exists()
    # As the parent read answers once: a length of four bytes, and the pickle.
    framed = struct.pack("!i", len(pickled)) + pickled + bytes(100)
    for lie in (f"say({pickled!r})", f"os.write(channel.fileno(), {framed!r})"):
        take_over(box, lie)
        with pytest.raises(ScanRejected) as caught:
            box.decode(page, 0, "page", pdf_dpi=72)
        assert caught.value.reason is RejectReason.CRASHED
        assert not marker.exists()


def test_a_reader_that_is_silent_is_ended_in_time(box, page):
    take_over(box, "time.sleep(600)")
    # The next reader is another one, which doesn't lie.
    assert box.decode(page, 0, "page", pdf_dpi=72).shape == (40, 30, 3)


def test_a_second_answer_is_of_no_use(box, page):
    reader = take_over(box, f"{FILL} say({SIZE}); say({SIZE})")
    assert box.decode(page, 0, "page", pdf_dpi=72).shape == (40, 30, 3)
    with pytest.raises(ScanRejected) as caught:
        box.decode(page, 0, "page", pdf_dpi=72)
    assert caught.value.reason is RejectReason.CRASHED
    assert box.run("page", Form(int), os.getpid) != reader


def test_pixels_stay_as_they_were_answered(box, page):
    reader = take_over(
        box,
        "global copy\n"
        "    if files:\n"
        f"        {FILL} copy = os.dup(files[1]); say({SIZE})\n"
        "        return\n"
        "    changed = 0\n"
        "    for change in (lambda: os.pwrite(copy, b'9', 0), lambda: os.ftruncate(copy, 0)):\n"
        "        try:\n"
        "            change(); changed += 1\n"
        "        except OSError: pass\n"
        "    say(b'[\"done\", %d]' % changed)",
    )
    pixels = box.decode(page, 0, "page", pdf_dpi=72)
    assert box.run("page", Form(int), operator.neg, 1) == 0
    assert not pixels.any()
    os.kill(reader, signal.SIGKILL)  # what it answers has its form: it would lie to other tests


@pytest.mark.parametrize(
    "answer",
    [
        '["done", []]', '["done", [-1]]', '["done", [0.5]]', '["done", [9999999]]',
        f'["done", [{"0, " * 64}0]]', '["done", "0"]', '["done", null]',
    ],
)  # fmt: skip
def test_lies_about_the_pages_of_a_file(box, tmp_path, answer, pdf):
    path = tmp_path / "edition.pdf"
    path.write_bytes(pdf([(72, 72)]))
    take_over(box, f"say({answer.encode()!r})")
    (rejection,) = box.unpack(path, "edition.pdf", tmp_path)
    assert isinstance(rejection, ScanRejected)
    assert (rejection.name, rejection.reason) == ("edition.pdf", RejectReason.CRASHED)


@pytest.mark.parametrize(
    "members",
    [
        '[["Member", 0, "a.zip/x"], ["Member", 0, "a.zip/y"]]',
        '[["Member", 64, "a.zip/x"]]',
        '[["Member", -1, "a.zip/x"]]',
        '[["Member", 0, "../../x"]]',
        '[["Member", 0, "a.zip/\\u001b"]]',
        f'[["Member", 0, "a.zip/{"a" * 2000}"]]',
        '[["ScanRejected", "a.zip/x", "fine", "so"]]',
        '[["ScanRejected", "b.zip/x", "corrupt", "so"]]',
        '[["Path", "a.zip/x"]]',
        "[" + ", ".join(f'["Member", {n % 64}, "a.zip/{n}"]' for n in range(65)) + "]",
    ],
)
def test_lies_about_the_files_of_an_archive(box, tmp_path, members):
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    answer = f'["done", {members}]'.encode()
    take_over(box, f"say({answer!r})")
    (rejection,) = box.unpack(path, "a.zip", tmp_path / "into")
    assert isinstance(rejection, ScanRejected)
    assert (rejection.name, rejection.reason) == ("a.zip", RejectReason.CRASHED)
    assert list((tmp_path / "into").iterdir()) == []


def test_the_process_that_wrote_the_files_of_an_archive_is_ended_before_they_are_read(
    box, tmp_path, page
):
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    answer = b'["done", [["Member", 0, "a.zip/x"]]]'
    reader = take_over(box, f"os.write(files[1], {page.read_bytes()!r}); say({answer!r})")
    (source,) = box.unpack(path, "a.zip", tmp_path / "into")
    assert not isinstance(source, ScanRejected)
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)


def test_a_reader_has_no_variable_but_those_that_it_needs(page, monkeypatch):
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", "postgresql://reader:password@host/archive")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    with Sandbox() as sandbox:
        code = "dict(__import__('os').environ)"
        names = set(sandbox.run("page", Form(dict[str, str]), eval, code))
    ours = {"LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONPATH"}
    ours |= {name for name in names if name.startswith(("OPENBLAS_", "ORT_", "YOLO_"))}
    assert names - ours <= {"ULTRALYTICS_SKIP_REQUIREMENTS_CHECKS"}


def test_a_reader_that_never_answers_fails_the_reading_and_rejects_nothing(page, monkeypatch):
    with Sandbox(Limits(seconds=0.5)) as sandbox, pytest.raises(ReadingFailed):
        sandbox.run("page", Form(None), time.sleep, 600)
