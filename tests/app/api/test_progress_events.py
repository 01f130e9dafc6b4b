import asyncio
import json
import sqlite3
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete

from presslens.app.api.editions import progress_events
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.installation import Installation, connect
from presslens.app.platform.language import language
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.summarise import summarise_edition
from presslens.app.services.corrections.trash import delete_edition
from presslens.app.worker import Worker

ENGLISH = language("en")


@pytest.fixture
def edition(upload: Callable[..., Any], scans: dict[str, bytes]) -> int:
    return int(upload(scans).json()["id"])


def _run(watch: Coroutine[Any, Any, list[str]]) -> list[str]:
    """Run what is watched beside the thread of a browser's tests, which has a loop of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, watch).result()


def test_a_watcher_is_not_cut_off_while_another_program_holds_the_database(
    settings: Settings, home: Installation, edition: int
) -> None:
    path = str(home.database.engine.url.database).removeprefix("file:").split("?")[0]

    async def watch() -> list[str]:
        with connect(settings, patience=0.05) as impatient:
            events = progress_events(impatient, edition, ENGLISH, lambda: False)
            seen = [await anext(events)]
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                seen.append(await anext(events))
            return [*seen, await anext(events)]

    first, busy, again = _run(watch())

    assert json.loads(first.split("data: ")[1])["pages_finished"] == 0
    assert busy == ": the database can't be read\n\n"
    assert again == ": still there\n\n", "nothing has changed in the meantime"


def test_events_end_when_the_edition_is_deleted(
    home: Installation, edition: int, now: datetime
) -> None:
    async def watch() -> list[str]:
        events = progress_events(home, edition, ENGLISH, lambda: False)
        seen = [await anext(events)]
        delete_edition(home, edition, coder="A", now=now)
        return [*seen, *[event async for event in events]]

    assert len(_run(watch())) == 1


def test_events_end_once_the_edition_is_summarised(
    home: Installation, edition: int, worker: Worker
) -> None:
    worker.drain()
    with home.database.write() as session:
        session.execute(delete(EditionSummaryRow))

    async def watch() -> list[str]:
        events = progress_events(home, edition, ENGLISH, lambda: False)
        seen = [await anext(events)]
        summarise_edition(home, edition)
        return [*seen, *[event async for event in events]]

    states = [json.loads(event.split("data: ")[1]) for event in _run(watch())]
    assert [one["status"] for one in states] == ["done", "done"]
    assert [one["summarised"] for one in states] == [False, True]


def test_events_end_with_the_server(home: Installation, edition: int) -> None:
    async def watch() -> list[str]:
        return [event async for event in progress_events(home, edition, ENGLISH, lambda: True)]

    assert _run(watch()) == []
