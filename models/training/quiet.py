"""Keeps ultralytics quiet: import this before ultralytics.

Left alone, it looks for a network, reports its use, installs packages when one is missing, and
writes a settings file into the home folder. None of that has a place in an analysis.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

_FOLDER = Path(tempfile.gettempdir()) / f"presslens-ultralytics-{os.getuid()}"

_ENVIRONMENT = {
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "YOLO_VERBOSE": "false",
    "ULTRALYTICS_SKIP_REQUIREMENTS_CHECKS": "1",
    "YOLO_CONFIG_DIR": str(_FOLDER),
}


def quieten() -> None:
    """Set what ultralytics reads when it is imported; a value that is set already stays."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    settings = Path(os.environ["YOLO_CONFIG_DIR"]) / "Ultralytics" / "settings.json"
    if not settings.exists():
        settings.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.write_text(json.dumps({"sync": False}))


quieten()
