import numpy as np
import pytest

from presslens.lab.evaluation.bench.questions import WORLDS, outcome


@pytest.mark.parametrize("opportunist", [False, True])
def test_a_question_far_from_its_number_is_decided_by_some_of_the_photos(opportunist):
    asked = WORLDS["120 photos, 40 %"]
    found = outcome(np.random.default_rng(1), asked, 0.3, plans=4, opportunist=opportunist)
    assert found.decided
    assert not found.wrong
    assert 0 < found.answers < 100


def test_who_answers_all_photos_of_an_edition_knows_its_share():
    asked = WORLDS["17 photos, 40 %"]
    found = outcome(np.random.default_rng(1), asked, 0.0, plans=2, opportunist=False)
    assert (found.decided, found.wrong, found.at_first) == (True, False, False)
