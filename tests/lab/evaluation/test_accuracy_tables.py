from presslens.lab.evaluation.accuracy_tables import store_measures, store_reliability
from presslens.models.accuracy import Measure
from presslens.models.measured import (
    ReliabilityBin,
    ReliabilityDiagram,
    load_reliability,
    load_stations,
)


def measure(station, value):
    return Measure(station, "recall", 'a "set", all', 9, value, (0.25, 0.75), "held out")


def test_tables_are_read_as_they_were_written_and_stay_until_measured_again(tmp_path):
    assert load_stations(tmp_path) == {}
    counts = Measure("photo counts", "width", "pages", 7, 4.0, None, "by hand")
    store_measures([measure("faces", 0.5), counts], "r1", tmp_path)
    store_measures([measure("photos", 0.75), measure("photos", 0.5)], "r2", tmp_path)
    stations = load_stations(tmp_path)
    assert list(stations) == ["faces", "photo counts", "photos"]
    assert [station.recipe_id for station in stations.values()] == ["r1", "r1", "r2"]
    assert stations["faces"].of("recall", 'a "set') == measure("faces", 0.5)
    assert stations["faces"].of("precision") is None
    assert stations["photo counts"].measures == (counts,)
    assert len(stations["photos"].measures) == 2
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["faces.csv", "photo_counts.csv", "photos.csv"]


def test_reliability_is_read_as_it_was_written(tmp_path):
    diagram = ReliabilityDiagram("crowd", "as it is", 5, 0.125, (ReliabilityBin(5, 0.25, 0.5),))
    store_reliability([diagram], "r1", tmp_path / "reliability.json")
    assert load_reliability(tmp_path / "reliability.json") == [diagram]
