"""A verdict falls where its tipping point says."""

from datetime import timedelta

import pytest
from scipy.special import logit

from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.tipping import verdict_tipping
from presslens.pipelines.statistics.claim.tree import baseline_metrics_of, metrics_of
from presslens.pipelines.statistics.metrics import Estimate
from presslens.pipelines.statistics.tipping import Assumption

from .conftest import DAY, facts


@pytest.fixture
def tip(make):
    """Return the amount of each assumption at which the verdict on a rule falls."""

    def tipped(rule, *numbers, before=()):
        tree = parse(rule)
        made = [make(DAY + timedelta(days=i), **each) for i, each in enumerate(numbers)]
        case = ClaimContext(
            "Rodong Sinmun",
            DAY,
            DAY + timedelta(days=len(made) - 1),
            [facts(one, metrics_of(tree)) for one in made],
            [facts(one, baseline_metrics_of(tree)) for one in before],
        )
        return {point.assumption: point.amount for point in verdict_tipping(tree, case)}

    return tipped


def test_one_share(tip):
    found = tip("share(children) > 20 %", {"children": (0.3, 0.25, 0.36)})
    assert found[Assumption.CALIBRATION] == pytest.approx(logit(0.2) - logit(0.25), rel=0.02)
    assert Assumption.CODERS not in found


def test_a_reviewed_share_rests_on_coders(tip):
    census = Estimate(0.3, (0.3, 0.3), 100, "all photos reviewed")
    found = tip("share(children) > 20 %", {"children": census})
    assert set(found) == {Assumption.CODERS, Assumption.MISSED_PHOTOS}
    assert found[Assumption.CODERS] == pytest.approx(-0.1, rel=0.02)


def test_a_count_of_photos_rests_on_the_finder(tip):
    assert tip("photos > 100", {"photos": 112}) == {
        Assumption.MISSED_PHOTOS: pytest.approx(-(112 - 100.5) / 112, rel=0.02)
    }
    assert tip("pages > 4", {"pages": 6}) == {}


@pytest.mark.parametrize(
    ("rule", "photos", "words"),
    [
        ("photos > 100", 104, "of the photos found are no photos"),
        ("sum(photos) > 100", 104, "of the photos found are no photos"),
        ("photos < 100", 96, "of the photos were missed"),
    ],
)
def test_a_count_falls_by_false_photos_or_by_missed_ones(make, rule, photos, words):
    tree = parse(rule)
    edition = facts(make(DAY, photos=photos), metrics_of(tree))
    (point,) = verdict_tipping(tree, ClaimContext("Rodong Sinmun", DAY, DAY, [edition]))
    assert point.words.startswith("falls if 3") or point.words.startswith("falls if 4")
    assert point.words.endswith(words)


def test_an_undecided_rule_has_nothing_to_fall(tip):
    assert tip("share(children) > 30 %", {"children": (0.3, 0.25, 0.36)}) == {}


def test_what_is_common_to_all_editions_leaves_a_rank(tip, before):
    usual = before(children=[(0.1, 0.08, 0.12)] * 20)
    found = tip(
        "share(children) > baseline.max(children)", {"children": (0.3, 0.25, 0.36)}, before=usual
    )
    assert found[Assumption.CALIBRATION] is not None
    assert found[Assumption.PREVALENCE] is None
