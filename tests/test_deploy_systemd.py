"""The units of systemd and the line of cron are right, and call the program as it is."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from presslens.app.cli import cli
from presslens.app.platform.settings import Settings

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
PROGRAM = "/opt/presslens/bin/presslens"
MOST_EXPOSED = 3.5
"""Of 10, by ``systemd-analyze security``: below 4 it calls a service OK."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here"
)


def name(path: Path) -> str:
    return path.name


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a folder of the units, whose program is one that is there."""
    for unit in UNITS:
        text = unit.read_text().replace(PROGRAM, sys.executable)
        (tmp_path / unit.name.replace("@", "@1")).write_text(text)
    return tmp_path


def analyze(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, check=False
    )


@needs_systemd
def test_units_are_right(installed: Path) -> None:
    done = analyze("verify", "--man=no", *sorted(installed.iterdir()))
    ours = [line for line in done.stderr.splitlines() if "presslens" in line]
    assert (done.returncode, ours) == (0, [])


@needs_systemd
def test_a_wrong_unit_is_seen(installed: Path) -> None:
    unit = installed / "presslens.service"
    unit.write_text(unit.read_text().replace("ProtectHome=true", "ProtectHome=perhaps"))
    assert "ProtectHome" in analyze("verify", "--man=no", unit).stderr


@needs_systemd
@pytest.mark.parametrize("unit", [u for u in UNITS if u.suffix == ".service"], ids=name)
def test_services_are_shut_in(installed: Path, unit: Path) -> None:
    file = installed / unit.name.replace("@", "@1")
    said = analyze("security", "--offline=true", "--no-pager", file).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found
    assert float(found[1]) <= MOST_EXPOSED


def called(command: str) -> list[str]:
    """Return the options that a command of the program has and the call doesn't know."""
    words = shlex.split(command)
    assert words.pop(0) == PROGRAM
    group = typer.main.get_command(cli)
    _, found, rest = group.resolve_command(typer.Context(group), words)
    known = {name for p in found.params for name in (*p.opts, *p.secondary_opts)}
    return [word for word in rest if word.startswith("--") and word not in known]


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_units_call_the_program_and_set_what_there_is(unit: Path) -> None:
    text = unit.read_text()
    for command in re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE):
        assert called(command) == []
    settings = set(re.findall(r"\bPRESSLENS_(\w+)=", text))
    assert {one.lower() for one in settings} <= Settings.model_fields.keys()
    assert bool(settings) is (unit.suffix == ".service")


FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""The first and last value of minute, hour, day, month and weekday."""


def test_the_line_of_cron_is_right() -> None:
    lines = (DEPLOY / "presslens.cron").read_text().splitlines()
    told = [line for line in lines if line and not line.startswith("#")]
    settings = [line.partition("=")[0] for line in told if re.match(r"\w+=", line)]
    ours = [one.removeprefix("PRESSLENS_") for one in settings if one != "MAILTO"]
    assert {one.lower() for one in ours} <= Settings.model_fields.keys()
    (line,) = [one for one in told if not re.match(r"\w+=", one)]
    *when, user, command = line.split(maxsplit=6)
    for field, (first, last) in zip(when, FIELDS, strict=True):
        assert field == "*" or first <= int(field) <= last
    assert user == "presslens"
    assert "%" not in command  # cron reads it as the end of the line
    command, _, rest = command.partition(" >")
    assert called(command) == []
    log = "/var/lib/presslens/night.log"
    assert rest == f"{log} 2>&1 || tail -n 60 {log}"  # nothing is mailed of a night that went well
