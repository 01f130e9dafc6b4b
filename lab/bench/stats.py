"""How fast statistics are answered over HTTP, while a worker writes, beside Datasette.

Datasette serves the same file and answers the same sums by SQL, without intervals. Both are asked
one query at a time, in turns, so that whatever else the machine does burdens both alike.
"""

from __future__ import annotations

import contextlib
import importlib.util
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
from sqlalchemy import func, select

from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import EditionRow
from presslens.app.drill.serving import presslens, serving
from presslens.app.installation import Installation, init_installation, open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.exports.export import export_tables
from presslens.app.services.exports.table_writer import TableFormat
from presslens.lab.bench.generator import LEADER, fill
from presslens.lab.bench.writing import ArchiveWriter, writing
from presslens.pipelines.lifeline import program

QUERIES = {
    "share of children": "stats?metric=children",
    "children by month": "stats?metric=children&by=month",
    "children by edition": "stats?metric=children&by=edition",
    "front-page crowds by area, by year": "stats?metric=crowd@front/area&by=year",
    "mean share by weekday": "stats?metric=leader&by=weekday&estimand=mean_edition_share",
    "a figure by month": f"stats?metric=figure:{LEADER}&by=month",
    "photos by month": "stats?metric=photos&by=month",
    "photos an edition": "stats?metric=photos&by=edition",
    "composition of a year": "stats/composition?from=2020-01-01&to=2020-12-31",
    "composition of all": "stats/composition",
    "two years compared": (
        "stats/compare?metric=children&metric=photos&a_from=2019-01-01&a_to=2019-12-31"
        "&b_from=2020-01-01&b_to=2020-12-31"
    ),
    "usual or not": "baseline?edition={last}",
    "change points of children": "stats/changes?metric=children&by=month",
}
"""What is asked, by what it is, once an edition was summarised; ``last`` is the latest edition."""

OTHER = ", after another write"
"""Ends the name of a query that is asked a second time, after a write that it isn't made of."""

AGAIN = ", again"
"""Ends the name of a query that is asked a third time, with nothing changed."""

SAME = "children by month"
"""The query whose sums Datasette is asked for too."""

SUMS = """\
SELECT strftime('%Y-%m', e.edition_date) AS month, sum(s.expected) / sum(s.n) AS share,
       sum(s.n) AS n, sum(s.decided) AS decided, count(*) AS editions
FROM edition_share s JOIN edition e ON e.id = s.edition_id
WHERE s.recipe_id = :recipe AND s.measure = 'children' AND s.zone = 'all'
GROUP BY month ORDER BY month"""
"""The same sums out of the table that keeps them for each edition."""

FROM_PHOTOS = """\
SELECT strftime('%Y-%m', e.edition_date) AS month, avg(r.probability) AS share, count(*) AS n,
       sum(r.probability >= 0.5) AS decided, count(DISTINCT e.id) AS editions
FROM subject_reading r JOIN photo p ON p.id = r.photo_id JOIN outcome o ON o.id = p.outcome_id
     JOIN page g ON g.scan_id = o.scan_id JOIN edition e ON e.id = g.edition_id
WHERE r.recipe_id = :recipe AND r.subject = 'children'
GROUP BY month ORDER BY month"""
"""The same out of the photos, as one would ask without that table."""

DATABASE = "presslens.db"


@dataclass(frozen=True, slots=True)
class Answered:
    """How long a query took, in ms: at the median and at the 95th percentile of ``n`` answers."""

    what: str
    n: int
    median: float
    p95: float


OnTiming = Callable[[str, int, int], None]


def bench_stats(editions: int, rounds: int, *, progress: OnTiming) -> list[Answered]:
    """Fill an installation of its own, and time the queries on it.

    Args:
        editions: How many editions are generated.
        rounds: How often each query is asked.
        progress: Is called with a step, the number of its parts that are done, and of all.
    """
    with tempfile.TemporaryDirectory(prefix="presslens-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database_url=f"sqlite:///{folder}/{DATABASE}")
        init_installation(settings)
        with open_installation(settings) as home:
            fill(home, editions=editions, progress=lambda done, of: progress("filling", done, of))
            timed = time_stats(
                home, rounds=rounds, progress=lambda done, of: progress("asking", done, of)
            )
            return [*timed, _time_export(home, Path(folder))]


def time_stats(
    home: Installation, *, rounds: int, progress: Callable[[int, int], None]
) -> list[Answered]:
    """Ask each query several times, while another process writes.

    Args:
        home: An installation on SQLite that ``archive.fill`` has filled.
        rounds: How often each is asked.
        progress: Is called with the numbers of rounds that are done, and of all.
    """
    times: dict[str, list[float]] = {}
    database = home.settings.data_dir / DATABASE
    with contextlib.ExitStack() as stack:
        asks: dict[str, Callable[[], None]] = {}
        client = stack.enter_context(
            serving(
                presslens,
                "/api/v1/healthz",
                PRESSLENS_DATA_DIR=str(home.settings.data_dir),
                PRESSLENS_DATABASE_URL=str(home.settings.database_url),
            )
        )
        with home.database.read() as session:
            last = session.scalar(select(func.max(EditionRow.id)))
        for what, query in QUERIES.items():
            asks[what] = _getter(client, f"/api/v1/{query.format(last=last)}", {})
            for ending in (OTHER, AGAIN):
                asks[f"{what}{ending}"] = asks[what]
        if importlib.util.find_spec("datasette") is not None:
            other = stack.enter_context(serving(_datasette(database), "/-/versions.json"))
            for what, sql in (("the editions' sums", SUMS), ("the photos", FROM_PHOTOS)):
                asks[f"Datasette, {SAME} out of {what}"] = _getter(
                    other,
                    f"/{database.stem}.json",
                    {"sql": sql, "recipe": home.recipe.id, "_shape": "array"},
                )
        stack.enter_context(writing(home))
        writer = ArchiveWriter.of(home)
        for number in range(rounds + 1):
            for what, ask in asks.items():
                if what.endswith(OTHER):
                    writer.change_something()
                elif not what.endswith(AGAIN):
                    writer.summarise(number)
                start = time.perf_counter()
                ask()
                # The first round warms caches and the bootstrap's draws up.
                if number:
                    times.setdefault(what, []).append(1000 * (time.perf_counter() - start))
            progress(number, rounds)
    return [_answered(what, seconds) for what, seconds in times.items()]


def _time_export(home: Installation, folder: Path) -> Answered:
    """Write all tables as Parquet, once, while nobody else works."""
    target = folder / "export"
    target.mkdir()
    start = time.perf_counter()
    export_tables(home, EditionScope(), TableFormat.PARQUET, target)
    took = 1000 * (time.perf_counter() - start)
    return Answered("all tables as Parquet", 1, took, took)


def _answered(what: str, times: Sequence[float]) -> Answered:
    ordered = sorted(times)
    last = len(ordered) - 1
    return Answered(what, len(ordered), ordered[last // 2], ordered[round(0.95 * last)])


def _getter(client: httpx2.Client, path: str, params: dict[str, str]) -> Callable[[], None]:
    def get() -> None:
        answer = client.get(path, params=params) if params else client.get(path)
        answer.raise_for_status()

    return get


def _datasette(database: Path) -> Callable[[int], list[str]]:
    return lambda port: program(
        "datasette", "serve", str(database), "--port", str(port),
        "--setting", "sql_time_limit_ms", "20000",
    )  # fmt: skip
