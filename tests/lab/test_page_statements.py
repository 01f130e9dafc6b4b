"""No page asks the database for the same thing again and again."""

from presslens.lab.page_statements import CEILINGS, page_statements


def test_each_page_makes_few_statements(full):
    found = page_statements(full.settings)
    assert found.keys() == CEILINGS.keys()
    over = {name: one for name, one in found.items() if one.statements > CEILINGS[name]}
    assert not over, found
    assert all(one.statements for one in found.values()), found
