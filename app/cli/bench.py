"""``presslens bench``: what an archive takes, measured on this machine and simulated."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from itertools import count
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.sizing.plan import SIZES, Plan, Prices, plan
from presslens.app.sizing.simulation import Cluster
from presslens.app.sizing.times import WorkerTimes
from presslens.pipelines.scans.scan import expand

JPEG = (".jpg", ".jpeg")

PRICES = Prices()


@command()
def bench(
    scans: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, help="Pages (JPEG) or folders; a composed edition if none."),
    ] = None,
    archive: Annotated[
        bool, typer.Option("--archive", help="Plan archives; there is no other bench yet.")
    ] = False,
    sizes: Annotated[
        list[int] | None,
        typer.Option("--size", min=1, max=10**9, help="Pages of an archive to plan."),
    ] = None,
    pages: Annotated[int, typer.Option(min=8, help="Pages that are measured.")] = 16,
    recording_file: Annotated[
        Path | None,
        typer.Option(
            "--recording", exists=True, dir_okay=False, help="Plan from these times: measure none."
        ),
    ] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write the measured times into this file.")
    ] = None,
    nodes: Annotated[int, typer.Option(min=1, max=20_000, help="Machines that work.")] = 1,
    cores: Annotated[int | None, typer.Option(min=1, max=1024, help="Processors of each.")] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Processes of each; as many as processors if not said"),
    ] = None,
    gpu: Annotated[
        float,
        typer.Option(min=1, max=1e6, help="So many times as fast does a GPU run the networks."),
    ] = 1.0,
    writers: Annotated[
        int,
        typer.Option(
            min=1, max=10_000, help="Commits at once: 1 on SQLite, about 8 on PostgreSQL."
        ),
    ] = 1,
    storage: Annotated[
        float | None,
        typer.Option(
            min=0.1, help="Megabytes a second of the disk or bucket that all share; none: no limit."
        ),
    ] = None,
    core_hour: Annotated[
        float, typer.Option("--price-core-hour", min=0, help="Of a processor.")
    ] = PRICES.core_hour,
    gpu_hour: Annotated[float, typer.Option("--price-gpu-hour", min=0, help="Of a GPU.")] = (
        PRICES.gpu_hour
    ),
    gb_month: Annotated[
        float, typer.Option("--price-gb-month", min=0, help="Of a gigabyte on disk.")
    ] = PRICES.gb_month,
) -> Printed:
    """Measure what a page costs on this machine, and plan how long archives take.

    An installation is made for it, and gone afterwards: yours stays as it is.
    """
    if not archive:
        raise typer.BadParameter("say --archive: there is no other bench yet")
    if not isfinite(gpu):
        raise typer.BadParameter(f"{gpu} is no number of times", param_hint="--gpu")
    recording = _recording(recording_file, scans, pages)
    if out_file is not None:
        out_file.write_text(json.dumps(recording.to_json()) + "\n", encoding="utf-8")
    cores = cores or recording.cores
    cluster = Cluster(nodes, cores, processes or cores, gpu, writers, storage)
    prices = Prices(core_hour, gpu_hour, gb_month)
    plans = [plan(recording, cluster, size, prices) for size in sizes or SIZES]
    yield {"recording": recording.to_json(), "plans": [planned.to_json() for planned in plans]}
    yield _recorded(recording)
    yield _planned(plans)
    yield (
        f"{cluster.nodes} x {cluster.cores:g} processors, {cluster.processes} processes each"
        + (f", networks {cluster.gpu:g} times as fast on a GPU" if cluster.gpu > 1 else "")
        + f", {cluster.writers} commits at once"
    )


def _recording(file: Path | None, scans: Sequence[Path] | None, pages: int) -> WorkerTimes:
    if file is not None:
        try:
            return WorkerTimes.from_json(json.loads(file.read_text(encoding="utf-8")))
        except ValueError as error:
            raise InvalidRequest(f"{file.name} holds no times of `presslens bench`") from error
    # Imported here: a plan alone needs no worker.
    from presslens.app.demo import sample_pages
    from presslens.app.sizing.measurement import measure

    settings = Settings()
    if scans:
        content = [path.read_bytes() for path in expand(scans) if path.suffix.lower() in JPEG]
        if not content:
            raise InvalidRequest("there is no JPEG among these files")
    else:
        content = sample_pages(settings, 8)
    with progress("measuring", remains="nothing is kept") as work:
        total, done = len(content) + pages, count(1)
        work.update(0, total)
        return measure(
            settings,
            content,
            pages=pages,
            processes=os.cpu_count() or 1,
            on_page=lambda: work.update(next(done), total),
        )


def _recorded(recording: WorkerTimes) -> ReadableTable:
    mean, sizes = recording.mean, (recording.scan_bytes, recording.view_bytes, recording.row_bytes)
    memory = f"{recording.memory / 1e6:.0f}, {recording.worker_memory / 1e6:.0f} MB"
    moved = f"{recording.read_bytes / 1e6:.1f}, {recording.write_bytes / 1e6:.1f} MB"
    rows = (
        ("networks: photos found and looked at", f"{mean('networks'):.2f} s"),
        ("its picture, traits and captions", f"{mean('rest'):.2f} s"),
        ("decoding", f"{mean('decoding'):.2f} s"),
        ("leasing and storing it", f"{1000 * (recording.lease + recording.record):.0f} ms"),
        ("of that, each of two commits", f"{1000 * recording.commit:.0f} ms"),
        ("interpreting and summarising", f"{1000 * recording.interpret:.0f} ms"),
        ("pages a second and processor", f"{1 / mean('processor'):.2f}"),
        ("memory of a process, of the worker", memory),
        ("read, written", moved),
        ("scan, picture, rows with indexes", f"{', '.join(f'{s / 1e6:.2f}' for s in sizes)} MB"),
    )
    title = f"a page of {mean('photos'):.1f} photos, one processor"
    return ReadableTable.of(title, "", rows=rows)


def _planned(plans: Sequence[Plan]) -> ReadableTable:
    rows = (
        ("hours", lambda p: f"{p.hours:,.1f}"),
        ("pages a second", lambda p: f"{p.pages_per_second:.2f}"),
        ("cost of the machines", lambda p: f"{p.compute_cost:,.2f}"),
        ("scans, GB", lambda p: f"{p.scans_gb:,.0f}"),
        ("pictures, GB", lambda p: f"{p.views_gb:,.0f}"),
        ("database, GB", lambda p: f"{p.database_gb:,.0f}"),
        ("cost of the room a month", lambda p: f"{p.month_cost:,.2f}"),
        ("memory of each machine, GB", lambda p: f"{p.memory_gb:.1f}"),
        ("held up by", lambda p: p.bottleneck),
        ("then by", lambda p: p.next_bottleneck),
    )
    heads = ("", *(f"{planned.pages:,} pages" for planned in plans))
    return ReadableTable.of(*heads, rows=((name, *map(cell, plans)) for name, cell in rows))
