"""Components of calibration are recovered from sources that were drawn with known ones."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit, logit

from presslens.lab.evaluation.calibration import (
    EDITION,
    PREVALENCE,
    SLOPE,
    SOURCE,
    SourceReadings,
    by_source,
    likelihood,
    prevalence_likelihood,
)
from presslens.lab.evaluation.pooling import pooled
from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.subjects.left_out import COLLECTIONS
from presslens.lab.training.subjects.readers import OutOfFoldReading
from presslens.models.vocabulary import Subject

GRIDS = (EDITION, SOURCE, SLOPE)
SCALES = (1.0, 1.0, 0.5)


def drawn(seed, *, edition, source, slope, prevalence=1.0):
    """Draw twelve sources of eight editions of eight photos."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(12):
        editions = np.repeat(np.arange(8), 8)
        odds = rng.normal(-0.5, 2, len(editions))
        shift = rng.normal(0, prevalence)
        moved = np.exp(rng.normal(0, slope)) * odds + rng.normal(0, source) + shift
        truth = rng.random(len(editions)) < expit(moved + rng.normal(0, edition, 8)[editions])
        share = (truth.sum() + 0.5) / (len(truth) + 1)
        found.append(
            SourceReadings(
                "people",
                f"collection {number}",
                f"source {number}",
                editions,
                expit(odds),
                truth,
                float(expit(logit(share) - shift)),
            )
        )
    return found


def _beyond(readings):
    return likelihood(readings, around=readings.shift)


@pytest.mark.parametrize(
    ("edition", "source", "slope"), [(0.0, 0.0, 0.0), (0.6, 1.0, 0.3), (1.2, 0.3, 0.0)]
)
def test_known_components_are_recovered(edition, source, slope):
    likelihoods = {
        f"measure {seed}": np.sum(
            [_beyond(r) for r in drawn(seed, edition=edition, source=source, slope=slope)],
            axis=0,
        )
        for seed in range(3)
    }
    own, other = pooled(likelihoods, GRIDS, SCALES)
    found = np.array([[spread.mean for spread in spreads] for spreads in own.values()])
    np.testing.assert_allclose(found.mean(axis=0), (edition, source, slope), atol=0.3)
    for spread, true in zip(other, (edition, source, slope), strict=True):
        assert spread.interval[0] <= true + 0.1
        assert true - 0.1 <= spread.interval[1]


def test_a_shift_of_the_prevalence_alone_is_none_of_the_scores():
    same = drawn(5, edition=0.0, source=0.0, slope=0.0, prevalence=2.0)
    own, _ = pooled({"people": np.sum([_beyond(r) for r in same], axis=0)}, GRIDS, SCALES)
    assert own["people"][1].mean < 0.25
    # Where nobody knows the reference, it is.
    whole, _ = pooled(
        {"people": np.sum([likelihood(r, around=0.0) for r in same], axis=0)}, GRIDS, SCALES
    )
    assert whole["people"][1].mean > 1.0
    spread, _ = pooled(
        {"people": np.sum([prevalence_likelihood(r) for r in same], axis=0)}, (PREVALENCE,), (2.0,)
    )
    assert 1.0 < spread["people"][0].mean < 3.0


def test_one_source_is_no_proof_that_sources_are_alike():
    own, _ = pooled(
        {"people": _beyond(drawn(1, edition=0.0, source=0.0, slope=0.0)[0])}, GRIDS, SCALES
    )
    assert own["people"][1].mean > 0.25


def test_few_sources_of_a_measure_borrow_from_other_measures():
    apart = np.sum([_beyond(r) for r in drawn(2, edition=0.0, source=1.5, slope=0.0)], axis=0)
    one = _beyond(drawn(1, edition=0.0, source=0.0, slope=0.0)[0])
    alone, _ = pooled({"crowd": one}, GRIDS, SCALES)
    together, _ = pooled({"crowd": one, "people": apart}, GRIDS, SCALES)
    assert together["crowd"][1].mean > alone["crowd"][1].mean + 0.2


def judged(datasets):
    rng = np.random.default_rng(0)
    examples = tuple(
        SimpleNamespace(
            photo=LabelledPhoto(name, Path(f"{i}.jpg"), f"{name}/{i // 2}", {"repo": "x/y"}),
            shown="as it is",
        )
        for i, name in enumerate(datasets)
    )
    probability = rng.random(len(datasets))
    return OutOfFoldReading(Subject.CROWD, examples, probability > 0.4, probability)


def test_each_source_is_kept_with_the_prevalence_of_the_other_collections():
    names = ["coco256"] * 20 + ["coco_mini"] * 10 + ["fireworks"] * 30 + ["children_school"] * 10
    each = judged(names)
    found = by_source(each, shown="as it is")
    assert [(r.source, len(r.truth)) for r in found] == [
        ("COCO", 30),
        ("fireworks: y", 30),
        ("school", 10),
    ]
    assert {r.collection for r in found} <= set(COLLECTIONS)
    assert found[2].reference == each.truth[:60].mean()
    assert found[0].shift == pytest.approx(
        logit((found[0].truth.sum() + 0.5) / 31) - logit(found[0].reference)
    )
