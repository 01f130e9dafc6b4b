"""The licence of all that is installed and shipped, checked.

Run ``python -m presslens.lab.supply.licences``.

Each installed package, weight file, browser file and font has an SPDX expression, which may be
combined with AGPL-3.0-or-later or not. ``licences.toml`` says which licences may be and why, and
what packages say in other words. What says nothing there, or something unknown, fails.
"""

from __future__ import annotations

import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from license_expression import (
    AND,
    OR,
    ExpressionError,
    LicenseWithExceptionSymbol,
    get_spdx_licensing,
)
from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

import presslens.app.charts
import presslens.app.web
from presslens.models.registry import MANIFEST, Manifest

OURSELVES = "presslens"
WIDTH = 120
PREFIX = "License :: OSI Approved :: "
MANIFESTS = {
    "weights": MANIFEST,
    "browser": Path(presslens.app.web.__file__).with_name("vendor.toml"),
    "font": Path(presslens.app.charts.__file__).with_name("fonts.toml"),
}
"""Files that are part of the program beside packages, by their kind."""


class LicencePolicy(BaseModel):
    """What is known of licences.

    Attributes:
        compatible: SPDX ids that may be combined with AGPL-3.0-or-later, by the reason.
        classifiers: SPDX ids of trove classifiers.
        packages: Expressions of packages that don't state one, by normalised name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    compatible: Mapping[str, frozenset[str]]
    classifiers: Mapping[str, str]
    packages: Mapping[str, str]

    @classmethod
    def ours(cls) -> LicencePolicy:
        """Return the policy of the project."""
        text = Path(__file__).with_name("licences.toml").read_text()
        return cls.model_validate(tomllib.loads(text))

    def allows(self, expression: str) -> bool:
        """Tell whether something under an SPDX expression may be part of the program."""
        tree = parsed(expression)
        return tree is not None and self._allows(tree)

    def _allows(self, tree: object) -> bool:
        if isinstance(tree, AND):
            return all(map(self._allows, tree.args))
        if isinstance(tree, OR):
            return any(map(self._allows, tree.args))
        if isinstance(tree, LicenseWithExceptionSymbol):  # an exception permits more, never less
            return self._allows(tree.license_symbol)
        return any(str(tree) in licences for licences in self.compatible.values())

    def expression(self, package: Distribution) -> str:
        """Return the SPDX expression of a package; empty if nobody knows it."""
        metadata = package.metadata
        if by_hand := self.packages.get(canonicalize_name(metadata["Name"])):
            return by_hand
        for field in ("License-Expression", "License"):
            stated = metadata[field].strip() if field in metadata else ""
            if parsed(stated) is not None:
                return stated
        trove = [line.removeprefix(PREFIX) for line in metadata.get_all("Classifier") or []]
        meant = {self.classifiers[line] for line in trove if line in self.classifiers}
        return meant.pop() if len(meant) == 1 else ""


@cache
def parsed(expression: str) -> Any:
    """Return the tree of an SPDX expression; None if it isn't one."""
    try:
        return _spdx().parse(expression, validate=True)
    except ExpressionError:
        return None


@cache
def _spdx() -> Any:
    return get_spdx_licensing()


@dataclass(frozen=True, slots=True)
class LicensedPart:
    """A part of the program that others made, or that was trained.

    Attributes:
        kind: package, weights, browser or font.
        name: Its name, or that of its file.
        version: The version of a package; empty for files.
        licence: An SPDX expression; empty: unknown.
        allowed: Whether it may be combined with AGPL-3.0-or-later.
        sha256: Of a file, in hexadecimal digits; empty for a package.
    """

    kind: str
    name: str
    version: str
    licence: str
    allowed: bool
    sha256: str = ""


def licensed_parts(policy: LicencePolicy) -> list[LicensedPart]:
    """Return all parts, by kind and name."""
    parts = [*_packages(policy), *_files(policy)]
    return sorted(parts, key=lambda part: (part.kind, part.name.casefold()))


def _packages(policy: LicencePolicy) -> Iterator[LicensedPart]:
    # Of the environment alone: Ray adds packages of its own to the path of who has imported it.
    folders = sorted({sysconfig.get_path(name) for name in ("purelib", "platlib")})
    for package in distributions(path=folders):
        name = package.metadata["Name"]
        if name != OURSELVES:
            licence = policy.expression(package)
            allowed = policy.allows(licence)
            yield LicensedPart("package", name, package.version, licence, allowed)


def _files(policy: LicencePolicy) -> Iterator[LicensedPart]:
    for kind, path in MANIFESTS.items():
        for entry in Manifest.load(path).weight:
            allowed = policy.allows(entry.licence)
            yield LicensedPart(kind, entry.file, "", entry.licence, allowed, entry.sha256)


def main() -> int:
    """Print all parts, and return 1 if one may not be combined."""
    parts = licensed_parts(LicencePolicy.ours())
    shown = Table("kind", "name", "version", "licence", "with AGPL-3.0-or-later")
    for part in parts:
        verdict = "yes" if part.allowed else "NO" if part.licence else "UNKNOWN"
        shown.add_row(part.kind, part.name, part.version, part.licence, verdict)
    Console(width=WIDTH).print(shown)
    refused = [part.name for part in parts if not part.allowed]
    sys.stderr.write(f"{len(parts)} parts, {len(refused)} refused {' '.join(refused)}\n")
    return int(bool(refused))


if __name__ == "__main__":
    sys.exit(main())
