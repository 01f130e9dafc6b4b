import operator
import os
import signal
import sys
import time

import pytest

from presslens.pipelines.scans.answer import ChildFailed, Form
from presslens.pipelines.scans.process import ChildProcess, ProcessDied, open_lent


@pytest.fixture(scope="module")
def child():
    process = ChildProcess()
    yield process
    process.close()
    assert not process.is_alive


def test_calls_are_answered_in_their_order(child):
    child.send(operator.add, 2, 3)
    child.send(os.getpid)
    assert not child.is_idle
    assert child.poll(30)
    assert [child.receive(Form(int)) for _ in range(2)] == [5, child.pid]
    assert child.is_idle
    assert child.pid != os.getpid()


def test_errors_are_raised_with_the_place_of_their_origin(child):
    child.send(operator.truediv, 1, 0)
    with pytest.raises(ChildFailed, match=r"^ZeroDivisionError: division by zero") as caught:
        child.receive(Form(int))
    assert "Traceback" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("function", "argument"),
    [(sys.exit, 3), (eval, "lambda: 0"), (eval, "__import__('threading').Lock()")],
)
def test_what_is_no_error_or_cannot_be_sent_is_an_error_and_not_the_end(child, function, argument):
    assert callable(function)
    child.send(function, argument)
    with pytest.raises(Exception, match=r"SystemExit: 3|is no data"):
        child.receive(Form(None))
    child.send(operator.neg, 1)
    assert child.receive(Form(int)) == -1


def test_the_main_module_is_not_imported_again(child):
    child.send(eval, "'pytest' in __import__('sys').modules")
    assert child.receive(Form(bool)) is False


def test_a_death_is_distinguished_from_an_error():
    process = ChildProcess()
    process.send(signal.raise_signal, signal.SIGKILL)
    with pytest.raises(ProcessDied) as caught:
        process.receive(Form(None))
    assert caught.value.code == -signal.SIGKILL
    with pytest.raises(ProcessDied):
        process.send(os.getpid)
    process.close()


def test_a_process_has_the_variables_that_it_is_given(monkeypatch):
    monkeypatch.setenv("SECRET_URL", "with-a-password")
    process = ChildProcess(environment={"OF_IT": "1"}, without=("SECRET_",))
    for name, value in (("SECRET_URL", None), ("OF_IT", "1"), ("PATH", os.environ["PATH"])):
        process.send(os.getenv, name)
        assert process.receive(Form(str | None)) == value, name
    process.close()


def test_processor_time_is_that_of_the_child(child):
    before = child.processor_seconds()
    child.send(sum, range(3 * 10**6))
    child.receive(Form(int))
    used = child.processor_seconds() - before
    child.send(time.sleep, 0.3)
    child.receive(Form(None))
    assert used > 0
    assert child.processor_seconds() - before - used < 0.2


def test_a_busy_process_is_closed_at_once():
    process = ChildProcess()
    process.send(time.sleep, 600)
    start = time.monotonic()
    process.close()
    assert not process.is_alive
    assert process.processor_seconds() == 0
    assert time.monotonic() - start < 30


def test_files_are_lent_for_a_call_and_taken_back(child, tmp_path):
    path = tmp_path / "lent"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file, path.open("rb") as other:
        child.send(os.path.sameopenfile, files=[file.fileno(), other.fileno()])
        child.send(operator.index, files=[file.fileno()])
        assert child.receive(Form(bool)) is True
        number = child.receive(Form(int))
    child.send(os.fstat, number)
    with pytest.raises(OSError, match=r"Bad file descriptor"):
        child.receive(Form(None))


def test_a_lent_file_is_opened_at_its_start_wherever_another_left_it(tmp_path):
    path = tmp_path / "lent"
    path.write_bytes(b"0123456789")
    with path.open("r+b") as file:
        file.seek(5)
        with open_lent(file.fileno(), "rb") as lent:
            assert lent.read() == b"0123456789"
        with open_lent(file.fileno(), "wb") as lent:
            lent.write(b"new")
        assert path.read_bytes() == b"new"
