"""The progress of an edition as server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool

from presslens.app.installation import Installation
from presslens.app.platform.errors import OUTAGES, Gone, NotFound
from presslens.app.services.analysis.presence import count_workers
from presslens.app.services.analysis.summarise import is_summarised
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.pages import page_outcomes

EVENT_SECONDS = 1.0
"""Seconds between two queries of the progress of a watched edition."""


async def progress_events(
    home: Installation, edition_id: int, is_stopping: Callable[[], bool]
) -> AsyncIterator[str]:
    """Yield an event whenever an edition has changed, else a comment, until it is summarised.

    The events end, too, when the edition is deleted or the server ends. While the database can't be
    read they go on with comments, so that nobody is cut off from a night's work.

    Args:
        is_stopping: Whether the server ends, and the events with it.
    """
    last = ""
    while not is_stopping():
        try:
            data, summarised = await run_in_threadpool(_progress, home, edition_id)
        except OUTAGES:
            yield ": the database can't be read\n\n"
        except (Gone, NotFound):
            return
        else:
            yield f"event: progress\ndata: {data}\n\n" if data != last else ": still there\n\n"
            if summarised:
                return
            last = data
        await asyncio.sleep(EVENT_SECONDS)


def _progress(home: Installation, edition_id: int) -> tuple[str, bool]:
    """Return an edition with the outcome of each page as JSON, and whether it is summarised."""
    state = find_edition(home, edition_id)
    summarised = state.status.is_final and is_summarised(home, edition_id)
    pages = page_outcomes(home, edition_id)
    document = {**state.to_json(), "summarised": summarised, "page_list": pages}
    document["workers"] = count_workers(home)
    return json.dumps(document), summarised
