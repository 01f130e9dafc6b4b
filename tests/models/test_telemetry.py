"""onnxruntime neither calls home nor leaves anything in the user's folders."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from presslens.models.telemetry import ENVIRONMENT

DELAY_S = 10
"""onnxruntime looks up its maker's host some seconds after a session was made."""

PROGRAM = """
import sys
import time

def refuse(event, arguments):
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.connect", "socket.sendto"}:
        raise SystemExit(f"{event} {arguments}")

sys.addaudithook(refuse)

from pathlib import Path
import numpy as np
from presslens.models.session import open_session

session = open_session(Path(sys.argv[1]), threads=1)
for _ in range(3):
    session.run(None, {"pixels": np.zeros((1, 3, 32, 32), np.float32)})
time.sleep(float(sys.argv[2]))
"""


TRAINING = """
from pathlib import Path
import presslens.models
assert list(Path.home().rglob("*")) == [Path.home() / "tmp"], "importing models writes"
import presslens.lab.training.yolo
"""


@pytest.fixture
def environment(tmp_path):
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)
    folders = {
        "HOME": home,
        "XDG_CACHE_HOME": home,
        "XDG_CONFIG_HOME": home,
        "TMPDIR": home / "tmp",
    }
    return {
        **{name: value for name, value in os.environ.items() if name not in ENVIRONMENT},
        **{name: str(folder) for name, folder in folders.items()},
        "PYTHONPATH": str(Path.cwd()),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(environment, network, *, before=(), delay_s=0):
    program = [sys.executable, "-c", PROGRAM, str(network), str(delay_s)]
    subprocess.run([*before, *program], env=environment, check=True)


def test_a_session_leaves_no_file_and_opens_no_socket(environment, dense):
    run(environment, dense([(1.0, 1, 1, 1, 0.5)]))
    assert [path for path in Path(environment["HOME"]).rglob("*") if path.is_file()] == []


@pytest.mark.long
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_a_session_asks_the_system_for_no_connection(environment, dense, tmp_path):
    trace = tmp_path / "trace"
    strace = ("strace", "-f", "-e", "trace=socket,connect,sendto", "-o", str(trace))
    run(environment, dense([(1.0, 1, 1, 1, 0.5)]), before=strace, delay_s=DELAY_S)
    assert "AF_INET" not in trace.read_text()


def test_ultralytics_has_its_settings_in_a_folder_of_the_user_alone(environment):
    overrides = {"YOLO_CONFIG_DIR", "PRESSLENS_CACHE_DIR"}
    own = {name: value for name, value in environment.items() if name not in overrides}
    subprocess.run([sys.executable, "-c", TRAINING], env=own, check=True)
    folder = Path(own["HOME"]) / "presslens" / "ultralytics"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "Ultralytics" / "settings.json").is_file()
    assert not list((Path(own["HOME"]) / "tmp").glob("presslens*"))
