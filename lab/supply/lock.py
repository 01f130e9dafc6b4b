"""Locks every package to the hashes of its files: ``make lock``, and ``make lock UPGRADE=1``.

uv solves ``pyproject.toml`` once for each Python and system that it names, and lists the hashes of
all files of each release; versions that are locked already stay. Files in ``requirements/`` hold
what it finds, for pip treats each in its own way (``make setup``):

* ``wheels.txt``: all that is installed as it is, without running anything of it, but torch.
* ``source.txt``: packages without wheels, which are built with the locked tools.
* ``torch-cpu.txt``: the builds of torch for processors alone that the machine which locked has on
  its disk; elsewhere pip does not find them.
* ``torch.txt``: the registry's builds of torch, and the CUDA libraries that they load on Linux.
* ``service.txt``: those of ``wheels.txt`` that a server and its workers need, without what tests,
  measures and trains.
* ``run.txt``: those of ``service.txt`` that an installation on one machine needs.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("requirements")
OLDEST = "3.11"
"""The oldest Python; ``pyproject.toml`` names the youngest (``tool.uv.environments``)."""

SOURCE = {"pyvips"}
"""Packages without wheels."""
INSTALLATIONS = {"run.txt": ("captions",), "service.txt": ("service",)}
"""The extras of what is installed without tests and training."""
BUILD = {"setuptools"}
"""What builds the project itself."""
TORCH = {"torch", "torchvision"}
CUDA = re.compile(r"(cuda|nvidia|triton)\b")

HEADER = "# Written by `make lock` from pyproject.toml; not to be changed by hand.\n"


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """A release with all files that may be installed.

    Attributes:
        name: As the registry writes it.
        version: The one that is allowed; with the name of a build, that build alone.
        hashes: sha256 of its files, in hexadecimal digits.
        marker: For which Pythons and systems; empty: all.
        via: Which packages ask for it.
    """

    name: str
    version: str
    hashes: frozenset[str]
    marker: str = ""
    via: frozenset[str] = frozenset()

    @property
    def release(self) -> str:
        """The version without the name of a build: 2.13.0 of 2.13.0+cpu."""
        return self.version.partition("+")[0]

    def __str__(self) -> str:
        """Write it as pip reads it."""
        condition = f" ; {self.marker}" if self.marker else ""
        lines = [f"{self.name}=={self.version}{condition}"]
        return " \\\n    ".join(
            lines + [f"--hash=sha256:{digest}" for digest in sorted(self.hashes)]
        )


def parse(text: str) -> list[LockedPackage]:
    """Read requirements with hashes, as uv and we write them."""
    return [
        LockedPackage(
            name=match["name"],
            version=match["version"],
            marker=(match["marker"] or "").strip(),
            hashes=frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", match["rest"])),
            via=frozenset(re.findall(r"^ +# (?:via |  )([\w.-]+)", match["rest"], re.MULTILINE)),
        )
        for match in re.finditer(
            r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?: *; *(?P<marker>[^\\\n]+))?"
            r"(?P<rest>[^\n]*(?:\n[ ]+[^\n]*)*)",
            text,
            re.MULTILINE,
        )
    ]


def solve(
    before: Iterable[LockedPackage], *extras: str, upgrade: bool = False
) -> list[LockedPackage]:
    """Have uv choose releases for extras, the same as before unless asked to upgrade."""
    with tempfile.TemporaryDirectory(prefix="presslens-lock-") as folder:
        chosen = Path(folder) / "lock.txt"
        chosen.write_text("".join(f"{p}\n" for p in before if p.version == p.release))
        run(
            str(Path(sys.executable).with_name("uv")), "pip", "compile", "pyproject.toml",
            *(f"--extra={extra}" for extra in extras),
            "--universal", "--python-version", OLDEST, "--generate-hashes",
            "--quiet", "--output-file", str(chosen), *(["--upgrade"] if upgrade else []),
        )  # fmt: skip
        return parse(chosen.read_text())


def builds_here(packages: Iterable[LockedPackage]) -> list[LockedPackage]:
    """Return the builds of torch that pip finds on this machine's disk, of the locked releases."""
    requirements = [f"{p.name}=={p.version}" for p in packages if p.name in TORCH]
    report = run(
        sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps",
        "--ignore-installed", "--report", "-", *requirements,
    )  # fmt: skip
    builds = json.loads(report)["install"]
    return [
        LockedPackage(
            name=build["metadata"]["name"],
            version=build["metadata"]["version"],
            hashes=frozenset({build["download_info"]["archive_info"]["hashes"]["sha256"]}),
        )
        for build in builds
        if build["download_info"]["url"].startswith("file:")
    ]


def builds(
    packages: Collection[LockedPackage],
    before: Iterable[LockedPackage],
    here: Collection[LockedPackage],
) -> list[LockedPackage]:
    """Return the builds to lock: those here, else those before that are of a locked release."""
    releases = {(p.name, p.version) for p in packages}
    stay = [b for b in before if "+" in b.version and (b.name, b.release) in releases]
    return list(here) or stay


def for_cuda(packages: Collection[LockedPackage]) -> set[str]:
    """Return the names of packages that torch alone asks for, and only to run on CUDA."""
    names = {package.name for package in packages if CUDA.match(package.name)}
    while True:
        closed = {p.name for p in packages if p.name in names and p.via <= names | {"torch"}}
        if closed == names:
            return names
        names = closed


def divide(packages: Collection[LockedPackage]) -> dict[str, list[LockedPackage]]:
    """Divide packages among the files that hold them."""
    torch = for_cuda(packages) | TORCH
    return {
        "wheels.txt": [p for p in packages if p.name not in torch | SOURCE],
        "source.txt": [p for p in packages if p.name in SOURCE],
        "torch.txt": [p for p in packages if p.name in torch],
    }


def run(*command: str) -> str:
    """Run a program, and return what it prints."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout


def main() -> None:
    """Write the files anew."""
    parser = argparse.ArgumentParser(
        prog="python -m presslens.lab.supply.lock", description=__doc__
    )
    parser.add_argument("--upgrade", action="store_true", help="take the newest releases")
    args = parser.parse_args()
    before = [p for path in sorted(FOLDER.glob("*.txt")) for p in parse(path.read_text())]
    packages = solve(before, "dev", upgrade=args.upgrade)
    files = divide(packages)
    for name, extras in INSTALLATIONS.items():
        names = {package.name for package in solve(packages, *extras)} | BUILD
        files[name] = [p for p in files["wheels.txt"] if p.name in names]
    files["torch-cpu.txt"] = builds(packages, before, builds_here(packages))
    for name, lines in files.items():
        (FOLDER / name).write_text(HEADER + "".join(f"{package}\n" for package in lines))


if __name__ == "__main__":
    main()
