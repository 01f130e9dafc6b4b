"""The memory of a move is its own."""

import mmap

import pytest

from presslens.app.installation import init_installation
from presslens.app.platform.settings import Settings
from presslens.lab.soak.moving import move, new_database
from presslens.lab.soak.night import RECIPE

HELD_BYTES = 256 * 2**20
"""More than a move of a few rows takes."""


@pytest.mark.postgresql
def test_memory_of_the_process_that_starts_a_move_is_not_counted(postgresql, tmp_path):
    init_installation(Settings(data_dir=tmp_path, recipe=RECIPE, min_free_bytes=0))
    with mmap.mmap(-1, HELD_BYTES) as held:
        for page in range(0, HELD_BYTES, mmap.PAGESIZE):
            held[page] = 1
        moved = move(tmp_path, new_database(postgresql, "moved_by_soak"))
    assert moved.rows > 10
    assert 2**20 < moved.memory < HELD_BYTES
