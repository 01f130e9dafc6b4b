import hashlib

import pytest
from pydantic import ValidationError

from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.models.registry import Manifest, Registry, WeightFile, sha256_of

CONTENT = b"not really weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def entry(**changes):
    values = {
        "name": "net",
        "file": "net.onnx",
        "sha256": SHA256,
        "licence": "MIT",
        "origin": "made up",
    }
    return {**values, **changes}


def registry_of(folder, **changes):
    manifest = Manifest(weight=(WeightFile(**entry(**changes)),))
    return Registry(manifest, shipped=folder / "shipped", packages=folder / "packages")


def put(registry, content):
    path = registry.location(registry.manifest["net"])
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("package", "folder"), [(None, "shipped"), ("some-package==1.0", "packages")]
)
def test_a_right_file_is_given_out(tmp_path, package, folder):
    registry = registry_of(tmp_path, package=package)
    path = put(registry, CONTENT)
    assert registry.path("net") == path == tmp_path / folder / "net.onnx"


def test_a_missing_file_is_unavailable_and_says_what_to_do(tmp_path):
    registry = registry_of(tmp_path, package="some-package==1.0")
    with pytest.raises(ModelUnavailable, match=r"net\.onnx \(net\).*presslens models fetch"):
        registry.path("net")


def test_a_folder_in_its_place_and_an_unknown_name_are_unavailable(tmp_path):
    registry = registry_of(tmp_path)
    registry.location(registry.manifest["net"]).mkdir(parents=True)
    for name in ("net", "other"):
        with pytest.raises(ModelUnavailable, match=name):
            registry.path(name)


def test_a_changed_cut_or_longer_file_is_a_mismatch(tmp_path):
    flipped = [bytes(c ^ (i == at) for i, c in enumerate(CONTENT)) for at in range(len(CONTENT))]
    registry = registry_of(tmp_path)
    path = put(registry, CONTENT)
    for content in (*flipped, b"", CONTENT[:-1], CONTENT + b"\0"):
        path.write_bytes(content)
        with pytest.raises(ModelMismatch, match=r"net\.onnx"):
            registry.path("net")


@pytest.mark.parametrize(
    "file",
    ["../net.onnx", "/etc/passwd", "a/b.onnx", "a\\b.onnx", "", "net\0.onnx", "net.onnx\n", ".."],
)
def test_a_file_that_leads_elsewhere_is_refused(file):
    with pytest.raises(ValidationError, match="file"):
        WeightFile(**entry(file=file))


@pytest.mark.parametrize(
    "sha256", ["", "0" * 63, "0" * 65, "G" * 64, SHA256.upper(), "0" * 64 + "\n"]
)
def test_a_hash_that_is_none_is_refused(sha256):
    with pytest.raises(ValidationError, match="sha256"):
        WeightFile(**entry(sha256=sha256))


def test_an_entry_with_a_word_too_many_is_refused():
    with pytest.raises(ValidationError, match="license"):
        WeightFile(**entry(license="MIT"))


@pytest.mark.parametrize("key", ["name", "file", "sha256", "licence", "origin"])
def test_an_entry_without_a_needed_word_is_refused(key):
    values = entry()
    del values[key]
    with pytest.raises(ValidationError, match=key):
        WeightFile(**values)


def test_a_manifest_is_read_from_toml(tmp_path):
    path = tmp_path / "manifest.toml"
    lines = [f'{key} = "{value}"' for key, value in entry().items()]
    path.write_text("\n".join(["[[weight]]", *lines]))
    assert Manifest.load(path)["net"] == WeightFile(**entry())


def test_sha256_of(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    assert sha256_of(path) == SHA256
