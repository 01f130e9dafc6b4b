"""Writes what the program is made of as CycloneDX 1.6: ``python -m app.supply.bill_of_materials``.

Installed packages have their address (purl) and licence; weight files, browser files and fonts have
their sha256 too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import version

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from app.supply.licences import OURSELVES, LicencePolicy, LicensedPart, licensed_parts

KINDS = {
    "package": ComponentType.LIBRARY,
    "weights": ComponentType.MACHINE_LEARNING_MODEL,
    "browser": ComponentType.LIBRARY,
    "font": ComponentType.DATA,
}


def bill_of_materials(parts: Iterable[LicensedPart]) -> str:
    """Return the bill of materials of parts as JSON."""
    bill = Bom(components=[component(part) for part in parts])
    bill.metadata.component = Component(
        name=OURSELVES,
        version=version(OURSELVES),
        type=ComponentType.APPLICATION,
        licenses=[LicenseExpression("AGPL-3.0-or-later")],
        bom_ref=OURSELVES,
    )
    bill.register_dependency(bill.metadata.component, bill.components)
    return JsonV1Dot6(bill).output_as_string(indent=2)


def component(part: LicensedPart) -> Component:
    """Return a part as CycloneDX calls it."""
    purl = None
    if part.kind == "package":
        purl = PackageURL("pypi", None, canonicalize_name(part.name), part.version)
    return Component(
        name=part.name,
        version=part.version or None,
        type=KINDS[part.kind],
        licenses=[LicenseExpression(part.licence)] if part.licence else (),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=part.sha256)] if part.sha256 else (),
        purl=purl,
        bom_ref=f"{part.kind}:{part.name}",
    )


def main() -> None:
    """Print the bill of what is installed."""
    sys.stdout.write(bill_of_materials(licensed_parts(LicencePolicy.ours())) + "\n")


if __name__ == "__main__":
    main()
