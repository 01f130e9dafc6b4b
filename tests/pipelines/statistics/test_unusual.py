"""Many editions at once are flagged as each is by itself."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.baseline import compare_to_baseline
from presslens.pipelines.statistics.flags import BaselineRules
from presslens.pipelines.statistics.like_with_like import ShareReading
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.unusual import unusual_in, unusual_numbers

FIRST = date(2024, 1, 1)
SHARE, PHOTOS = Metric("children"), Metric("photos")


def _editions(make_facts, rng, n):
    """Editions with constant pages, a trend, missing shares, and a few that are far out."""
    made = []
    for i in range(n):
        odd = rng.random() < 0.05
        share = float(np.clip(0.2 + 0.003 * i + rng.normal(0, 0.03) + 0.3 * odd, 0, 1))
        reach = float(rng.uniform(0, 0.08))
        ends = max(0.0, share - reach), min(1.0, share + reach)
        missing = rng.random() < 0.05
        facts = make_facts(
            FIRST + timedelta(days=i + i // 30),
            {
                "pages": 8.0 if odd and rng.random() < 0.3 else 6.0,
                "photos": float(rng.poisson(30) + i // 5 + 60 * odd),
                "children": None if missing else Estimate(share, ends, 40),
            },
        )
        partial = rng.random() < 0.05
        lead = Focus.FACILITY if rng.random() < 0.05 else Focus.LEADER
        facts = replace(facts, id=i + 1, front_lead_focus=lead)
        made.append(replace(facts, pages_seen=facts.pages - 1) if partial else facts)
    return made


def _readings(editions, kind):
    if kind == "none":
        return {}
    found = {}
    for i, one in enumerate(editions):
        value = one.metrics[SHARE].value
        if value is None:
            continue
        reviewed = kind == "reviewed" and i % 3 == 0
        machine = Estimate(min(1.0, value + 0.1), (value, 1.0), 40) if reviewed else None
        found[one.id] = {
            SHARE: ShareReading(
                machine, 40 if reviewed else 0, 40, sampled=kind == "sampled", reach=(0.02, 0.03)
            )
        }
    return found


@pytest.mark.parametrize("kind", ["none", "machine", "reviewed", "sampled"])
def test_flags_are_those_of_each_baseline(make_facts, kind):
    editions = _editions(make_facts, np.random.default_rng(5), 100)
    readings, rules = _readings(editions, kind), BaselineRules()
    found = unusual_numbers(editions[::-1], readings, rules)
    assert list(found) == [one.id for one in editions]
    flagged = set()
    for i, one in enumerate(editions):
        used = [one for one in editions[:i] if one.pages_seen == one.pages][-rules.n :]
        start = used[0].date if used else one.date
        # As a service gives them: of what is older than the baseline the pages alone are known.
        older = [
            before
            if before.date >= start
            else replace(before, metrics={Metric("pages"): before.metrics[Metric("pages")]})
            for before in editions[:i]
        ]
        alone = unusual_in(compare_to_baseline(one, older, rules, readings=readings))
        assert found[one.id] == alone
        flagged |= {(flag.metric, flag.kind) for flag in alone}
    assert {metric for metric, _ in flagged} == {"front_lead_focus", "pages", "photos", "children"}


def test_no_editions_have_nothing_unusual():
    assert unusual_numbers([], {}, BaselineRules()) == {}
