"""``python -m samples OUT``: writes sample editions and the leader's reference photos."""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

from samples.compose import DAILIES, KINDS, compose_edition, leader_references
from samples.scan import CONDITIONS

SOURCES = Path(__file__).parent / "packages"


def main(arguments: list[str] | None = None) -> None:
    """Write one edition of each chosen kind and condition, and the references, below OUT.

    A clean edition lies in a folder named after its kind, any other in KIND-CONDITION.
    """
    parser = argparse.ArgumentParser(prog="samples", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sources", type=Path, default=SOURCES)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--condition", choices=CONDITIONS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    for kind, condition in product(options.kind or DAILIES, options.condition or ["clean"]):
        name = kind if condition == "clean" else f"{kind}-{condition}"
        compose_edition(
            kind, options.sources, options.out / name, seed=options.seed, condition=condition
        )
    leader_references(options.sources, options.out / "leader")


if __name__ == "__main__":
    main()
