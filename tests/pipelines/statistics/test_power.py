"""What a study will show, foreseen before anybody codes."""

from dataclasses import replace

import numpy as np
import pytest

from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.power import Study, StudyDesign, foreseen_newspaper

TABLE, DAYS = foreseen_newspaper(0.15, 0.92, editions=60, photos=36)


def study(design=StudyDesign.SHARE, inference=Inference.THESE, **more):
    return Study.of(TABLE, design, DAYS, inference=inference, **more)


@pytest.mark.parametrize("design", StudyDesign)
def test_more_photos_make_it_narrower_and_practice_wider(design):
    these, practice = study(design), study(design, Inference.PRACTICE)
    widths = [one.width for one in these.sizes()]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 0.0
    assert these.foresee(200).width < practice.foresee(200).width
    assert practice.sizes()[-1].width > 0.03


def test_what_is_needed_is_foreseen_to_do():
    for one in (study(), study(StudyDesign.DIFFERENCE), study(StudyDesign.TREND)):
        needed = one.needed(width=0.2)
        assert one.foresee(needed).width <= 0.2 < one.foresee(needed - 20).width
        needed = one.needed(change=0.15)
        assert one.foresee(needed).detectable <= 0.15
    parted = study(StudyDesign.DIFFERENCE)
    assert parted.needed(change=0.9) == parted.needed(change=0.8) == parted.frame.least == 61
    assert study(StudyDesign.TREND, Inference.PRACTICE).needed(change=0.05) is None


def test_all_of_a_few_photos_are_known():
    table, days = foreseen_newspaper(0.2, 0.9, editions=2, photos=1)
    for design in (StudyDesign.SHARE, StudyDesign.DIFFERENCE):
        few = Study.of(table, design, days)
        assert few.needed(width=0.05) == len(table) == 2
        assert few.foresee(2).width == 0.0


def test_a_better_detector_needs_fewer_photos():
    worse, days = foreseen_newspaper(0.15, 0.75, editions=60, photos=36)
    poor = Study.of(worse, StudyDesign.SHARE, days)
    assert poor.needed(width=0.1) > 1.2 * study().needed(width=0.1)


def test_answers_that_contradict_the_machine_widen_the_plan():
    rng = np.random.default_rng(1)
    chosen = rng.permutation(len(TABLE))[:100]
    label, inclusion = TABLE.label.copy(), TABLE.inclusion.copy()
    label[chosen], inclusion[chosen] = rng.random(100) < 0.5, 100 / len(TABLE)
    coded = replace(TABLE, label=label, inclusion=inclusion, framed=np.ones(len(TABLE), bool))
    after = Study.of(coded, StudyDesign.SHARE, DAYS)
    assert after.foresee(200).width > 1.2 * study().foresee(200).width


def test_days_on_one_side_and_few_editions_are_refused():
    with pytest.raises(ValueError, match="one side of the day"):
        study(StudyDesign.DIFFERENCE, first_after=int(DAYS.min()))
    with pytest.raises(ValueError, match="several days"):
        Study.of(TABLE, StudyDesign.TREND, np.zeros(len(TABLE), np.int64))
    few, days = foreseen_newspaper(0.15, 0.92, editions=5, photos=36)
    assert (
        "5 editions are too few"
        in Study.of(few, StudyDesign.SHARE, days, inference=Inference.PRACTICE).refused
    )
