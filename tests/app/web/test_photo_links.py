"""The filter behind a number: the gallery takes it, and shows the photos of the number."""

from presslens.app.web.photo_links import photos_behind
from presslens.pipelines.statistics.metrics import Metric


def test_a_number_has_the_filter_of_its_photos():
    for metric, leaders, found in (
        ("photos", [], {}), ("largest_photo", [], {"sort": "-size"}),
        ("children@front", [], {"subject": "children", "zone": "front"}),
        ("focus_facility", [], {"focus": "facility"}), ("label:indoor", [], {"label": "indoor"}),
        ("figure:Kim", [], {"figure": "Kim"}),
        ("leader@lead", ["Kim"], {"figure": "Kim", "zone": "lead"}), ("leader", [], None),
        ("leader", ["Kim", "Lee"], None), ("leader_and_facility", ["Kim"], None),
        ("pages", [], None), ("photo_pages", [], None),
        ("leader_photos", ["Kim"], {"figure": "Kim", "answer": "yes"}),
        ("full_page_photo_pages", [], {"size": "full_page"}),
    ):  # fmt: skip
        assert photos_behind(Metric.parse(metric), leaders) == found, metric


def test_the_gallery_takes_the_filter(client):
    for metric in ("largest_photo", "children@front", "focus_leader@inside"):
        filter_ = photos_behind(Metric.parse(metric), [])
        assert client.get("/gallery", params=filter_).status_code == 200
