"""A program ends with the process that started it, whatever both do at the moment."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from presslens.pipelines.lifeline import program, running

PATIENCE = 60.0

STARTS = """
import signal, subprocess, sys, time
# The signal itself ends the program: a KeyboardInterrupt may be lost in what ignores exceptions.
signal.signal(signal.SIGINT, signal.SIG_DFL)
from presslens.pipelines.lifeline import program
child = subprocess.Popen(program("busy"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(child.pid, child.stdout.readline().decode().strip(), flush=True)
time.sleep(600)
"""
"""Starts a program that starts another, and prints the numbers of both."""

BUSY = """
import signal, subprocess, sys, time
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: None)
print(subprocess.Popen(["sleep", "600"]).pid, flush=True)
while True:
    time.sleep(0.01)
"""
"""A module that no signal ends but SIGKILL, with a program below it that watches nobody."""


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def await_gone(*pids):
    deadline = time.monotonic() + PATIENCE
    while any(map(alive, pids)):
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.02)


@pytest.fixture
def modules(tmp_path):
    (tmp_path / "busy.py").write_text(BUSY)
    (tmp_path / "slow.py").write_text("import sys; print(sys.argv, flush=True); sys.stdin.read()")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_program_ends_with_its_parent_and_takes_those_below_it_along(modules, number):
    with subprocess.Popen(
        [sys.executable, "-P", "-c", STARTS], env=modules, stdout=subprocess.PIPE
    ) as parent:
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert all(map(alive, pids))
        parent.send_signal(number)
        parent.wait(PATIENCE)
        await_gone(*pids)


def test_a_program_whose_parent_has_gone_before_it_begins_ends():
    read, write = os.pipe()
    os.close(write)
    forever = program("timeit", "-n", "1", "while True: pass")
    with subprocess.Popen(forever, stdin=read) as orphan:
        os.close(read)
        assert orphan.wait(PATIENCE) == -signal.SIGTERM


def test_a_program_is_given_its_arguments_and_ends_with_the_block(modules):
    with running(program("slow", "a b", "-c"), env=modules, stdout=subprocess.PIPE) as process:
        line = process.stdout.readline().decode()
        assert line.rstrip().endswith("slow.py', 'a b', '-c']")
        assert process.poll() is None
    assert process.returncode == -signal.SIGTERM


def test_a_program_that_takes_too_long_to_end_is_killed(modules):
    with running(program("busy"), patience=0.1, env=modules, stdout=subprocess.PIPE) as process:
        below = int(process.stdout.readline())
    assert process.returncode == -signal.SIGKILL
    os.kill(below, signal.SIGKILL)
