"""What names and types need is imported without the libraries that look at pixels or learn."""

from __future__ import annotations

import json
import subprocess
import sys

LIGHT = (
    "models",
    "models.accuracy",
    "models.calibration",
    "models.errors",
    "models.estimators",
    "models.faces.appearance",
    "models.faces.embedding",
    "models.faces.enrol",
    "models.faces.evidence",
    "models.faces.explain",
    "models.faces.gallery",
    "models.faces.matcher",
    "models.faces.pose",
    "models.faces.whitening",
    "models.focus.explain",
    "models.geometry",
    "models.instruments",
    "models.labels.classifier",
    "models.labels.vocabulary",
    "models.linear",
    "models.photos.edges",
    "models.photos.pieces",
    "models.photos.tone",
    "models.recipe",
    "models.registry",
    "models.session",
    "models.subjects.children",
    "models.subjects.counting",
    "models.subjects.maps",
    "models.telemetry",
    "models.vocabulary",
)
"""Modules that the command line, the services and the web server may import."""

HEAVY = (
    "PIL",
    "cv2",
    "matplotlib",
    "onnx",
    "onnxruntime",
    "pandas",
    "scipy",
    "skops",
    "sklearn",
    "torch",
    "ultralytics",
)

PROGRAM = """
import importlib, json, sys
light, heavy = json.loads(sys.argv[1])
loaded = set()
culprits = {}
for name in light:
    importlib.import_module(name)
    culprits[name] = sorted(set(heavy) & set(sys.modules) - loaded)
    loaded |= set(culprits[name])
print(json.dumps({name: heavy for name, heavy in culprits.items() if heavy}))
"""

ESTIMATORS = """
import sys
from models.estimators import load_estimators
from models.registry import SHIPPED
load_estimators(SHIPPED / "matching.skops")
assert "skops" in sys.modules
assert "torch" not in sys.modules
import sklearn.externals.array_api_compat.torch
"""


def test_light_modules_import_no_heavy_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([LIGHT, HEAVY])],
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == {}


def test_estimators_are_read_without_torch() -> None:
    subprocess.run([sys.executable, "-c", ESTIMATORS], check=True)
