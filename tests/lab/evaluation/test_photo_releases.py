import pytest

from presslens.lab.evaluation.photo_releases import (
    FoundOnPage,
    changes,
    load_releases,
    store_releases,
)


def release(name, *counts, condition="scanned"):
    """Return a release of ten pages with ten photos each, some with other counts."""
    rows = [FoundOnPage(name, condition, f"page_{i}", 10, 10, 10) for i in range(10)]
    changed = [FoundOnPage(name, condition, f"page_{i}", *c) for i, c in enumerate(counts)]
    return [*changed, *rows[len(changed) :]]


@pytest.mark.parametrize(
    ("counts", "mistakes", "held"),
    [
        pytest.param([], 0, False, id="nothing changes"),
        pytest.param([(10, 9, 9)], 1, False, id="one photo is missed"),
        pytest.param([(10, 9, 9), (10, 9, 9)], 2, True, id="two photos are missed"),
        pytest.param([(10, 12, 10)], 2, True, id="two false ones on one page"),
    ],
)
def test_a_release_is_held_back_that_loses_more_than_one_photo(counts, mistakes, held):
    (change,) = changes(release("old"), release("new", *counts))
    assert (change.mistakes, change.holds_back) == (mistakes, held)


def test_a_loss_on_one_condition_is_not_made_up_by_another():
    before = [*release("old"), *release("old", (10, 5, 5), condition="bitonal")]
    after = [*release("new", (10, 7, 7)), *release("new", condition="bitonal")]
    assert [(c.condition, c.holds_back) for c in changes(before, after)] == [
        ("scanned", True),
        ("bitonal", False),
    ]


def test_pages_whose_labels_changed_are_not_compared():
    (change,) = changes(release("old"), release("new", (9, 4, 4)))
    assert (change.pages, change.mistakes) == (9, 0)


def test_releases_are_stored_and_read(tmp_path):
    path = tmp_path / "releases.csv"
    old, new = release("old"), release("new", (10, 8, 8))
    store_releases([old, new], path)
    assert load_releases(path) == {"old": old, "new": new}


def test_the_last_release_of_the_finder_loses_nothing():
    *_, before, after = load_releases().values()
    assert [c.condition for c in changes(before, after) if c.holds_back] == []
