"""Which photos a sample could have drawn, by three ways of saying it in a table."""

from dataclasses import replace

import numpy as np
import pytest

from presslens.pipelines.statistics.frame import frame_of
from presslens.pipelines.statistics.worlds import World

EDITIONS = 20


def _drawn(frame=EDITIONS, photos=120):
    """A table with a sample of the first editions, and the inclusion probability of each photo."""
    rng = np.random.default_rng(0)
    paper = World(editions=EDITIONS, photos=20.0).newspaper(rng)
    within = np.asarray(paper.edition < frame)
    every = np.where(within, photos / within.sum(), np.nan)
    table = paper.drawn(paper.table(), photos, rng, within=within, blind=True)
    return table, every


def test_a_table_without_a_sample_has_no_frame():
    table, _ = _drawn()
    nobody = np.zeros(len(table), bool)
    found = frame_of(replace(table, inclusion=np.full(len(table), np.nan), framed=nobody))
    assert not found.table.framed.any()
    assert found.outside == 0


def test_drawn_photos_alone_may_carry_it():
    table, _ = _drawn()
    found = frame_of(replace(table, framed=np.zeros(len(table), bool)))
    assert found.table.framed.all()
    assert found.outside == 0
    assert found.table.sampled.sum() == 120


def test_drawn_photos_without_an_answer_may_carry_it():
    table, _ = _drawn()
    label = table.label.copy()
    label[np.flatnonzero(table.sampled)[:10]] = np.nan
    found = frame_of(replace(table, label=label))
    assert found.table.framed.all()
    assert (found.table.unanswered.sum(), found.table.sampled.sum()) == (10, 110)


@pytest.mark.parametrize("frame", [12, EDITIONS])
def test_the_whole_frame_may_carry_it(frame):
    table, every = _drawn(frame)
    found = frame_of(replace(table, inclusion=every, framed=np.zeros(len(table), bool)))
    assert (found.table.framed == (table.edition < frame)).all()
    assert found.outside == (table.edition >= frame).sum()
    # A photo of the frame that has no label was not drawn.
    assert found.table.unanswered.sum() == 0
    assert found.table.sampled.sum() == 120
    np.testing.assert_array_equal(found.table.inclusion, table.inclusion)


@pytest.mark.parametrize("first", [True, False])
def test_editions_that_came_later_or_before_are_outside(first):
    table, _ = _drawn(12)
    if first:
        back = EDITIONS - 1 - table.edition
        table = replace(table, edition=back)
    found = frame_of(table)
    late = table.edition < 8 if first else table.edition >= 12
    assert (found.table.framed == ~late).all()
    assert found.outside == late.sum()


def test_one_last_edition_without_a_draw_may_be_chance():
    table, _ = _drawn(photos=40)
    last = table.edition == EDITIONS - 1
    kept = ~last | np.isnan(table.inclusion)
    inclusion = np.where(kept, table.inclusion, np.nan)
    label = np.where(kept, table.label, np.nan)
    found = frame_of(replace(table, inclusion=inclusion, label=label))
    assert found.outside == 0


def test_picks_may_have_been_closed_to_the_sample():
    table, _ = _drawn()
    label = table.label.copy()
    label[np.flatnonzero(~table.answered)[:50]] = 1.0
    found = frame_of(replace(table, label=label))
    assert found.table.picked.sum() == 50
    assert found.outside == 0


def test_draws_that_stand_for_too_few_photos_are_refused():
    table, _ = _drawn()
    rare = np.where(table.edition % 2 == 0, table.inclusion, np.nan)  # half of the frame's draws
    kept = np.where(np.isnan(rare), np.nan, table.label)
    stands_for = np.nansum(1 / rare)
    with pytest.raises(ValueError, match="give the inclusion_probability of every photo") as why:
        frame_of(replace(table, inclusion=rare, label=kept))
    assert f"stand for {stands_for:,.0f} photos, and there are" in str(why.value)
