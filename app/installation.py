"""One installation: its settings, database, store and recipe, opened together.

``init_installation`` creates an installation, ``upgrade_installation`` migrates one, and
``open_installation`` only checks: a reader takes no write lock and changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from sqlalchemy import delete, or_, select, text

from presslens.app.db import schema
from presslens.app.db.cipher import EmbeddingCipher, EmbeddingKeyRow, read_key
from presslens.app.db.figures import ReferenceRow
from presslens.app.db.seeds import seed
from presslens.app.db.session import BUSY_SECONDS, Database
from presslens.app.db.tables import LabelExampleRow, LeaseRow, RecipeRow, UploadFileRow
from presslens.app.db.upsert import insert_new
from presslens.app.platform import clock
from presslens.app.platform.derivatives import Derivatives
from presslens.app.platform.errors import (
    OUTAGES,
    NotInitialised,
    StoreMissing,
    WrongKey,
    WrongVersion,
)
from presslens.app.platform.settings import Settings
from presslens.app.storage.opening import open_storage
from presslens.app.storage.storage import Storage
from presslens.models.recipe import Recipe
from presslens.pipelines.failpoints import Failpoint, around

log = structlog.get_logger()

FILE_BYTES = text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
"""The size of SQLite's file."""


@dataclass(frozen=True, slots=True)
class Installation:
    """An open installation, which every use case takes."""

    settings: Settings
    database: Database
    storage: Storage
    derivatives: Derivatives
    recipe: Recipe
    cipher: EmbeddingCipher | None = None

    def pinned(self) -> Installation:
        """Return the same installation for one request; see ``Database.pinned``."""
        return replace(self, database=self.database.pinned())


@contextmanager
def frozen(
    home: Installation,
    scratch: Path,
    *,
    copied: bool = True,
    heed: Callable[[], None] = lambda: None,
) -> Iterator[Installation]:
    """Give an installation as it is now, for an export of one revision; see ``Database.frozen``.

    Raises:
        DiskFull: Too little disk is free for a copy of the database.
    """
    if copied and home.database.engine.dialect.name == "sqlite":
        with home.database.read() as session:
            home.storage.check_room(session.scalar(FILE_BYTES) or 0)
    with home.database.frozen(scratch, copied=copied, heed=heed) as database:
        yield replace(home, database=database)


@contextmanager
def open_installation(
    settings: Settings, *, patience: float = BUSY_SECONDS
) -> Iterator[Installation]:
    """Open an installation that is there already, and change nothing in it.

    Args:
        patience: Seconds that a transaction waits for another program.

    Raises:
        NoDatabase: The database can't be reached.
        NotInitialised: The database has no tables yet.
        WrongVersion: Its tables are of another version of the program.
        StoreMissing: The store of the scans is not there, or is another one.
        InvalidRecipe: The recipe can't be used.
    """
    with connect(settings, patience) as home:
        check_version(home)
        _check_key(home)
        home.storage.check_mark()
        yield home


def init_installation(settings: Settings) -> bool:
    """Create an installation: its folder, tables, seeds and recipe; return whether it is new.

    One that is complete stays as it is, one that was interrupted is completed, and several
    processes may do so at once.

    Raises:
        WrongVersion: There is one already, of another version of the program.
        StoreMissing: The database has files, but the store that should hold them is another one.
        InvalidRecipe: The recipe can't be used.
    """
    with connect(settings) as home:
        is_new = schema.version(home.database) is schema.Version.MISSING
        _make_folder(settings)
        if is_new:
            schema.upgrade(home.database)
        check_version(home)
        if is_new and home.cipher is not None:
            store_key_id(home)
        _check_key(home)
        if not home.storage.marked and not _has_files(home):
            home.storage.create()
        home.storage.check()
        _seed(home)
        register_recipe(home)
    return is_new


def upgrade_installation(settings: Settings) -> bool:
    """Migrate an installation to this version and load its seeds; return whether it was older.

    Work that was given up is tried again, for this version of the program may be able to do it.

    Raises:
        NotInitialised: There is no installation yet.
        WrongVersion: It is of another version of the program.
        StoreMissing: The store of the scans is not there, or is another one.
        InvalidRecipe: The recipe can't be used.
    """
    with connect(settings) as home:
        is_older = schema.version(home.database) is schema.Version.OLDER
        if is_older:
            schema.upgrade(home.database)
        check_version(home)
        _check_key(home)
        home.storage.check()
        _seed(home)
        _forget_attempts(home)
    return is_older


def prepare_to_work(home: Installation) -> None:
    """Register the recipe, and remove what interrupted work has left in the store.

    Raises:
        StoreMissing: The store of the scans can't be written to.
    """
    home.storage.check()
    tidy_machine(home)
    register_recipe(home)


def tidy_machine(home: Installation) -> None:
    """Delete from this machine what interrupted work has left, and what others have removed.

    Raises:
        StoreMissing: The store of the scans can't be reached.
    """
    home.storage.sweep(clock.now().timestamp())
    for sha256 in home.storage.removed():
        home.derivatives.remove(sha256)


def register_recipe(home: Installation) -> None:
    """Store the recipe in the database, where results refer to it."""
    recipe = home.recipe
    with home.database.read() as session:
        if session.get(RecipeRow, recipe.id) is not None:
            return
    with around(Failpoint.RECIPE_REGISTER), home.database.write() as session:
        insert_new(
            session,
            RecipeRow,
            id=recipe.id,
            observation_id=recipe.observation_id,
            name=recipe.name,
            canonical=recipe.canonical(),
            created_at=clock.now(),
        )


