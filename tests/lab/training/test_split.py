import pytest

from presslens.lab.training.split import held_out, out_of_fold

KEYS = [f"set/{i}" for i in range(2000)]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_about_the_share_is_held_out(share):
    kept = sum(held_out(key, share) for key in KEYS) / len(KEYS)
    assert kept == pytest.approx(share, abs=0.04)


def test_a_larger_share_holds_out_all_that_a_smaller_one_does():
    assert all(held_out(key, 0.5) for key in KEYS if held_out(key, 0.2))


def test_the_answer_stays_from_one_release_to_the_next():
    assert [i for i in range(20) if held_out(KEYS[i], 0.3)] == [0, 3, 11, 14]


def test_no_model_is_fitted_on_the_group_that_it_scores():
    items = [(f"group {i % 7}", i) for i in range(20)]
    models = out_of_fold(frozenset, items, items[::-1], group=lambda item: item[0])
    for item, model in zip(items[::-1], models, strict=True):
        assert model < set(items)
        assert not any(group == item[0] for group, _ in model)
