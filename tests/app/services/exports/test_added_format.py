"""A format of pages that is declared at one place is to be seen wherever formats are."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("added_format.py")


@pytest.mark.long  # a metric and a table are added on each commit
def test_one_declaration_is_enough(tmp_path):
    command = [sys.executable, "-P", str(PROGRAM), str(tmp_path)]
    # Apart from this process, whose formats stay as they are.
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    photos = found.pop("sent")
    assert photos
    assert found == {
        "listed": "photos as a list",
        "type": "application/zip",
        "described": ["export_list", "application/zip"],
        "page": True,
        "example": True,
        "written": [0, photos],
    }
