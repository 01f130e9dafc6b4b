"""The script for Slurm."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "deploy/slurm/presslens.sbatch"


def test_the_script_for_slurm_parses() -> None:
    done = subprocess.run(["bash", "-n", SCRIPT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
