"""Names that may be one newspaper's are offered for merging."""

from presslens.app.services.catalogue.same_newspaper import likely_same


def test_words_in_brackets_are_a_name_too():
    names = {1: ["Sample daily"], 2: ["견본일보 (Sample Daily)"], 3: ["견본일보"], 4: ["Daily"]}
    assert likely_same(names) == {1: [2], 2: [1, 3], 3: [2], 4: []}
