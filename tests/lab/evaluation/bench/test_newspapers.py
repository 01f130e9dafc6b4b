import csv
from pathlib import Path

import numpy as np
import pytest

from presslens.lab.evaluation.bench.newspapers import COLUMNS, WORLD, print_newspaper, write_table
from presslens.pipelines.statistics.worlds import World


def test_practice_is_the_mean_of_many_newspapers():
    labels = [print_newspaper(seed, 100, stratified=False).label for seed in range(400)]
    assert np.concatenate(labels).mean() == pytest.approx(WORLD.practice, abs=0.003)


@pytest.mark.parametrize("stratified", [True, False])
def test_chances_are_those_of_the_draw(stratified):
    newspaper = print_newspaper(1, 200, stratified=stratified)
    assert 190 < newspaper.drawn.sum() < 210
    assert newspaper.inclusion.sum() == pytest.approx(newspaper.drawn.sum())
    for h in np.unique(newspaper.stratum):
        members = newspaper.stratum == h
        assert newspaper.inclusion[members] == pytest.approx(newspaper.drawn[members].mean())


def test_the_table_holds_what_is_known(tmp_path):
    newspaper = print_newspaper(2, 60, stratified=True, world=World(editions=5))
    write_table(newspaper, tmp_path / "photos.csv")
    with (tmp_path / "photos.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert [int(row["edition"]) - 1 for row in rows] == newspaper.edition.tolist()
    assert len({(row["edition"], row["page"], row["photo"]) for row in rows}) == len(rows)
    labels = [row["label"] for row in rows]
    assert labels == [
        str(int(label)) if drawn else ""
        for drawn, label in zip(newspaper.drawn, newspaper.label, strict=True)
    ]
    chances = sum(float(row["inclusion_probability"]) for row in rows)
    assert chances == pytest.approx(newspaper.drawn.sum(), abs=1e-3)


def test_the_table_of_the_replication_is_as_it_was_written(tmp_path):
    newspaper = print_newspaper(1, 200, stratified=True, world=World(editions=24))
    write_table(newspaper, tmp_path / "photos.csv")
    stored = Path(__file__).parents[4] / "docs/howto/replication.csv"
    assert (tmp_path / "photos.csv").read_bytes() == stored.read_bytes()
