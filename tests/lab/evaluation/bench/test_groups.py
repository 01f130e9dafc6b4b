"""Shares of groups by Presslens and by other libraries, on a few newspapers."""

from presslens.lab.evaluation.bench.groups import (
    ANSWERED,
    DRAWN,
    WORLDS,
    measure_answers,
    measure_groups,
)


def test_every_world_is_measured_by_presslens_and_by_a_weighted_mean():
    rows = list(measure_groups(1))
    assert {row.world for row in rows} == {one.name for one in WORLDS}
    for one in WORLDS:
        libraries = {row.library: row for row in rows if row.world == one.name}
        assert {"Presslens", "drawn labels, weighted mean"} <= libraries.keys()
        assert all(0 <= row.held <= 1 and 0 < row.width <= 1 for row in libraries.values())
        assert libraries["Presslens"].groups in (2, 12)


def test_answers_stand_beside_the_machine_alone_in_every_world():
    rows = list(measure_answers(1))
    assert len(rows) == 2 * len(ANSWERED) * len(DRAWN)
    assert {row.intervals for row in rows if row.of == "difference"} == {1}
    assert all(
        row.ratio > 0 and (row.wider > 0) == (row.ratio > 1) for row in rows if row.intervals == 1
    )
