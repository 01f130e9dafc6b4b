"""No page asks the database for the same thing again and again."""

from presslens.lab.budget import ceilings
from presslens.lab.page_statements import page_statements

from ..filled_archive import filled as filled
from ..filled_archive import full as full


def test_each_page_makes_few_statements(full):
    limits, found = ceilings()["statements"], page_statements(full.settings)
    assert found.keys() == limits.keys()
    over = {name: one for name, one in found.items() if one.statements > limits[name]}
    assert not over, found
    assert all(one.statements for one in found.values()), found
