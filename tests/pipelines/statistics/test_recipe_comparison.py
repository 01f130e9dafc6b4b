from datetime import date

import numpy as np
import pytest

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.paired import mcnemar
from presslens.pipelines.statistics.recipe_comparison import (
    VERDICTS,
    PhotoPair,
    PrintedPage,
    RecipeComparisonBuilder,
    Scored,
    flips,
)

DAY = date(2025, 12, 16)


def scored(photo, verdict=Focus.NEITHER, **probabilities):
    decided = frozenset(name for name, p in probabilities.items() if p >= 0.5)
    return Scored(photo, probabilities, decided, verdict)


def pair(old, new, *, edition=1):
    return PhotoPair(PrintedPage("Rodong Sinmun", DAY, edition, 1, 1), old, new)


def crowds(*changes, edition=1):
    return [
        pair(scored(i, crowd=old), scored(i, crowd=new), edition=edition)
        for i, (old, new) in enumerate(changes)
    ]


def result(*batches, measures=frozenset(), most=50):
    rescoring = RecipeComparisonBuilder(measures, most)
    for batch in batches:
        rescoring.add(batch)
    return rescoring.result()


PHOTOS = [(0.9, 0.8), (0.9, 0.4), (0.6, 0.1), (0.1, 0.7), (0.1, 0.1), (0.2, 0.4)]


def test_photos_are_counted_by_both_decisions():
    (crowd,) = result(crowds(*PHOTOS)).measures
    assert (crowd.both, crowd.only_old, crowd.only_new, crowd.neither, crowd.n) == (1, 2, 1, 2, 6)
    assert crowd.old == pytest.approx(2.8 / 6)
    assert crowd.new == pytest.approx(2.5 / 6)
    assert crowd.p == mcnemar(2, 1)
    assert crowd.kappa.value == pytest.approx(0)


def test_the_largest_moves_come_first_and_only_so_many():
    found = result(crowds(*PHOTOS), most=2)
    assert [(m.old, m.new, m.flipped) for m in found.movers] == [(0.1, 0.7, True), (0.9, 0.4, True)]
    assert [m.change for m in found.flips] == pytest.approx([0.6, -0.5])
    assert [m.old_photo for m in result(crowds((0.1, 0.1), (0.6, 0.5))).movers] == [1]
    assert result(crowds((0.1, 0.1), (0.6, 0.5))).flips == ()


def test_batches_add_up():
    """Whole editions at a time, whatever their order."""
    one, two = crowds(*PHOTOS), crowds((0.1, 0.9), (0.2, 0.9), edition=2)
    whole, parts = result([*one, *two], most=3), result(two, one, most=3)
    assert whole.measures[0].n == parts.measures[0].n == 8
    for name in ("both", "only_old", "only_new", "neither", "p", "p_holm"):
        assert getattr(whole.measures[0], name) == getattr(parts.measures[0], name)
    assert whole.movers == parts.movers
    assert whole.editions == parts.editions
    assert np.array_equal(whole.focus, parts.focus)


def test_editions_move_by_the_mean_of_their_photos():
    still, up = crowds((0.3, 0.3), edition=3), crowds((0.1, 0.9), (0.3, 0.3), edition=2)
    down = crowds((0.5, 0.4), edition=1)
    found = result([*down, *up, *still])
    assert [(e.edition, e.n) for e in found.editions] == [(2, 2), (1, 1)]
    assert [e.change for e in found.editions] == pytest.approx([0.4, -0.1])


def test_a_measure_counts_the_photos_that_both_read_for_it():
    """A label that was added in between is read for under one recipe only."""
    pairs = [
        pair(scored(1, people=0.9), scored(1, people=0.9, **{"label:ribbon": 0.9})),
        pair(
            scored(2, people=0.9, **{"label:ribbon": 0.2}),
            scored(2, people=0.9, **{"label:ribbon": 0.8}),
        ),
    ]
    found = {m.measure: m for m in result(pairs).measures}
    assert list(found) == ["people", "label:ribbon"]
    assert (found["people"].n, found["label:ribbon"].n) == (2, 1)
    assert [(m.measure, m.old_photo) for m in flips(pairs)] == [("label:ribbon", 2)]


def test_p_values_are_corrected_for_all_measures_that_are_compared():
    pairs = [
        pair(scored(i, crowd=0.1, people=0.1), scored(i, crowd=0.9, people=0.1)) for i in range(6)
    ]
    both = {m.measure: m for m in result(pairs).measures}
    assert (both["crowd"].p, both["crowd"].p_holm) == (2 / 64, 4 / 64)
    (alone,) = result(pairs, measures=frozenset({"crowd"})).measures
    assert alone.p == alone.p_holm == 2 / 64


def test_verdicts_are_a_table_of_all_four():
    told = [
        (Focus.LEADER, Focus.LEADER),
        (Focus.LEADER, Focus.UNSURE),
        (Focus.NEITHER, Focus.FACILITY),
    ]
    found = result([pair(scored(i, a), scored(i, b)) for i, (a, b) in enumerate(told)])
    cells = {
        (VERDICTS[i], VERDICTS[j]): int(found.focus[i, j]) for i, j in np.argwhere(found.focus)
    }
    assert cells == dict.fromkeys(told, 1)
    assert found.focus.shape == (4, 4)
    assert found.focus_kappa is not None


def test_without_photos_nothing_is_made_up():
    found = result()
    assert (found.photos, found.measures, found.movers, found.editions) == (0, (), (), ())
    assert found.focus_kappa is None


def test_every_flip_is_yielded_or_those_of_some_measures():
    pairs = [pair(scored(1, crowd=0.9, people=0.9), scored(2, crowd=0.1, people=0.1))]
    assert [(m.measure, m.old_photo, m.new_photo) for m in flips(pairs)] == [
        ("people", 1, 2),
        ("crowd", 1, 2),
    ]
    assert [m.measure for m in flips(pairs, frozenset({"crowd"}))] == ["crowd"]
