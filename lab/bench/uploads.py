"""How much memory the server takes for the upload of a large PDF.

Run ``python -m presslens.lab.bench.uploads``.

The PDF comes as one file of a form; the peak of the server is what Linux
counts (VmHWM). Nothing is analysed meanwhile.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from rich.console import Console
from rich.table import Table

from presslens.app.sizing.measurement import peak_memory
from presslens.lab.bench.start import server

MEGABYTES = 200
MOST_MB = 64
"""Megabytes by which the peak may rise: a part of the file, never all of it."""


def main() -> None:
    """Print the rise of the server's peak memory, and how long the upload takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=MEGABYTES)
    args = parser.parse_args()
    table = Table("upload of a PDF", "MB", "memory before", "peak", "rise, MB", "target", "seconds")
    with tempfile.TemporaryDirectory(prefix="presslens-bench-") as folder:
        environment = {
            **os.environ,
            "PRESSLENS_DATA_DIR": f"{folder}/data",
            "PRESSLENS_DATABASE_URL": "",
            "PRESSLENS_FILE_BYTES": str(4 * args.megabytes * 10**6),
            "PRESSLENS_REQUEST_BYTES": str(4 * args.megabytes * 10**6),
            "PRESSLENS_MIN_FREE_BYTES": "0",
        }
        for size in (1, args.megabytes):  # the first upload imports what all need
            file = write_pdf(Path(folder, "edition.pdf"), size * 10**6)
            table.add_row("", *upload(file, folder, environment))
    Console().print(table)


def write_pdf(file: Path, size: int) -> Path:
    """Write a PDF of at least so many bytes, whose pages are pictures of noise."""
    rng = np.random.default_rng(1)
    page = Pillow.fromarray(rng.integers(0, 255, (2300, 1600, 3), np.uint8))
    page.save(file, "PDF", quality=95)
    more = -(-size // file.stat().st_size) - 1
    page.save(file, "PDF", quality=95, save_all=True, append_images=[page] * more)
    return file


def upload(file: Path, folder: str, environment: dict[str, str]) -> list[str]:
    """Upload a PDF to a new server, and return the cells of its row."""
    with server(folder, environment, "--no-worker") as (process, client):
        client.get("editions").raise_for_status()
        before = peak_memory(process.pid)
        form = {"publication": "Bench", "date": "2000-01-01", "mode": "separate"}
        began = time.perf_counter()
        with file.open("rb") as content:
            files = [("files", (file.name, content, "application/pdf"))]
            client.post("editions", data=form, files=files, timeout=300).raise_for_status()
        seconds = time.perf_counter() - began
        peak = peak_memory(process.pid)
    sizes = (file.stat().st_size, before, peak, peak - before)
    cells = [f"{size / 1e6:.0f}" for size in sizes]
    return [*cells, f"below {MOST_MB}", f"{seconds:.1f}"]


if __name__ == "__main__":
    main()
