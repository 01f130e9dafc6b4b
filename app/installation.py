"""One installation: its settings, database, store and recipe, opened together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select

from app import clock
from app.db.schema import upgrade
from app.db.session import Database
from app.db.tables import RecipeRow, UploadFileRow
from app.db.upsert import insert_new
from app.errors import StoreMissing
from app.seeds import seed
from app.settings import Settings
from app.storage import Storage
from models.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Installation:
    """What every use case works with."""

    settings: Settings
    database: Database
    storage: Storage
    recipe: Recipe


@contextmanager
def open_installation(settings: Settings) -> Iterator[Installation]:
    """Bring the tables up to date, see that the store is there, and load what is seeded.

    Raises:
        StoreMissing: The database knows scans, but the folder that should hold them is not ours.
        InvalidRecipe: The recipe can't be used.
    """
    recipe = settings.load_recipe()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        upgrade(database)
        storage = Storage(settings.data_dir.absolute(), settings.min_free_bytes)
        _open_store(storage, database)
        _seed(database, recipe)
        yield Installation(settings, database, storage, recipe)
    finally:
        database.close()


def _open_store(storage: Storage, database: Database) -> None:
    if not storage.marked:
        with database.read() as session:
            known = session.scalar(select(func.count()).select_from(UploadFileRow))
        if known:
            raise StoreMissing("the data folder has no .presslens file: is its disk mounted?")
        storage.create()
    storage.check()
    storage.sweep(clock.now().timestamp())


def _seed(database: Database, recipe: Recipe) -> None:
    with database.write() as session:
        seed(session, now=clock.now())
        insert_new(
            session,
            RecipeRow,
            id=recipe.id,
            observation_id=recipe.observation_id,
            name=recipe.name,
            canonical=recipe.canonical(),
            created_at=clock.now(),
        )
