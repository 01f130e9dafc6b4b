"""Compares the locked releases with known advisories.

Run ``python -m presslens.lab.supply.advisories``.

Where a database of advisories answers, pip-audit asks it about every release. Elsewhere, as without
a network, the releases are compared with ``advisories.toml``, a list kept by hand that has a date.
What was asked is always said: pip-audit calls a release that nobody knows one without advisories.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict

from presslens.app.platform import clock
from presslens.lab.supply.lock import FOLDER, LockedPackage, parse

PROBE = "pip"
"""A package that every database knows."""
PATIENCE = 300.0
"""Seconds that a database has to answer."""


class AdvisoryList(BaseModel):
    """The list kept by hand.

    Attributes:
        read: The day on which it was last brought up to date.
        days: After how many it is old.
        accepted: Reasons by the ids of advisories that don't concern the program.
        fixed: Requirements that releases without an advisory meet, by its id.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    read: date
    days: int
    accepted: Mapping[str, str]
    fixed: Mapping[str, str]

    @classmethod
    def ours(cls) -> AdvisoryList:
        """Return the list of the project."""
        text = Path(__file__).with_name("advisories.toml").read_text()
        return cls.model_validate(tomllib.loads(text))

    def concerning(self, packages: Collection[LockedPackage]) -> Iterator[str]:
        """Yield a line for each locked release that an advisory of the list concerns."""
        for advisory, line in self.fixed.items():
            requirement = Requirement(line)
            for package in packages:
                same = canonicalize_name(package.name) == canonicalize_name(requirement.name)
                if same and package.release not in requirement.specifier:
                    yield f"{package.name} {package.version}: {advisory} ({line})"


@dataclass(frozen=True, slots=True)
class DatabaseAnswer:
    """What a database said.

    Attributes:
        checked: How many releases it knows.
        advisories: A line for each advisory.
    """

    checked: int
    advisories: tuple[str, ...]


def ask(packages: Collection[LockedPackage], accepted: Collection[str]) -> DatabaseAnswer:
    """Have pip-audit ask a database; a database that can't be reached knows nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{package.name}=={package.release}\n" for package in packages)
        file.flush()
        done = subprocess.run(  # noqa: S603 - of our own environment
            [sys.executable, "-m", "pip_audit", "--requirement", file.name, "--disable-pip",
             "--no-deps", "--format", "json", "--progress-spinner", "off"],
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
    return understand(done.stdout, accepted)


def understand(output: str, accepted: Collection[str]) -> DatabaseAnswer:
    """Read what pip-audit prints; nothing, if it could not ask."""
    dependencies = json.loads(output)["dependencies"] if output.strip() else []
    checked = [package for package in dependencies if "skip_reason" not in package]
    lines = [
        f"{package['name']} {package['version']}: {advisory['id']}"
        for package in checked
        for advisory in package["vulns"]
        if not {advisory["id"], *advisory["aliases"]} & set(accepted)
    ]
    return DatabaseAnswer(len(checked), tuple(lines))


def main() -> int:
    """Print what is known of the locked releases, and return 1 if an advisory concerns one."""
    listed = AdvisoryList.ours()
    packages = [p for path in sorted(FOLDER.glob("*.txt")) for p in parse(path.read_text())]
    lines = list(listed.concerning(packages))
    say(f"{len(packages)} releases, {len(listed.fixed)} advisories listed on {listed.read}")
    if (clock.now().date() - listed.read).days > listed.days:
        say(f"warning: that list is more than {listed.days} days old")
    if ask([p for p in packages if p.name == PROBE], ()).checked:
        answer = ask(packages, listed.accepted)
        say(f"a database knows {answer.checked} of the releases")
        lines += answer.advisories
    else:
        say("not asked: no database of advisories answers here")
    for line in lines:
        say(line)
    return int(bool(lines))


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"advisories: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
