"""What names and types need is imported without the libraries that look at pixels or learn."""

import json
import subprocess
import sys

LIGHT = (
    "models", "presslens.models.accuracy", "presslens.models.errors",
    "presslens.models.estimators", "presslens.models.faces.appearance",
    "presslens.models.faces.embedding", "presslens.models.faces.enrol",
    "presslens.models.faces.evidence", "presslens.models.faces.explain",
    "presslens.models.faces.gallery", "presslens.models.faces.matcher",
    "presslens.models.faces.pose", "presslens.models.faces.whitening",
    "presslens.models.focus.explain", "presslens.models.geometry",
    "presslens.models.instruments", "presslens.models.labels.classifier",
    "presslens.models.labels.vocabulary", "presslens.models.regression",
    "presslens.models.photos.edges", "presslens.models.recipe", "presslens.models.registry",
    "presslens.models.session", "presslens.models.subjects.children",
    "presslens.models.subjects.counting", "presslens.models.subjects.maps",
    "presslens.models.telemetry", "presslens.models.vocabulary",
)  # fmt: skip
"""Modules that the command line, the services and the web server may import."""

HEAVY = (
    "PIL", "cv2", "matplotlib", "onnx", "onnxruntime", "pandas", "scipy", "skops", "sklearn",
    "torch", "ultralytics",
)  # fmt: skip

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
from presslens.models.estimators import load_estimators
from presslens.models.registry import SHIPPED
for path in SHIPPED.glob("*.skops"):
    load_estimators(path)
assert not {"skops", "sklearn", "torch"} & set(sys.modules)
"""


def test_light_modules_import_no_heavy_library():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([LIGHT, HEAVY])],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {}


def test_estimators_are_read_without_the_libraries_that_made_them():
    subprocess.run([sys.executable, "-c", ESTIMATORS], check=True)
