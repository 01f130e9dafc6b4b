"""Switches off what onnxruntime and ultralytics report to their makers.

onnxruntime (1.32) stores a device id and a queue of events in the user's cache folder and looks up
a host of its maker once a session was made. ultralytics looks for a network, reports its use,
installs packages that it misses and writes a settings file into the user's configuration folder,
all when it is imported. Only the environment stops them, and only before their first import:
onnxruntime's ``disable_telemetry_events()`` comes too late.

Importing ``models`` calls ``disable_telemetry`` first, nothing outside of ``models`` imports the
two, and processes that are spawned inherit the environment. ``models.training.yolo``, which alone
imports ultralytics, gives it a folder in the user's cache for its settings.
"""

from __future__ import annotations

import os

ENVIRONMENT = {
    "ORT_DISABLE_TELEMETRY": "1",
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "YOLO_VERBOSE": "false",
    "ULTRALYTICS_SKIP_REQUIREMENTS_CHECKS": "1",
}
"""The variables, with the values that switch reporting off."""


def disable_telemetry() -> None:
    """Set each variable of ``ENVIRONMENT`` for this process, over whatever value it has."""
    os.environ.update(ENVIRONMENT)
