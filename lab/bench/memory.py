"""What the web server takes of memory: ``python -m presslens.lab.bench.memory --editions 2000``.

It is asked for each kind of page of a generated archive, of about 50 photos an edition, once it has
its first answers. What counts is what no file holds (``Anonymous``): the rest of its own memory
(``Private_Dirty``) the system writes back and drops when others need it.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import httpx2
from rich.console import Console
from rich.table import Table

from presslens.app.drill.site_map import page_paths
from presslens.lab.bench.pages import archive
from presslens.lab.bench.start import memory, server

KINDS = ("Rss", "Pss", "Private_Dirty", "Anonymous")
PATIENCE = 180.0
"""Seconds that a page may take at first."""


def main() -> None:
    """Print the memory at the start, after the first answers, and after all pages twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editions", type=int, default=2000)
    parser.add_argument("--data", type=Path, help="folder of the archive; it is filled if empty")
    args = parser.parse_args()
    shown = Table("memory, MB", *KINDS)
    with archive(args.data, args.editions, Console(stderr=True)) as home:
        folder = str(home.settings.data_dir)
        environment = {
            **os.environ,
            "PRESSLENS_DATA_DIR": folder,
            "PRESSLENS_DATABASE_URL": str(home.settings.database_url),
        }
        with server(folder, environment, "--no-worker") as (process, client):

            def note(when: str) -> None:
                kinds = memory(process)
                shown.add_row(when, *(f"{kinds[kind]:.0f}" for kind in KINDS))

            note("start")
            root = httpx2.URL(client.base_url).join("/")
            with httpx2.Client(base_url=root, trust_env=False, timeout=PATIENCE) as reader:
                while "starting" in reader.get("/readyz").text:
                    time.sleep(1)
                note("first answers")
                for path in [*page_paths(reader).values()] * 2:
                    reader.get(path).raise_for_status()
            note("all pages, twice")
    Console().print(shown)


if __name__ == "__main__":
    main()
