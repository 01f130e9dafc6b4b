"""One cache of compiled statements for all databases of a run.

Each test has a database of its own, hence an engine of its own, whose cache is empty: a third of
the time of a test went into compiling the statements that all tests ask.
"""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import Dialect

_KNOWN: dict[str, tuple[Dialect, Any]] = {}
"""The dialect that each kind of database was first opened with, and the cache: it asks for both."""


def create_sharing_engine(url: Any, **options: Any) -> Engine:
    """Create an engine as SQLAlchemy does, with the cache of the first that reached a database."""
    engine = create_engine(url, **options)
    name = engine.dialect.name
    if name in _KNOWN:
        engine.dialect, engine._compiled_cache = _KNOWN[name]
        return engine

    def remember(_: Connection) -> None:
        _KNOWN.setdefault(name, (engine.dialect, engine._compiled_cache))

    event.listen(engine, "engine_connect", remember)
    return engine
