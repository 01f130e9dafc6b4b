"""The files for containers: they lint, and what they name is there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from presslens.app.cli import COMMANDS
from presslens.app.platform.settings import Settings

ROOT = Path(__file__).parents[2]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
COMPOSE = ROOT / "deploy" / "compose.yaml"


def services():
    return yaml.safe_load(COMPOSE.read_text())["services"]


def test_commands_are_those_of_the_program():
    own = [service for service in services().values() if service["image"] == "presslens"]
    assert len(own) == 3
    begun = [service["command"][0] for service in own]
    last = re.findall(r"^CMD (\[.*\])$", CONTAINERFILE.read_text(), re.MULTILINE)[-1]
    assert set(begun) | {json.loads(last)[0]} <= set(COMMANDS)


def test_variables_are_settings():
    known = {f"PRESSLENS_{name.upper()}" for name in Settings.model_fields}
    texts = CONTAINERFILE.read_text() + COMPOSE.read_text()
    assert set(re.findall(r"PRESSLENS_[A-Z_]+", texts)) <= known


def test_an_image_is_made_of_files_that_are_there_and_all_that_is_packaged():
    allowed = re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert all((ROOT / name).exists() for name in allowed)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = {
        name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    needed = {project["project"]["readme"], *project["project"]["license-files"], "pyproject.toml"}
    assert packages | needed <= set(allowed)
    used = re.findall(r"requirements/[\w.-]+", CONTAINERFILE.read_text())
    assert used
    assert all((ROOT / name).is_file() for name in used)


def test_the_server_is_reached_from_this_machine_alone_and_nothing_runs_as_root():
    (port,) = services()["server"]["ports"]
    assert port.startswith("127.0.0.1:")
    users = re.findall(r"^USER (\w+)$", CONTAINERFILE.read_text(), re.MULTILINE)
    assert users == ["10001"]


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_the_compose_file_is_one():
    command = ["docker-compose", "--file", str(COMPOSE), "config", "--quiet"]
    done = subprocess.run(command, env={"POSTGRES_PASSWORD": "x"}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    without = subprocess.run(command, env={}, capture_output=True, text=True)
    assert "name a password" in without.stderr


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not installed")
def test_the_container_file_lints():
    done = subprocess.run(["hadolint", str(CONTAINERFILE)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
