"""Rules at random, and editions by their numbers."""

from datetime import date, timedelta

import pytest

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.evaluate import judge
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.tree import baseline_metrics_of, metrics_of
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate

DAY = date(2025, 12, 16)


def edition(day=DAY, *, focus=Focus.LEADER, unseen=0, **numbers):
    """Return an edition; a share is (share, low, high), and ``None`` is an empty estimate."""
    return {"day": day, "focus": focus, "unseen": unseen, "numbers": {"pages": 6, **numbers}}


def facts(made, metrics):
    numbers, found = made["numbers"], {}
    for metric in metrics:
        name = str(metric).replace("@", "_").replace("/", "_").replace("figure:", "figure_")
        if name not in numbers:
            continue
        match numbers[name]:
            case (share, low, high):
                found[metric] = Estimate(share, (low, high), 100, "detector")
            case Estimate() as estimate:
                found[metric] = estimate
            case number:
                found[metric] = Estimate(number)
    pages = numbers["pages"]
    seen = pages - made["unseen"]
    return EditionMetrics(
        made["day"].toordinal(), "Rodong Sinmun", made["day"], pages, seen, made["focus"], found
    )


@pytest.fixture
def verdict():
    """Return a function that judges a rule by editions, and those before."""

    def judged(
        rule, *editions, before=(), first=DAY, last=None, usual=None, unusable=None, weekdays=()
    ):
        tree = parse(rule)
        case = ClaimContext(
            "Rodong Sinmun",
            first,
            last or first,
            [facts(made, metrics_of(tree)) for made in editions],
            [facts(made, baseline_metrics_of(tree)) for made in before],
            usual,
            unusable or {},
            weekdays=weekdays,
        )
        return judge(tree, case)

    return judged


@pytest.fixture
def make():
    """Return the maker of editions."""
    return edition


@pytest.fixture
def before():
    """Return a function that makes editions before, one a day, by their numbers."""

    def editions(**numbers):
        (name, values), *_ = numbers.items()
        first = DAY - timedelta(days=len(values))
        return [
            edition(first + timedelta(days=i), **{name: value}) for i, value in enumerate(values)
        ]

    return editions
