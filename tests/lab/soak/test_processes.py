"""Programs that are killed leave nothing behind: at once, while they start others, and at work."""

import tempfile
from itertools import count
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM

import pytest

from presslens.lab.soak.processes import PROGRAMS, SIGNALS, make_archive, programs, strike

from ...quickest_folder import quickest_folder

pytestmark = pytest.mark.timeout(900)

ALL = None
"""A program is at work when all processes have started that it has."""

# Each start takes seconds of a processor: every program gets every signal, and each of its moments
# at least one; ``python -m presslens.lab.soak processes`` crosses them all.
STRUCK = (
    *((name, number, 1) for name in PROGRAMS for number in SIGNALS),
    *(("demo", number, ALL) for number in (SIGTERM, SIGKILL)), ("demo", SIGINT, 2),
    *(("serve", number, ALL) for number in (SIGINT, SIGKILL)), ("serve", SIGKILL, 2),
    ("worker", SIGKILL, ALL), ("worker", SIGTERM, 2),
    ("nightly", SIGTERM, ALL), ("nightly", SIGKILL, 2),
    ("bench", SIGINT, ALL), ("bench", SIGKILL, 2),
    *(("postgresql", number, moment) for number in SIGNALS for moment in (2, ALL)),
)  # fmt: skip


@pytest.fixture(scope="module")
def folders():
    """Give new folders, whose names are short enough for the sockets of PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="presslens-", dir=quickest_folder()) as name:
        Path(name).chmod(0o755)
        yield (Path(name) / str(number) for number in count())


@pytest.fixture(scope="module")
def archive(folders):
    """Make what all programs work on copies of."""
    folder = next(folders)
    folder.mkdir()
    return make_archive(folder)


@pytest.mark.parametrize(("name", "number", "processes"), STRUCK)
def test_a_program_that_is_ended_leaves_nothing(name, number, processes, archive, folders):
    if name not in programs():
        pytest.skip("PostgreSQL is not installed here")
    program = PROGRAMS[name]
    moment = program.processes if processes is ALL else processes
    ended = strike(program, archive, next(folders), number, processes=moment)
    assert ended.lives_on == ()
