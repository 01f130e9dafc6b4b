"""A subject that is declared is to be seen wherever subjects are."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("added_subject.py")


@pytest.mark.long  # a metric and a table are added on each commit
def test_two_declarations_are_enough(tmp_path):
    command = [sys.executable, "-P", str(PROGRAM), str(tmp_path)]
    # Apart from this process, whose subjects stay as they are.
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert {"ships", "ships_count"} <= set(found.pop("columns").split(","))
    assert "ships_count" in found.pop("dictionary")
    assert "ships" in found.pop("printed")
    assert "ships" in found.pop("composition")
    assert found == {
        "share": True,
        "estimate": 200,
        "filter": [],
        "typed": True,
        "claim": ["ships"],
        "page": [True, True],
        "asked": ["Is a ship afloat?", "Not: models."],
    }
