"""Writes what the program is made of as CycloneDX 1.6.

Run ``python -m presslens.lab.supply.bill_of_materials``.

Each part has its licence and sha256: an installed package those of all files of its release that
the lock allows, and its address (purl); weights, browser files, fonts and sources of the samples
that of their manifest. A part without one says why.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name, canonicalize_version

from presslens.app.platform.sample_sources import SOURCES
from presslens.lab.supply.licences import (
    OURSELVES,
    LicencePolicy,
    LicensedPart,
    licensed_parts,
    parsed,
)
from presslens.lab.supply.lock import FOLDER, parse
from presslens.models.registry import Manifest

KINDS = {
    "package": ComponentType.LIBRARY,
    "weights": ComponentType.MACHINE_LEARNING_MODEL,
    "browser": ComponentType.LIBRARY,
    "font": ComponentType.DATA,
    "sample": ComponentType.DATA,
}
UNHASHED = "presslens:without-hash"
NOT_LOCKED = "requirements/ does not name this release: it was not installed by `make setup`"

Hashes = Mapping[tuple[str, str], frozenset[str]]
"""sha256 of the files of locked releases, by name and version."""


def locked_hashes() -> Hashes:
    """Return the sha256 of all files that the lock allows."""
    packages = [package for path in FOLDER.glob("*.txt") for package in parse(path.read_text())]
    return {_release(package.name, package.version): package.hashes for package in packages}


def sample_sources() -> Iterator[LicensedPart]:
    """Yield the files that sample editions are composed of; some have no licence of SPDX's."""
    for entry in Manifest.load(SOURCES).weight:
        yield LicensedPart("sample", entry.file, "", entry.licence, True, entry.sha256)


def bill_of_materials(parts: Iterable[LicensedPart], locked: Hashes) -> str:
    """Return the bill of materials of parts as JSON."""
    bill = Bom(components=[component(part, locked) for part in parts])
    bill.metadata.component = Component(
        name=OURSELVES,
        version=version(OURSELVES),
        type=ComponentType.APPLICATION,
        licenses=[LicenseExpression("AGPL-3.0-or-later")],
        bom_ref=OURSELVES,
    )
    bill.register_dependency(bill.metadata.component, bill.components)
    return JsonV1Dot6(bill).output_as_string(indent=2)


def component(part: LicensedPart, locked: Hashes) -> Component:
    """Return a part as CycloneDX calls it."""
    purl, hashes = None, frozenset({part.sha256})
    if part.kind == "package":
        purl = PackageURL("pypi", None, canonicalize_name(part.name), part.version)
        hashes = locked.get(_release(part.name, part.version), frozenset())
    return Component(
        name=part.name,
        version=part.version or None,
        type=KINDS[part.kind],
        licenses=[_licence(part.licence)] if part.licence else (),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
        properties=() if hashes else [Property(name=UNHASHED, value=NOT_LOCKED)],
        purl=purl,
        bom_ref=f"{part.kind}:{part.name}",
    )


def _release(name: str, version: str) -> tuple[str, str]:
    return canonicalize_name(name), canonicalize_version(version)


def _licence(stated: str) -> LicenseExpression | DisjunctiveLicense:
    if parsed(stated) is None:
        return DisjunctiveLicense(name=stated)
    return LicenseExpression(stated)


def main() -> None:
    """Print the bill of what is installed."""
    parts = [*licensed_parts(LicencePolicy.ours()), *sample_sources()]
    sys.stdout.write(bill_of_materials(parts, locked_hashes()) + "\n")


if __name__ == "__main__":
    main()
