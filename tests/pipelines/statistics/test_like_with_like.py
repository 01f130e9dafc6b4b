"""An edition is compared with others as they are known, not as it is known."""

from datetime import date, timedelta

import numpy as np
import pytest

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.baseline import compare_to_baseline
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.explanations import standing_in_words
from presslens.pipelines.statistics.flags import BaselineRules
from presslens.pipelines.statistics.like_with_like import Basis, ShareReading
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.worlds import World

TODAY = date(2025, 12, 16)
CHILDREN = Metric("children")
PHOTOS = 100


def archive(make, seed, *, reviewed, true=0.1, sampled=False):
    """Compare an edition with forty before it; the machine sees a tenth too much everywhere."""
    rng = np.random.default_rng(seed)
    editions, readings = [], {}
    for ago in range(41):
        share = float(rng.binomial(PHOTOS, true)) / PHOTOS
        machine = Estimate(share + 0.1, (share + 0.06, share + 0.15), PHOTOS, "machine")
        census = ago in reviewed
        best = Estimate(share, None, PHOTOS, "census") if census else machine
        one = make(TODAY - timedelta(ago), {"children": best})
        settled = PHOTOS if census else 0
        readings[one.id] = {CHILDREN: ShareReading(machine, settled, PHOTOS, sampled)}
        editions.append(one)
    found = compare_to_baseline(editions[0], editions[1:], BaselineRules(), readings=readings)
    return found.standings[0], standing_in_words(found.standings[0], found)


def test_a_reviewed_edition_is_not_flagged_for_the_machine_s_errors(make_facts):
    flags = [archive(make_facts, seed, reviewed={0})[0].flag for seed in range(100)]
    assert sum(flag is not None for flag in flags) <= 6
    standing, words = archive(make_facts, 0, reviewed={0})
    assert standing.basis is Basis.MACHINE
    assert standing.compared.value == pytest.approx(standing.estimate.value + 0.1)
    alone = f"compared without answers on both sides: {100 * standing.compared.value:.0f} %"
    assert alone in words


@pytest.mark.parametrize(("prevalence", "mixed"), [(0.15, 0.1), (0.02, 0.7)])
def test_a_newspaper_that_nobody_trained_for(make_facts, prevalence, mixed):
    """The detector was calibrated where a quarter of the photos show the subject."""
    components = Calibration()
    apart = components.model_copy(update={"source": 0.0, "period": 0.0, "slope": 0.0})
    world = World(editions=41, special=0.0, photos=60.0, prevalence=prevalence)
    flags = np.zeros(2)
    for seed in range(12):
        paper = world.newspaper(np.random.default_rng(seed))
        table = paper.table()
        machine, beside = (
            ShareEstimator(table, table.edition, table.editions, one).estimates()
            for one in (components, apart)
        )
        editions, readings = [], {}
        for i, (whole, own) in enumerate(zip(machine, beside, strict=True)):
            known = Estimate.of_group(whole)
            last = i == 40
            truth = float(paper.truth[paper.edition == i].mean())
            census = Estimate(truth, (truth, truth), whole.n, "all photos reviewed")
            day = TODAY - timedelta(40 - i)
            edition = make_facts(day, {"children": census if last else known})
            reach = None
            if own.interval is not None:
                reach = own.value - own.interval[0], own.interval[1] - own.value
            reading = ShareReading(known, whole.n * last, whole.n, reach=reach)
            readings[edition.id] = {CHILDREN: reading}
            editions.append(edition)
        for k, told in enumerate((None, readings)):
            found = compare_to_baseline(editions[-1], editions[:-1], BaselineRules(), readings=told)
            flags[k] += found.standings[0].flag is not None
    assert flags[0] / 12 >= mixed
    assert flags[1] <= 1


def test_reviewed_is_compared_with_reviewed_where_there_are_enough(make_facts):
    standing, _ = archive(make_facts, 3, reviewed=set(range(21)))
    assert standing.basis is Basis.REVIEWED
    assert standing.usual.n == 20
    assert standing.usual.median == pytest.approx(0.1, abs=0.03)
    assert standing.estimate.method == "census"


def test_reviewed_references_do_not_stand_beside_the_machine_s(make_facts):
    standing, _ = archive(make_facts, 4, reviewed=set(range(5, 30)))
    assert (standing.basis, standing.is_apart) == (Basis.MACHINE, False)
    assert standing.usual.lowest > 0.1


def test_one_sample_over_all_compares_what_it_corrects(make_facts):
    standing, _ = archive(make_facts, 5, reviewed={0, 1}, sampled=True)
    assert standing.basis is Basis.CORRECTED
