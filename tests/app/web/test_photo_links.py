"""The filter behind a number: the gallery takes it, and shows the photos of the number."""

import pytest

from presslens.app.web.photo_links import photos_behind
from presslens.pipelines.statistics.metrics import Metric


@pytest.mark.parametrize(
    ("metric", "leaders", "found"),
    [
        ("photos", [], {}),
        ("largest_photo", [], {"sort": "-size"}),
        ("children@front", [], {"subject": "children", "zone": "front"}),
        ("focus_facility", [], {"focus": "facility"}),
        ("label:indoor", [], {"label": "indoor"}),
        ("figure:Kim", [], {"figure": "Kim"}),
        ("leader@lead", ["Kim"], {"figure": "Kim", "zone": "lead"}),
        ("leader", [], None),
        ("leader", ["Kim", "Lee"], None),
        ("leader_and_facility", ["Kim"], None),
        ("pages", [], None),
    ],
)
def test_a_number_has_the_filter_of_its_photos(metric, leaders, found):
    assert photos_behind(Metric.parse(metric), leaders) == found


@pytest.mark.parametrize("metric", ["largest_photo", "children@front", "focus_leader@inside"])
def test_the_gallery_takes_the_filter(client, metric):
    filter_ = photos_behind(Metric.parse(metric), [])
    assert client.get("/gallery", params=filter_).status_code == 200
