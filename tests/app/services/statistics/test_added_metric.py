"""A metric that is declared at one place is to be seen wherever metrics are."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("added_metric.py")


@pytest.mark.long
def test_one_declaration_is_enough(tmp_path):
    command = [sys.executable, "-P", str(PROGRAM), str(tmp_path)]
    # Apart from this process, whose metrics stay as they are.
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    row = found.pop("csv")[1]
    assert row.startswith("1,1,Rodong Sinmun,2015-01-02,unseen_pages,all,count,mean,1.0,")
    assert "pages unseen: mean an edition" in found.pop("printed")
    assert found == {
        "listed": "pages that were not analysed",
        "groups": [[1, 1]] * 4,
        "composition": 1,
        "period": 4,
        "typed": True,
        "claim": ["unseen_pages"],
        "page": True,
        "choice": True,
    }
