"""The worked examples of the documentation come out as it says."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.evaluate import judge
from presslens.pipelines.statistics.claim.lookup import editions_needed
from presslens.pipelines.statistics.claim.parser import LONGEST, LONGEST_NAME, MOST_WORDS, parse
from presslens.pipelines.statistics.measure import BUILT_IN, Zone
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.reference_editions import FEWEST_REFERENCES, MOST_REFERENCES

DOCUMENT = (Path(__file__).parents[4] / "docs" / "reference" / "claims.md").read_text()
EXAMPLE = re.compile(r"### \d+\. .*?, (\d+)(?: to (\d+))? December\n    (.+)\n\*\*(\w+)\*\*")
EXAMPLES = EXAMPLE.findall(DOCUMENT)
FIRST, SECOND = date(2025, 12, 16), date(2025, 12, 19)


def columns():
    """Return the numbers of each column of the table by metric."""
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \|$", DOCUMENT, re.MULTILINE)
    for column in (1, 2, 3):
        yield {row[0]: row[column] for row in rows}


def facts(day, numbers):
    found = {}
    for name, text in numbers.items():
        if name == "front.lead.focus":
            continue
        values = [float(n) for n in re.findall(r"\d+", text)]
        metric = parse(f"{name} > 0").left.metric
        if len(values) == 1:
            found[metric] = Estimate(values[0])
        else:
            share, low, high = (value / 100 for value in values)
            found[metric] = Estimate(share, (low, high))
    pages = int(numbers["pages"])
    focus = Focus(numbers["front.lead.focus"])
    return EditionMetrics(day.toordinal(), "Rodong Sinmun", day, pages, pages, focus, found)


def test_there_are_ten():
    assert len(EXAMPLES) == 10
    assert {verdict for *_, verdict in EXAMPLES} == {"true", "false", "undecided"}


@pytest.mark.parametrize(("first", "last", "rule", "verdict"), EXAMPLES)
def test_an_example(first, last, rule, verdict):
    one, other, usual = columns()
    editions = [facts(FIRST, one), facts(SECOND, other)]
    days = [date(2025, 12, int(day)) for day in (first, last or first)]
    case = ClaimContext(
        "Rodong Sinmun",
        *days,
        editions=[edition for edition in editions if days[0] <= edition.date <= days[1]],
        baseline=[facts(FIRST - timedelta(days=i), usual) for i in range(60, 0, -1)],
        usual_pages=6,
    )
    assert judge(parse(rule), case).truth == verdict


@pytest.mark.parametrize("name", [*PLAIN, *BUILT_IN, *(z for z in Zone if z is not Zone.ALL)])
def test_all_that_a_rule_can_say_is_there(name):
    assert re.search(rf"`{name}(\.share\(…\))?`", DOCUMENT)


def test_limits_are_those_of_the_language():
    assert f"{LONGEST:,} characters and {MOST_WORDS} words" in DOCUMENT
    assert f"the {MOST_REFERENCES} editions before" in DOCUMENT
    assert (FEWEST_REFERENCES, editions_needed("p95")) == (10, 20)
    assert LONGEST_NAME < 255
