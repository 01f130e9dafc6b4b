"""A snapshot, loaded into a temporary installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from presslens.app.installation import Installation, connect, init_installation, register_recipe
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.exports.batches import ReportProgress, no_progress
from presslens.app.services.exports.snapshot.read import Snapshot
from presslens.app.services.exports.snapshot.restore import restore_snapshot
from presslens.models.recipe import DEFAULT, Recipe

RECIPE = "recipe.json"
LARGEST_RECIPE = 2**20


def carried_recipe(snapshot: Snapshot) -> Recipe:
    """Return the recipe that a snapshot carries.

    Raises:
        InvalidRequest: It carries none, or another one than its manifest names.
    """
    path = snapshot.files.get(RECIPE)
    if path is None or path.stat().st_size > LARGEST_RECIPE:
        raise InvalidRequest(f"the snapshot has no {RECIPE}")
    try:
        recipe = Recipe.model_validate_json(path.read_bytes())
    except (ValidationError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"{RECIPE} of the snapshot is none that is read here") from error
    if recipe.id != snapshot.manifest.recipe:
        raise InvalidRequest(f"{RECIPE} is another recipe than the manifest of the snapshot names")
    return recipe


@contextmanager
def loaded(
    snapshot: Snapshot, folder: Path, *, progress: ReportProgress = no_progress
) -> Iterator[Installation]:
    """Load a snapshot into an installation in an empty folder, under the recipe that it carries.

    No weight file is needed: nothing is looked at.

    Raises:
        InvalidRequest: It can't be loaded.
        DiskFull: Too little disk is free.
    """
    settings = Settings(
        data_dir=folder / "data", database_url="", store_url="", recipe=DEFAULT, key_file=None,
        public_url="", doi="", site_url="",
    )  # fmt: skip
    init_installation(settings)
    with connect(settings) as opened:
        home = replace(opened, recipe=carried_recipe(snapshot))
        register_recipe(home)
        restore_snapshot(home, snapshot, progress=progress)
        yield home
