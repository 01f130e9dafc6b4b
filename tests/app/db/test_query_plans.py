"""Main queries find rows of the tables of photos by an index: they never look at all of them."""

import re
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from presslens.app.main import create_app
from presslens.app.platform import clock
from presslens.app.services.analysis.jobs import JOBS
from presslens.app.services.analysis.lease import free_keys, lease_keys
from presslens.app.services.analysis.summarise import summarise_edition
from presslens.lab.bench.generator import fill

LARGE = (
    "detection", "face", "interpretation", "label_reading", "photo", "photo_features", "sighting",
    "subject_reading",
)  # fmt: skip
"""The tables with a row, or more, for each photo."""

ADDRESSES = (
    "/api/v1/editions?limit=50", "/api/v1/editions/5", "/editions/5", "/gallery", "/",
    "/api/v1/photos?limit=50", "/api/v1/photos?subject=children&limit=50", "/api/v1/photos/100",
    "/api/v1/photos/buckets?sort=-date", "/api/v1/stats?metric=children&by=month",
    "/api/v1/stats?metric=photos&by=edition",
)  # fmt: skip
"""Main reads."""

IN_MEMORY = "WHERE photo.outcome_id IS NOT NULL ORDER BY photo.id"
"""The server reads all photos once, and lists them from its memory."""

SCAN = {
    "sqlite": re.compile(r"^SCAN (\w+)(?! USING)", re.MULTILINE),
    "postgresql": re.compile(r"Seq Scan on (\w+)"),
}
"""How plans name a table whose rows are all looked at."""


RECIPE_ALONE = re.compile(rf"^SEARCH ({'|'.join(LARGE)}) .*\(recipe_id=\?\)$", re.MULTILINE)
"""How SQLite names a table of whose rows all are looked at that have the recipe."""


@contextmanager
def asked():
    """Collect the queries of all databases, with one set of parameters each."""
    queries = {}

    def collect(_connection, _cursor, statement, parameters, _context, many):
        if not many and statement.lstrip().startswith(("SELECT", "WITH")):
            queries.setdefault(statement, parameters)

    event.listen(Engine, "before_cursor_execute", collect)
    try:
        yield queries
    finally:
        event.remove(Engine, "before_cursor_execute", collect)


def plan(connection, query, parameters):
    kind = connection.dialect.name
    how = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[kind]
    rows = connection.exec_driver_sql(f"{how} {query}", parameters)
    return "\n".join(str(row[-1]).strip() for row in rows)


def all_rows(home, queries):
    """Return the queries that look at all rows of a large table, with their plans."""
    found = {}
    with home.database.engine.connect() as connection:
        kind = connection.dialect.name
        if kind == "postgresql":  # of few rows it would look at all, for that is faster
            connection.exec_driver_sql("SET enable_seqscan = off")
        for query, parameters in queries.items():
            if query.endswith(IN_MEMORY):
                continue
            shown = plan(connection, query, parameters)
            if set(SCAN[kind].findall(shown)) & set(LARGE):
                found[query] = shown
        connection.rollback()
    return found


@pytest.fixture
def archive(home):
    fill(home, editions=20, photos=8)
    return home


def test_main_queries_look_at_no_table_of_photos_as_a_whole(archive):
    with asked() as queries:
        for job in JOBS.values():
            with archive.database.read() as session:
                work = job.waiting(session, archive.recipe)
                if work is None:  # nothing is encoded where no encoder was added
                    continue
                free_keys(session, work, now=clock.now(), most=8)
            lease_keys(archive, work, [1, 2, 3], "host/1/1", now=clock.now())
        jobs = len(queries)
        with TestClient(create_app(archive.settings), base_url="http://localhost") as client:
            for address in ADDRESSES:
                assert client.get(address).status_code == 200, address
    assert jobs > len(JOBS)
    assert len(queries) > jobs + len(ADDRESSES)
    assert all_rows(archive, queries) == {}


def test_a_summary_of_an_edition_looks_at_its_own_photos_alone(archive):
    with asked() as queries:
        summarise_edition(archive, 5)
    assert len(queries) > 10
    assert all_rows(archive, queries) == {}
    if archive.database.engine.dialect.name == "sqlite":  # "SEARCH" for a recipe is all of them
        with archive.database.engine.connect() as connection:
            plans = {query: plan(connection, query, queries[query]) for query in queries}
        assert {q: shown for q, shown in plans.items() if RECIPE_ALONE.search(shown)} == {}


def test_a_query_that_looks_at_a_whole_table_is_noticed(archive):
    query = "SELECT count(*) FROM photo WHERE score > 0.5"
    assert list(all_rows(archive, {query: ()})) == [query]


def test_a_lease_looks_at_its_own_pages_alone(archive):
    work = None
    with archive.database.read() as session:
        work = JOBS["observe"].waiting(session, archive.recipe)
    with asked() as queries:
        lease_keys(archive, work, [11, 12], "host/1/1", now=clock.now())
    (query,) = (query for query in queries if "lease" in query and "scan" in query)
    with archive.database.engine.connect() as connection:
        shown = plan(connection, query, queries[query])
    assert "over" not in query.lower().split(), "turns are computed of all that waits"
    if connection.dialect.name == "sqlite":
        assert "SCAN scan" not in shown
