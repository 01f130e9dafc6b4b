"""Lets the networks look at the month, and stores what they see.

Run ``python -m presslens.lab.month_recording``.

To be run when the recipe's rules of observation or the generator of the month have changed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import presslens.app.month
from presslens.app.month.make import RECORDING, make_month
from presslens.app.month.recording import save
from presslens.app.platform.settings import Settings


def main() -> None:
    """Write the recording that is shipped, and say how large it is."""

    def tell(step: str, done: int, of: int) -> None:
        sys.stderr.write(f"{step}: {done} of {of}\n")

    settings, target = Settings(), Path(presslens.app.month.__file__).with_name(RECORDING)
    with TemporaryDirectory() as folder:
        month = make_month(settings, Path(folder), recording=None, progress=tell)
        save(month.recording(settings.load_recipe().observation_id), target)
    sys.stdout.write(f"{target}: {len(month.names)} pages, {target.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
