"""No page asks the database for the same thing again and again."""

from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.lab.budget import ceilings
from presslens.lab.page_statements import latest_photo, page_statements
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import SUBJECTS

from ..conftest import NOW
from ..filled_archive import filled as filled
from ..filled_archive import full as full


def test_each_page_makes_few_statements(full):
    _, photo, _ = latest_photo(full)
    answers = dict.fromkeys((*SUBJECTS, "leader"), True)
    review_photo(full, NewReview(photo, "B", answers, Focus.LEADER), now=NOW)
    limits, found = ceilings()["statements"], page_statements(full.settings)
    assert found.keys() == limits.keys()
    over = {name: one for name, one in found.items() if one.statements > limits[name]}
    assert not over, found
    assert all(one.statements for one in found.values()), found
