from presslens.models.reprints.linkage import linked


def test_a_chain_of_pairs_is_one_group_and_its_first_item_names_it():
    assert linked(6, []).tolist() == [0, 1, 2, 3, 4, 5]
    assert linked(6, [(3, 4), (1, 5), (5, 3)]).tolist() == [0, 1, 2, 1, 1, 1]
