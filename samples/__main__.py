"""``python -m samples OUT``: writes sample editions and the leader's reference photos."""

from __future__ import annotations

import argparse
from pathlib import Path

from samples.compose import KINDS, compose_edition, leader_references

SOURCES = Path(__file__).parent / "packages"


def main(arguments: list[str] | None = None) -> None:
    """Write one edition of each kind asked for, and the references, below OUT."""
    parser = argparse.ArgumentParser(prog="samples", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sources", type=Path, default=SOURCES)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    for kind in asked.kind or KINDS:
        compose_edition(kind, asked.sources, asked.out / kind, seed=asked.seed)
    leader_references(asked.sources, asked.out / "leader")


if __name__ == "__main__":
    main()
