import json

import numpy as np
import pytest

from presslens.lab.training.photos.finder_errors import CountedPage, PageKinds, learn_finder_errors
from presslens.lab.training.photos.pages import REAL
from presslens.models.geometry import Box
from presslens.models.photos.finder_errors import CONDITIONS, finder_errors
from presslens.models.vocabulary import PageTraits

KINDS = PageKinds(full_page=0.7, photo_page=0.5)
TRAITS = PageTraits(
    skew=0.0, dpi=150, colour=True, halftone=False, bitonal=False, photographed=False,
    brightness=0.8, ink_share=0.3, text_share=0.2, column_width=None,
)  # fmt: skip
PRINTED = [Box(50, 50 + 200 * i, 350, 200 + 200 * i) for i in range(4)]
PAGE = (1000, 1500)


def page(found, scores, *, newspaper="A", source="a", shown_as=REAL, photos=PRINTED):
    names = (newspaper, f"{newspaper}, {source}", source, shown_as)
    return CountedPage.of(names, PAGE, found, scores, (photos, ()), TRAITS)


def test_a_page_counts_what_is_missed_and_what_is_false():
    loose = Box(50, 50, 350, 320)  # it overlaps its photo by an IoU of 0.56
    one = page([loose, *PRINTED[1:3], Box(500, 1000, 900, 1300)], [0.9, 0.9, 0.5, 0.3])
    assert (one.detected.sum(), one.false.sum(), one.photos.sum(), one.missed.sum()) == (4, 1, 4, 1)
    assert one.condition == CONDITIONS.index("colour")
    found, printed = one.edges
    assert found / printed == pytest.approx(1 + (320 - 200) / 450)


def test_a_merge_and_a_split_are_errors_of_the_count():
    merged = page([Box(50, 50, 350, 400), *PRINTED[2:]], [0.9] * 3)
    assert (merged.false.sum(), merged.missed.sum()) == (0, 1)
    halves = [Box(50, 50, 200, 200), Box(200, 50, 350, 200)]
    split = page([*halves, *PRINTED[1:]], [0.9] * 5)
    assert (split.false.sum(), split.missed.sum()) == (1, 0)


def newspapers(rates, *, pages=30, seed=5):
    rng = np.random.default_rng(seed)
    for name, rate in rates.items():
        for _ in range(pages):
            kept = [box for box in PRINTED if rng.random() > rate]
            yield page(kept, [0.9] * len(kept), newspaper=name, source=name)


def test_newspapers_that_differ_give_a_wide_factor_and_alike_ones_a_narrow_one():
    def spread(rates):
        errors = finder_errors(learn_finder_errors(list(newspapers(rates)), KINDS))
        logs = np.log(errors.factors)
        mean = errors.missed_weights @ logs
        return np.sqrt(errors.missed_weights @ (logs - mean) ** 2)

    alike = spread(dict.fromkeys("ABCDEF", 0.1))
    apart = spread({"A": 0.01, "B": 0.02, "C": 0.05, "D": 0.1, "E": 0.3, "F": 0.5})
    assert apart > 1.5 * alike


def test_what_is_learned_says_its_n_and_can_be_stored():
    learned = learn_finder_errors(list(newspapers({"A": 0.1, "B": 0.1})), KINDS)
    assert json.loads(json.dumps(learned)) == learned
    cell = learned["recall"]["colour"]["medium"]
    assert (learned["pages"], learned["photos"], cell["n"]) == (60, 240, 240)
    assert cell["recall"] == pytest.approx(1 - cell["missed"] / 240, abs=0.01)
    unseen = learned["recall"]["tilted"]["medium"]
    assert unseen["n"] == 0
    assert 0.8 < unseen["recall"] < 0.95  # it follows from the other conditions
    pages = learned["page_counts"]["full_page_photo_pages"]
    assert pages == {"taken": 0, "right": 0, "others": 60, "missed": 0}
