"""The files that the pages load: our own, and those vendored from npm packages."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from presslens.app.platform.settings import Settings
from presslens.models.registry import Manifest, Registry

STATIC = Path(__file__).with_name("static")
VENDOR = Path(__file__).with_name("vendor.toml")

CONDITIONS = {"if-none-match", "if-modified-since", "range"}
"""Headers of requests that are not answered with a whole file."""

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
    """Serves the files of a folder, which browsers may keep for ever, from memory."""

    def __init__(self, directory: Path, *, check_dir: bool = True) -> None:
        """See ``StaticFiles``."""
        super().__init__(directory=directory, check_dir=check_dir)
        self._kept: dict[str, Response] = {}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file; it is read once, as a new reader's first page loads some twenty."""
        whole = scope["method"] == "GET" and not CONDITIONS.intersection(Headers(scope=scope))
        if whole and path in self._kept:
            return self._kept[path]
        response = await super().get_response(path, scope)
        if whole and isinstance(response, FileResponse):
            body = await run_in_threadpool(Path(response.path).read_bytes)
            response = self._kept[path] = Response(body, headers=dict(response.headers))
        return response

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
    app.mount(f"{root}/vendor", ImmutableFiles(vendored, check_dir=False))
    app.mount(root, ImmutableFiles(STATIC))
