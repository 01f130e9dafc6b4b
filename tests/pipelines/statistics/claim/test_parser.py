"""Rules are read into trees, and what is no rule has one error that says where."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.parser import LONGEST, MOST_WORDS, InvalidRule, parse
from presslens.pipelines.statistics.claim.tree import (
    Arithmetic,
    Comparison,
    FocusIs,
    Junction,
    Measured,
    Negative,
    Not,
    Number,
    OverEditions,
    Usual,
    UsualPages,
    baseline_metrics_of,
    metrics_of,
    version,
    written,
)
from presslens.pipelines.statistics.measure import BUILT_IN, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN

NAMES = st.text("Kim Jong-Un's \"\\가é", min_size=1, max_size=12).map(str.strip).filter(bool)
MEASURES = st.one_of(
    st.sampled_from(BUILT_IN), NAMES.map("figure:{}".format), NAMES.map("label:{}".format)
)
METRICS = st.one_of(
    st.sampled_from(sorted(PLAIN)).map(Metric),
    st.builds(Metric, MEASURES, st.sampled_from(Zone), st.sampled_from(Weight)),
)
FUNCTIONS = st.one_of(
    st.sampled_from(["mean", "median", "min", "max", "rank"]), st.integers(1, 99).map("p{}".format)
)
LEAVES = st.one_of(
    st.integers(0, 10**12).map(lambda n: Number(float(n))),
    st.floats(0, 1000, allow_subnormal=False).map(lambda x: Number(round(x, 6))),
    st.builds(Measured, METRICS),
    st.just(UsualPages()),
    st.builds(Usual, FUNCTIONS, METRICS),
)
NUMBERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Negative, inner), st.builds(Arithmetic, st.sampled_from("+-*/"), inner, inner)
    ),
    max_leaves=4,
)
COMPARISONS = st.one_of(
    st.builds(Comparison, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), NUMBERS, NUMBERS),
    st.builds(FocusIs, st.sampled_from(["=", "!="]), st.sampled_from(Focus)),
)


def junctions(inner):
    def made(word, parts):
        flat = []
        for part in parts:
            same = isinstance(part, Junction) and part.word == word
            flat += part.parts if same else [part]
        return Junction(word, tuple(flat))

    return st.builds(made, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3))


AGGREGATED = st.one_of(
    st.builds(
        Comparison,
        st.just(">"),
        st.one_of(
            st.builds(
                OverEditions, st.sampled_from(["mean", "min", "max", "sum", "per_week"]), NUMBERS
            ),
            st.builds(OverEditions, st.just("count"), COMPARISONS),
        ),
        NUMBERS,
    ),
    st.builds(OverEditions, st.sampled_from(["any", "all"]), COMPARISONS),
)
RULES = st.recursive(
    st.one_of(COMPARISONS, AGGREGATED),
    lambda inner: st.one_of(st.builds(Not, inner), junctions(inner)),
    max_leaves=3,
)


def attempt(text):
    """Return the rule, or the error in its place."""
    try:
        return parse(text)
    except InvalidRule as error:
        return error


@given(RULES)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_back(rule):
    read = attempt(written(rule))
    if isinstance(read, InvalidRule):  # too long or too deep, and nothing else
        assert " at most" in read.problem
    else:
        assert read == rule
        assert version(read) == version(rule)


WORDS = ["share", "(", ")", "children", "photos", ">", "=", "and", "not", "baseline", ".", "p90",
    "12", "%", ",", "area", "front", "lead", "focus", "facility", '"Kim"', "figure", "count", "-",
    "any", "usual_pages", "/", "*"]  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)))
@settings(max_examples=500, deadline=None)
def test_whatever_is_given_has_one_error(text):
    read = attempt(text)
    if isinstance(read, InvalidRule):
        assert 1 <= read.column <= len(text) + 1
        assert str(read) == f"at column {read.column}: {read.problem}"
    else:
        assert parse(written(read)) == read


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("pages=8 and usual_pages=6", "pages = 8 and usual_pages = 6"),
        ("photos ≥ 100", "photos >= 100"),
        ("share( children )>12 %", "share(children) > 0.12"),
        ("share(children, count) > 0.120", "share(children) > 0.12"),
        ("baseline.p90(share(children)) > 0", "baseline.p90(children) > 0"),
        ("((pages = 8)) or (pages = 6 or pages = 4)", "pages = 8 or pages = 6 or pages = 4"),
        ("(pages + 1) * 2 > 1", "(pages + 1) * 2 > 1"),
        ("pages - (2 - 1) > 1", "pages - (2 - 1) > 1"),
        ("not (pages = 8 and pages = 6)", "not (pages = 8 and pages = 6)"),
        ('front.share(figure "Kim", area)>0', 'front.share(figure "Kim", area) > 0'),
    ],
)  # fmt: skip
def test_equal_rules_are_written_alike(text, canonical):
    assert written(parse(text)) == canonical
    assert version(parse(text)) == version(parse(canonical))


def test_versions_tell_rules_apart():
    rules = ["photos > 100", "photos >= 100", "photos > 101", "not photos > 100"]
    assert len({version(parse(rule)) for rule in rules}) == len(rules)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "expected a number or a metric, not the end"),
        ("photos >", 9, "expected a number"),
        ("photos > ?", 10, "'?' can't be read"),
        ("photos", 1, "expected a comparison"),
        ("pages = 8 usual_pages = 6", 11, "expected 'and', 'or' or the end"),
        ("fotos > 100", 1, "did you mean 'photos'?"),
        ("children > 0.2", 1, "write share(children"),
        ("share(childen) > 0.2", 7, "did you mean 'children'?"),
        ("share(photos) > 0.2", 7, "photos are not read for 'photos'"),
        ("share(children, size) > 1", 17, "expected count or area"),
        ("share(figure Kim) > 0", 14, "expected a name in quotes"),
        ('share(figure "Kim) > 0', 14, "does not end"),
        ('share(figure " ") > 0', 14, "printable"),
        ("front.share(children > 0", 22, "expected ')'"),
        ("front.lead.focus", 1, "compare the focus"),
        ("front.lead.focus = building", 20, "expected one of leader, facility"),
        ("front.lead.focus > leader", 18, "equal (=) or not"),
        ("baseline.p100(pages) > 1", 10, "p1 to p99"),
        ("baseline.sum(pages) > 1", 10, "expected mean, median"),
        ('photos > baseline.max(photos, "2025-11-01", "2025-11-02")', 29, "by their mean"),
        ('photos > baseline.mean(photos, "2025-11-01", 5)', 46, "expected a name in quotes"),
        ('photos > baseline.mean(photos, "2025-11-01", "x")', 46, "expected a day in quotes"),
        ('photos > baseline.mean(photos, "2025-11-03", "2025-11-02")', 58, "before the first"),
        ('baseline.mean(photos, "2025-11-03", "2025-11-03") > baseline.max(pages)', 62, "or with"),
        ("pages = 8 = 8", 11, "expected 'and' or 'or'"),
        ("(pages = 8) + 1 > 2", 1, "expected a number"),
        ("pages + (pages = 8) > 2", 9, "expected a number"),
        ("pages and photos > 1", 1, "expected a comparison"),
        ("count(pages) > 1", 7, "expected a comparison"),
        ("sum(pages = 8) > 1", 5, "expected a number"),
        ("mean(max(pages)) > 1", 6, "can't stand in another"),
        ("photos > 1e5", 11, "expected 'and', 'or' or the end"),
        ("photos > 1000000000001", 10, "too large"),
        ("__import__('os')", 12, "can't be read"),
        ("(" * 21 + "pages = 8" + ")" * 21, 22, "20 deep at most"),
        ("not " * 30 + "pages = 8", 85, "20 deep at most"),
        ("pages = 8 and " * 60 + "pages = 8", 701, f"{MOST_WORDS} words at most"),
        ("pages = 8" + " " * LONGEST, LONGEST + 1, "characters at most"),
    ],
)
def test_errors_point_at_a_column(text, column, words):
    with pytest.raises(InvalidRule) as caught:
        parse(text)
    assert caught.value.column == column
    assert words in str(caught.value)


def test_a_rule_tells_what_must_be_loaded():
    rule = parse(
        "share(children) > baseline.p90(children) and front.share(leader, area) > 0"
        " and baseline.rank(photos) = 1 and front.lead.focus = facility and usual_pages = 6"
    )
    front = Metric("leader", Zone.FRONT, Weight.AREA)
    assert metrics_of(rule) == {Metric("children"), front, Metric("photos")}
    assert baseline_metrics_of(rule) == {Metric("children"), Metric("photos")}
