"""Failpoints: the moments of the program around which it is tested that nothing is lost.

At each of them a test ends the process, fails the disk, or takes away what is not synced. Nothing
but a call of ``arm`` does so: no setting, no environment variable and no request reaches it, and
only tests and ``app.soak`` call it, which a test holds. Disarmed, as always in service, a failpoint
costs a comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum


class Failpoint(StrEnum):
    """All failpoints, by the room and what is done there; each stands at one place of the code."""

    STORE_WRITE = "store.write"
    STORE_SYNC = "store.sync"
    STORE_TOUCH = "store.touch"
    STORE_DROP_COPY = "store.drop_copy"
    STORE_RENAME = "store.rename"
    STORE_SYNC_FOLDER = "store.sync_folder"
    STORE_SYNC_PARENT = "store.sync_parent"
    STORE_SET_ASIDE = "store.set_aside"
    STORE_REMOVE = "store.remove"
    STORE_SYNC_REMOVAL = "store.sync_removal"
    STORE_REMOVE_VIEWS = "store.remove_views"
    STORE_SWEEP = "store.sweep"
    VIEW_WRITE = "view.write"
    VIEW_SYNC = "view.sync"
    VIEW_RENAME = "view.rename"
    VIEW_SYNC_FOLDER = "view.sync_folder"
    VIEW_SYNC_PARENT = "view.sync_parent"
    DATABASE_FLUSH = "database.flush"
    DATABASE_COMMIT = "database.commit"
    UPLOAD_FILE = "upload.file"
    UPLOAD_EDITION = "upload.edition"
    INBOX_REMEMBER = "inbox.remember"
    RECIPE_REGISTER = "recipe.register"
    PRESENCE_ANNOUNCE = "presence.announce"
    PRESENCE_WITHDRAW = "presence.withdraw"
    LEASE_TAKE_OVER = "lease.take_over"
    LEASE_CLAIM = "lease.claim"
    LEASE_END = "lease.end"
    LEASE_RELEASE = "lease.release"
    UNPACK_READ = "unpack.read"
    UNPACK_STORE = "unpack.store"
    EMBED_STORE = "embed.store"
    OBSERVE_READ = "observe.read"
    OBSERVE_STORE = "observe.store"
    INTERPRET_READ = "interpret.read"
    INTERPRET_STORE = "interpret.store"
    SUMMARISE_STORE = "summarise.store"
    COMPARE_STORE = "compare.store"
    TRASH_EMPTY = "trash.empty"
    SWEEP_FILES = "sweep.files"


class WhenStruck(StrEnum):
    """Before what a failpoint names is done, or after it."""

    BEFORE = "before"
    AFTER = "after"


Action = Callable[[Failpoint, WhenStruck], None]
"""What an armed program does whenever it comes to a failpoint."""

_action: Action | None = None


def arm(action: Action | None) -> None:
    """Have this process call a function at each failpoint; None disarms it."""
    global _action
    _action = action


def reach(point: Failpoint, moment: WhenStruck) -> None:
    """Come to a failpoint."""
    if _action is not None:
        _action(point, moment)


@contextmanager
def around(point: Failpoint) -> Iterator[None]:
    """Come to both moments of a failpoint: before the block, and after it unless it raises."""
    reach(point, WhenStruck.BEFORE)
    yield
    reach(point, WhenStruck.AFTER)
