import numpy as np
import pytest

from presslens.lab.evaluation.bench.power import WORLDS, outcome
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.power import StudyDesign


@pytest.mark.parametrize("design", StudyDesign)
def test_a_plan_comes_out_about_as_wide_as_foreseen(design):
    (world, *_) = WORLDS.values()
    rng = np.random.default_rng(2)
    found = outcome(rng, world, design, Inference.THESE, 300)
    assert found.width / 2 < found.foreseen < 2 * found.width
