"""A table that is declared at one place is exported, described, dumped and restored."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("added_table.py")
HEAD = ["photo_id", "place", "text", "weight", "day"]
SECTION = """

A remark on a photo.

Key: `photo_id`, `place`.

| column | type | range, unit | meaning |
|---|---|---|---|
| `photo_id` | integer | from 1 | the photo: joins with photos |
| `place` | integer | from 0 | which one, from 0 |
| `text` | string | | what it says |
| `weight` | number | 0-1 | how much it counts |
| `day` | date, may be missing | | when |
"""


def test_one_declaration_is_enough(tmp_path):
    command = [sys.executable, "-P", str(PROGRAM), str(tmp_path)]
    # Apart from this process, whose tables stay as they are.
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    rows = [HEAD, ["1", "1", "'=1+1", "0.25", ""]]
    assert found["rows"] == found["restored"] == rows
    assert found["other edition"] == [HEAD]
    assert found["added"] == 1
    assert found["dictionary"].replace("|  |", "| |") == SECTION
    (here,), (there,) = found["dumped"]
    assert here == there
    assert here[-4:] == [1, "=1+1", 0.25, None]
    assert len(here[0]) == 64  # in place of its id the photo is named by its scan
