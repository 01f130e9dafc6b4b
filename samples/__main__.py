"""``python -m presslens.samples OUT``: writes sample editions and the leader's reference photos."""

from __future__ import annotations

import argparse
import os
from itertools import product
from pathlib import Path

from platformdirs import user_cache_path

from presslens.samples.compose import DAILIES, KINDS, compose_edition, leader_references
from presslens.samples.scan import CONDITIONS
from presslens.samples.sources import MissingSource


def sources_folder() -> Path:
    """Return where `presslens models fetch` puts the files of samples/sources.toml."""
    folder = os.environ.get("PRESSLENS_CACHE_DIR")
    return (Path(folder) if folder else user_cache_path("presslens")) / "samples"


def main(arguments: list[str] | None = None) -> None:
    """Write one edition of each chosen kind and condition, and the references, below OUT.

    A clean edition lies in a folder named after its kind, any other in KIND-CONDITION.
    """
    parser = argparse.ArgumentParser(prog="samples", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sources", type=Path, default=sources_folder())
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--condition", choices=CONDITIONS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        _write(options)
    except MissingSource as error:
        fetched = f"`presslens models fetch` puts it into {sources_folder()}"
        parser.exit(1, f"{error}: {fetched}; --sources names another folder\n")


def _write(options: argparse.Namespace) -> None:
    for kind, condition in product(options.kind or DAILIES, options.condition or ["clean"]):
        name = kind if condition == "clean" else f"{kind}-{condition}"
        compose_edition(
            kind, options.sources, options.out / name, seed=options.seed, condition=condition
        )
    leader_references(options.sources, options.out / "leader")


if __name__ == "__main__":
    main()
