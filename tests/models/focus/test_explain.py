import pytest

from presslens.models.focus.explain import WORDS, reasons_in_words
from presslens.models.focus.features import NAMES
from presslens.models.vocabulary import Focus, FocusReading


@pytest.mark.parametrize("name", NAMES)
def test_every_feature_has_words(name):
    assert name in WORDS


@pytest.mark.parametrize("name", WORDS)
def test_the_two_phrases_of_a_feature_are_short_and_tell_it_apart(name):
    high, low = WORDS[name]
    assert high != low
    for phrase in (high, low):
        assert 0 < len(phrase) < 80
        assert phrase[0].islower()
        assert not set(phrase) & set("_:;.")


@pytest.mark.parametrize(
    ("verdict", "contribution", "level", "expected"),
    [
        (Focus.LEADER, 0.4, 2.0, "for leader: the leader takes up much of the picture"),
        (Focus.LEADER, -0.4, -0.3, "against leader: no leader takes up much of the picture"),
        (Focus.FACILITY, 0.4, -0.3, "for facility: no leader takes up much of the picture"),
        (Focus.NEITHER, -0.4, 2.0, "against neither: the leader takes up much of the picture"),
    ],
)
def test_the_level_chooses_the_phrase_and_the_contribution_what_it_speaks_for(
    verdict, contribution, level, expected
):
    reading = FocusReading(verdict, 0.5, 0.2, (("leader_area_share", contribution),), (level,))
    assert reasons_in_words(reading) == [expected]


@pytest.mark.parametrize(
    ("leader", "facility", "leaning"),
    [(0.5, 0.4, "leader"), (0.35, 0.4, "facility"), (0.3, 0.25, "neither")],
)
def test_of_an_unsure_focus_the_answer_that_leads_is_named(leader, facility, leaning):
    reading = FocusReading(Focus.UNSURE, leader, facility, (("people_count", 0.1),), (1.0,))
    assert reasons_in_words(reading) == [f"for {leaning}: many people"]


def test_nothing_is_claimed_without_a_level_or_words():
    reading = FocusReading(Focus.LEADER, 0.9, 0.0, (("people_cover", -0.1), ("people_count", 1)))
    assert reasons_in_words(reading) == ["against leader: people cover", "for leader: people count"]
    new = FocusReading(Focus.LEADER, 0.9, 0.0, (("some_new_one", 0.1),), (1.0,))
    assert reasons_in_words(new) == ["for leader: some new one"]