def _forget_attempts(home: Installation) -> None:
    """Delete the leases that no worker holds: they count attempts of the program as it was."""
    unheld = or_(LeaseRow.until_at < clock.now(), LeaseRow.owner == "")  # lease.NOBODY
    with home.database.write() as session:
        session.execute(delete(LeaseRow).where(unheld))


@contextmanager
def connect(settings: Settings, patience: float = BUSY_SECONDS) -> Iterator[Installation]:
    """Open an installation in whatever state it is; for what examines it.

    Raises:
        NoDatabase: The database's URL can't be used.
        InvalidRecipe: The recipe can't be used.
    """
    recipe = settings.load_recipe()
    cipher = None if settings.key_file is None else read_key(settings.key_file)
    database = Database(settings.database_url, cipher, patience=patience)
    storage = open_storage(settings)
    derivatives = Derivatives(storage.root, settings.derivative_bytes)
    try:
        yield Installation(settings, database, storage, derivatives, recipe, cipher)
    finally:
        database.close()


def _make_folder(settings: Settings) -> None:
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # faces and hashes: its owner's
    except FileExistsError as error:
        raise StoreMissing(f"{folder} is a file: PRESSLENS_DATA_DIR must be a folder") from error
    except OSError as error:
        raise StoreMissing(
            f"the folder {folder} can't be made ({error.strerror}): see PRESSLENS_DATA_DIR"
        ) from error


def check_version(home: Installation) -> None:
    """Check that an installation is there, and of this version of the program.

    Raises:
        NotInitialised: There is none.
        WrongVersion: It is of another version.
    """
    which = f"the installation in the folder {home.settings.data_dir}"
    match schema.version(home.database):
        case schema.Version.MISSING:
            folder = home.settings.data_dir
            if folder.is_file():
                raise NotInitialised(f"{folder} is a file: name the folder that holds it")
            state = "is no installation yet" if folder.is_dir() else "does not exist"
            raise NotInitialised(
                f"the folder {folder} {state}: run `presslens init` to begin one there, or name"
                " another in PRESSLENS_DATA_DIR"
            )
        case schema.Version.OLDER:
            raise WrongVersion(f"{which} is of an older version: run `presslens upgrade`")
        case schema.Version.BEFORE_0_3:
            raise WrongVersion(
                f"{which} is older than the last Presslens 0.2: install that version, run"
                " `presslens upgrade` there, and then again here"
            )
        case schema.Version.UNNAMED:
            raise WrongVersion(
                f"{which} has tables, but its database doesn't say of which version they are: "
                "restore a backup, or run `presslens init` in a new folder"
            )
        case schema.Version.OTHER:
            raise WrongVersion(f"{which} is of another version: install that version of Presslens")


def store_key_id(home: Installation) -> None:
    """Store which key embeddings are encrypted with from now on.

    Raises:
        WrongKey: There is no key, or they are encrypted with another one.
    """
    if home.cipher is None:
        raise WrongKey("name a key file in PRESSLENS_KEY_FILE: `presslens privacy key` makes one")
    with home.database.write() as session:
        if session.scalar(select(EmbeddingKeyRow.id)) is None:
            session.add(EmbeddingKeyRow(id=home.cipher.id, created_at=clock.now()))
    _check_key(home)


def _check_key(home: Installation) -> None:
    """Check that the key is that of the embeddings: none, if they are not encrypted."""
    given, file = home.cipher, home.settings.key_file
    with home.database.read() as session:
        stored = session.scalar(select(EmbeddingKeyRow.id))
    if stored is None and given is not None:
        raise WrongKey(
            f"{file} is set, but the embeddings of this installation are not encrypted:"
            " run `presslens privacy encrypt`, or leave PRESSLENS_KEY_FILE empty"
        )
    if stored is not None and given is None:
        raise WrongKey(
            f"the embeddings of this installation are encrypted with the key {stored}:"
            " name its file in PRESSLENS_KEY_FILE"
        )
    if stored is not None and given is not None and stored != given.id:
        raise WrongKey(
            f"{file} is the key {given.id}, but the embeddings of this installation are encrypted"
            f" with the key {stored}: name its file in PRESSLENS_KEY_FILE"
        )


def _has_files(home: Installation) -> bool:
    """Tell whether the store must hold files: uploads, reference photos or examples of labels.

    Scans don't say so: a snapshot restores their rows without the pictures.
    """
    with home.database.read() as session:
        return any(
            session.scalar(select(table.sha256).limit(1)) is not None
            for table in (UploadFileRow, ReferenceRow, LabelExampleRow)
        )


def _seed(home: Installation) -> None:
    with home.database.write() as session:
        seed(session, now=clock.now())


TIDYING_SECONDS = 3600.0
"""Time between two tidyings."""


@contextmanager
def tidying(home: Installation) -> Iterator[None]:
    """Tidy this machine now and then, in another thread, until the block ends.

    A folder has no copies elsewhere: who erases in it erases for all.
    """
    if home.storage.objects is None:
        yield
        return
    ended = threading.Event()

    def tidy() -> None:
        while not ended.wait(TIDYING_SECONDS):
            try:
                tidy_machine(home)
            except (*OUTAGES, OSError) as error:  # the next time may find it again
                log.warning("this machine is not tidied", cause=str(error))

    thread = threading.Thread(target=tidy, name="tidying", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
