"""Commands and the web server start without what only the analysis of pixels needs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from presslens.app.installation import init_installation
from presslens.app.platform.settings import Settings

HEAVY = {
    "altair", "cv2", "duckdb", "matplotlib", "onnx", "onnxruntime", "pandas", "skops",
    "sklearn", "torch", "ultralytics", "vl_convert",
}  # fmt: skip
"""Packages that take long to import, or much memory."""

COMMAND = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
sys.argv = ["presslens", *sys.argv[1:]]
from presslens.app.cli import main
main()
"""

REQUESTS = """
import json, sys
from fastapi.testclient import TestClient
from presslens.app.main import create_app
from presslens.app.server import serve
with TestClient(create_app(), base_url="http://127.0.0.1:8000") as client:
    for address in sys.argv[1:]:
        answer = client.get(f"/api/v1/{address}")
        assert answer.is_success, answer.text
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Create an installation, and return the environment that names it."""
    folder = tmp_path_factory.mktemp("data")
    init_installation(Settings(data_dir=folder, database_url="", min_free_bytes=0))
    return {"PRESSLENS_DATA_DIR": str(folder), "PRESSLENS_MIN_FREE_BYTES": "0"}


def modules(program, environment, *arguments):
    """Run a program in a fresh interpreter, and return the packages that it has imported."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, **environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    # 1: the installation is empty, and there is nothing to show.
    assert done.returncode in (0, 1), done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


@pytest.mark.parametrize(
    "command",
    [
        "baseline --help", "claims", "claims verdict --all", "dump", "export --help",
        "figures list", "labels list", "models list", "recipes list", "reviews --help", "stats",
        "stats show children --by month",
    ],
)  # fmt: skip
def test_a_command_that_touches_no_pixels_loads_no_models(environment, command):
    assert modules(COMMAND, environment, *command.split()) & HEAVY == set()


def test_help_loads_nothing_of_the_program(environment):
    loaded = modules(COMMAND, environment, "--help")
    assert loaded & {*HEAVY, "numpy", "pydantic", "scipy", "sqlalchemy"} == set()


def test_the_web_server_loads_no_models(environment):
    addresses = (
        "openapi.json", "healthz", "readyz", "editions", "photos", "figures", "labels", "claims",
        "stats?metric=photos", "stats.png?metric=photos", "stats/changes?metric=photos",
        "stats/compare?metric=photos", "stats/composition", "reviews/agreement", "exports",
    )  # fmt: skip
    assert modules(REQUESTS, environment, *addresses) & HEAVY == set()
