"""Switches off what the libraries below report to their makers.

onnxruntime (1.32) stores a device id and a queue of events in the user's cache folder and looks up
a host of its maker once a session was made. Only the environment stops it, and only before
onnxruntime's first import: ``disable_telemetry_events()`` comes too late. Importing ``models``
calls ``disable_telemetry`` first, nothing outside of ``models`` imports onnxruntime, and processes
that are spawned inherit the environment. ``models.training.quiet`` does the same for ultralytics.
"""

from __future__ import annotations

import os

ENVIRONMENT = {"ORT_DISABLE_TELEMETRY": "1"}
"""The variables, with the values that switch reporting off."""


def disable_telemetry() -> None:
    """Set each variable of ``ENVIRONMENT`` for this process, over whatever value it has."""
    os.environ.update(ENVIRONMENT)
