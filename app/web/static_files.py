"""The files that the pages load: our own, and those vendored from npm packages."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from presslens.app.platform.settings import Settings
from presslens.models.registry import Manifest, Registry

STATIC = Path(__file__).with_name("static")
VENDOR = Path(__file__).with_name("vendor.toml")

FOREVER = "public, max-age=31536000, immutable"


def browser_files(settings: Settings) -> Registry:
    """Return the registry of the vendored browser files, which ``app.weights.acquire`` fetches."""
    return Registry(Manifest.load(VENDOR), packages=settings.cache_dir.absolute() / "web")


@cache
def build() -> str:
    """Return a short hash of all files, which their addresses name: another version, another."""
    digest = hashlib.sha256(VENDOR.read_bytes())
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class ImmutableFiles(StaticFiles):
    """Serves the files of a folder, which browsers may keep for ever."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Return a file with its lifetime."""
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = FOREVER
        return response


def mount_static(app: Starlette, settings: Settings) -> None:
    """Serve our own and the vendored files below ``/static/<build>``."""
    vendored = browser_files(settings).packages
    root = f"/static/{build()}"
    # Fetched later, by ``presslens models fetch``: the folder need not be there yet.
    app.mount(f"{root}/vendor", ImmutableFiles(directory=os.fspath(vendored), check_dir=False))
    app.mount(root, ImmutableFiles(directory=STATIC))
