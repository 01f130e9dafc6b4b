from presslens.pipelines.statistics.known_share import KnownShare
from presslens.pipelines.statistics.metrics import Estimate

ALONE = KnownShare.of(Estimate(0.004, (0.0, 0.045), 1000))
WIDTHS = {40: 0.134, 100: 0.075, 300: 0.036}


def test_what_is_known_comes_first_with_what_it_rests_on():
    assert ALONE.words == "now 0.4% (0% to 4.5%), by the machine alone"
    coded = KnownShare.of(Estimate(0.42, (0.37, 0.47), 1000, drawn=90))
    assert coded.words == "now 42% (37% to 47%), by 90 drawn answers"
    refused = KnownShare.of(Estimate(0.06, None, 1000, refused="why"))
    assert refused.words == "now 6% without an interval, by the machine alone"
    assert (refused.width, refused.advice(WIDTHS, 50)) == (None, None)


def test_answers_that_do_not_make_it_narrower_are_named_with_the_reason():
    assert [ALONE.is_wider(width) for width in (0.03, 0.134, None)] == [True, False, None]
    asked = ALONE.advice(WIDTHS, 221, asked=40)
    assert "40 photos are not foreseen to make this narrower than it is, 221 are" in asked
    assert "from 20 answered photos on the interval rests on them" in asked
    assert ALONE.advice(WIDTHS, 221, asked=300).startswith("100 photos are not")
    assert "hardly less than all" in ALONE.advice(WIDTHS, None)
    assert ALONE.advice({300: 0.036}, 221) is None
