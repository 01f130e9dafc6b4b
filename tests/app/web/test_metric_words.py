from presslens.app.platform.language import language
from presslens.app.web.metric_words import metric_interval, metric_name, metric_number

ENGLISH = language("en")


def test_metrics_are_named_and_written_by_their_kind():
    assert metric_name("children@front/area", ENGLISH) == "children on the front page, by area"
    assert metric_number(0.0461, "children", ENGLISH) == "4.6%"
    assert metric_number(0.5, "photo_area_share", ENGLISH) == "50%"
    assert metric_number(2.8333, "photos_per_page", ENGLISH) == "2.83"
    assert metric_interval([103.0, 118.0], "photos", ENGLISH) == "103–118"
    assert metric_interval([0.24, 0.41], "people", ENGLISH) == "24–41%"
    assert metric_interval(None, "people", ENGLISH) == ""
