"""Loads the seeds: newspapers, claims with their sources, and events.

``presslens init`` and ``presslens upgrade`` load the seeds, which changes nothing where all is
there. A claim that has changed becomes a new version, one that is withdrawn goes unless it is
frozen; rows that people have added stay as they are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from presslens.app.db.claims import ClaimRegistrationRow, ClaimRow, EventRow
from presslens.app.db.publications import PublicationAliasRow, publication_named
from presslens.app.db.tables import PublicationRow
from presslens.app.db.upsert import insert_new
from presslens.app.platform.text import plain_name

SEEDS = files("presslens.seeds")


def seed(session: Session, *, folder: Traversable = SEEDS, now: datetime) -> None:
    """Bring the seeds of a database up to date.

    Args:
        session: An open transaction that may write.
        folder: It has ``publications.toml``, ``claims.toml`` and ``events.toml``.
        now: The time of creation of new claims.
    """
    if session.scalar(select(func.count()).select_from(PublicationRow)) == 0:
        for row in _read(folder, "publication"):
            aliases = row.pop("aliases", ())
            session.add(
                PublicationRow(**row, aliases=[PublicationAliasRow(name=name) for name in aliases])
            )
        session.flush()
    _claims(session, _read(folder, "claim"), now)
    _events(session, _read(folder, "event"))


def seeded_names(folder: Traversable = SEEDS) -> dict[str, list[str]]:
    """Return the name and the aliases of each seeded newspaper, by its name."""
    rows = _read(folder, "publication")
    return {row["name"]: [row["name"], *row.get("aliases", ())] for row in rows}


def seeded_languages(name: str, folder: Traversable = SEEDS) -> tuple[str, ...]:
    """Return the languages of a seeded newspaper by its name or an alias; () if not known."""
    plain = plain_name(name).casefold()
    for row in _read(folder, "publication"):
        if plain in (one.casefold() for one in (row["name"], *row.get("aliases", ()))):
            return tuple(row.get("languages", ()))
    return ()


def _read(folder: Traversable, kind: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((folder / f"{kind}s.toml").read_text("utf-8"))[kind]
    return rows


def _claims(session: Session, seeds: list[dict[str, Any]], now: datetime) -> None:
    latest: dict[str, ClaimRow] = {}
    for row in session.scalars(select(ClaimRow).order_by(ClaimRow.version)):
        latest[row.key] = row
    for seed_row in seeds:
        values = {"note": None, **seed_row}
        key = values.pop("key")
        stored = latest.get(key)
        if stored is not None and (not stored.seeded or _is_same(stored, values)):
            continue
        version = stored.version + 1 if stored is not None else 1
        insert_new(
            session, ClaimRow, **values, key=key, version=version, seeded=True, created_at=now
        )
    withdrawn = set(latest) - {seed_row["key"] for seed_row in seeds}
    if withdrawn:
        frozen = select(ClaimRow.key).join(ClaimRegistrationRow)
        old = ClaimRow.key.in_(withdrawn) & ClaimRow.seeded & ClaimRow.key.not_in(frozen)
        session.execute(delete(ClaimRow).where(old).execution_options(synchronize_session=False))


def _events(session: Session, seeds: list[dict[str, Any]]) -> None:
    stored = {(row.event_date, row.title): row for row in session.scalars(select(EventRow))}
    for seed_row in seeds:
        values = {"place": None, "leader_attended": None, **seed_row}
        values["publication_id"] = _publication(session, values.pop("publication", None))
        row = stored.pop((values["event_date"], values["title"]), None)
        if row is None:
            insert_new(session, EventRow, **values, seeded=True)
        elif row.seeded and not _is_same(row, values):
            for name, value in values.items():
                setattr(row, name, value)
    withdrawn = [row.id for row in stored.values() if row.seeded]
    if withdrawn:
        session.execute(delete(EventRow).where(EventRow.id.in_(withdrawn)))


def _publication(session: Session, name: str | None) -> int | None:
    if name is None:
        return None
    return publication_named(session, name)


def _is_same(row: ClaimRow | EventRow, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())
