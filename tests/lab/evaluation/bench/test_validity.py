import numpy as np

from presslens.lab.evaluation.bench.validity import WORLDS, agreement_of_all, trial
from presslens.pipelines.statistics.validity import OF_USE, ValidityState


def test_who_answers_every_photo_knows_the_agreement():
    world = next(iter(WORLDS.values()))
    found = trial(np.random.default_rng(1), world, 10_000)
    assert found.held
    assert found.width < 1e-9
    assert found.state is found.right


def test_few_answers_leave_more_open_than_many():
    world = list(WORLDS.values())[3]
    few, many = (
        np.mean([trial(np.random.default_rng((2, i)), world, n).width for i in range(10)])
        for n in (20, 100)
    )
    assert many < few


def test_a_machine_that_guesses_agrees_with_nobody():
    (*_, guessing) = WORLDS.values()
    newspapers = [guessing.newspaper(np.random.default_rng((3, i))) for i in range(10)]
    assert np.mean([agreement_of_all(one) for one in newspapers]) < OF_USE
    told = [trial(np.random.default_rng((3, i)), guessing, 100).state for i in range(10)]
    assert ValidityState.VALID not in told
