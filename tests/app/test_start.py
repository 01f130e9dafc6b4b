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

COMMANDS = """
import json, sys
from presslens.app.cli import main
loaded = {}
for command in sys.argv[1:]:
    sys.argv = ["presslens", *command.split()]
    try:
        main()
    except SystemExit as end:  # 1: the installation is empty, and there is nothing to show
        assert end.code in (None, 0, 1), command
    loaded[command] = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps(loaded), file=sys.stderr)
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
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Create an installation, and return the environment that names it."""
    folder = tmp_path_factory.mktemp("data")
    init_installation(Settings(data_dir=folder, database_url="", min_free_bytes=0))
    return {"PRESSLENS_DATA_DIR": str(folder), "PRESSLENS_MIN_FREE_BYTES": "0"}


def packages(program, environment, *arguments):
    """Run a program in a fresh interpreter, and return the packages that it names at its end."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, **environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.splitlines()[-1])


def test_help_loads_nothing_of_the_program_and_no_other_command_a_model(environment):
    commands = (
        "--help", "baseline --help", "claims", "claims verdict --all", "dump", "export --help",
        "figures list", "labels list", "models list", "recipes list", "reviews --help", "stats",
        "stats show children --by month",
    )  # fmt: skip
    loaded = packages(COMMANDS, environment, *commands)
    of_program = {"numpy", "pydantic", "scipy", "sqlalchemy"}
    assert of_program.isdisjoint(loaded["--help"])
    assert {command: HEAVY.intersection(loaded[command]) for command in commands} == {
        command: set() for command in commands
    }


def test_the_web_server_loads_no_models(environment):
    addresses = (
        "openapi.json", "healthz", "readyz", "editions", "photos", "figures", "labels", "claims",
        "stats?metric=photos", "stats.png?metric=photos", "stats/changes?metric=photos",
        "stats/compare?metric=photos", "stats/composition", "reviews/agreement", "exports",
    )  # fmt: skip
    assert HEAVY.isdisjoint(packages(REQUESTS, environment, *addresses))
