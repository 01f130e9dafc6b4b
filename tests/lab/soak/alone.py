"""Runs code of ``app.soak`` in a process of its own: it forks, and must not have threads."""

import json
import os
import subprocess
import sys


def alone(module, call, folder):
    """Evaluate an expression with the names of a module and ``folder``; return its value."""
    code = (
        "import json, sys; from dataclasses import asdict; from pathlib import Path\n"
        f"from presslens.lab.soak.{module} import *\n"
        "folder = Path(sys.argv[1])\n"
        f"print(json.dumps({call}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
