"""The bill of materials keeps to its schema, and knows each part by its hash."""

import json

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

from presslens.app.platform.sample_sources import SOURCES
from presslens.lab.supply.bill_of_materials import (
    NOT_LOCKED,
    UNHASHED,
    bill_of_materials,
    locked_hashes,
    main,
)
from presslens.lab.supply.licences import MANIFESTS, LicensedPart
from presslens.models.registry import Manifest


def hashes(component):
    assert all(one["alg"] == "SHA-256" for one in component.get("hashes", ()))
    return {one["content"] for one in component.get("hashes", ())}


def test_each_part_has_its_hashes_or_a_reason(capsys):
    main()
    bill = capsys.readouterr().out
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    components = json.loads(bill)["components"]
    unhashed = {one["name"]: one["properties"] for one in components if not hashes(one)}
    assert set(unhashed) <= {"pip"}, "installed beside the lock: run `make setup`"
    assert all(one == [{"name": UNHASHED, "value": NOT_LOCKED}] for one in unhashed.values())
    locked = {
        (name, files) for (name, _), files in locked_hashes().items()
    }  # a release for processors alone has other files than the registry's of the same number
    for one in components:
        if one.get("purl", "").startswith("pkg:pypi/") and one["name"] not in unhashed:
            assert (canonicalize_name(one["name"]), frozenset(hashes(one))) in locked
    manifests = [Manifest.load(path) for path in (*MANIFESTS.values(), SOURCES)]
    listed = {(one.file, one.sha256) for manifest in manifests for one in manifest.weight}
    files = {(one["name"], sha) for one in components if "purl" not in one for sha in hashes(one)}
    assert files == listed


def test_a_package_has_the_hashes_of_its_release_alone():
    locked = {("tiny", "1"): frozenset({"a" * 64, "b" * 64}), ("tiny", "2"): frozenset({"c" * 64})}
    parts = [
        LicensedPart("package", "Tiny", "1.0", "MIT", True),
        LicensedPart("package", "tiny-er", "1.0", "MIT", True),
        LicensedPart("sample", "sky.jpg", "", "Not stated", True, "d" * 64),
    ]
    bill = bill_of_materials(parts, locked)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    components = {one["name"]: one for one in json.loads(bill)["components"]}
    assert hashes(components["Tiny"]) == {"a" * 64, "b" * 64}
    assert hashes(components["tiny-er"]) == set()
    assert components["tiny-er"]["properties"] == [{"name": UNHASHED, "value": NOT_LOCKED}]
    assert hashes(components["sky.jpg"]) == {"d" * 64}
    assert components["sky.jpg"]["licenses"] == [{"license": {"name": "Not stated"}}]
