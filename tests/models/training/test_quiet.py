from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import models.training.quiet
from ultralytics.utils import AUTOINSTALL, ONLINE, SETTINGS, VERBOSE
from ultralytics.utils.events import events
print(AUTOINSTALL, ONLINE, SETTINGS["sync"], VERBOSE, events.enabled)
"""


def test_ultralytics_neither_reports_nor_installs_nor_writes_home(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YOLO_")}
    environment = kept | {"HOME": str(home), "TMPDIR": str(temporary), "PYTEST_VERSION": ""}

    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["False"] * 5
    assert not (home / ".config" / "Ultralytics").exists()
