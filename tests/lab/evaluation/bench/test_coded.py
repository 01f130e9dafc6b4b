from presslens.lab.evaluation.bench.coded import table_of


def test_each_way_to_take_coders_has_a_line():
    heading, _, *lines = table_of(1, 0).splitlines()
    assert heading == "| model | about | coders | held | width |"
    assert len(lines) == 2 * 2 * 4
    assert sum("rates known" in line for line in lines) == 4
