import pytest

from presslens.lab.training.labels.built_in import judge
from presslens.lab.training.labels.evaluation import compare_readers, evaluate
from presslens.models.labels.vocabulary import BUILT_IN


def test_labels_are_measured_as_they_are_as_printed_and_in_the_domain(scenes):
    rows = evaluate(judge(scenes))
    assert {m.station for m in rows} == {"labels"}
    assert {(m.what, m.data, m.n) for m in rows if m.what.endswith("AP")} == {
        ("indoor: AP", "all sets: 40 photos, 20 show it", 40),
        ("indoor: AP", "all sets, as printed: 40 photos, 20 show it", 40),
        ("indoor: AP", "rodong_sinmun_photos, dprk_web_photos: 30 photos, 20 show it", 30),
    }
    assert all(0 <= round(m.value, 9) <= 1 for m in rows)


def test_readers_have_a_kappa_where_they_differ_on_something():
    def scene(indoor):
        return dict.fromkeys(BUILT_IN, False) | {"indoor": indoor}

    first = {str(i): scene(i % 2 == 0) for i in range(8)}
    (row,) = compare_readers(first, first | {"0": scene(False)})
    assert (row.what, row.n) == ("indoor: readers' kappa", 8)
    assert row.value == pytest.approx(0.75)
    assert row.data == "4 and 3 photos show it; 1 contradictions"
