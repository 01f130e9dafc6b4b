from presslens.lab.evaluation.bench.finding import time_finding
from presslens.models.recipe import Recipe


def test_the_network_is_the_measure(registry, draw_page):
    page = draw_page((60, 90, 540, 450), size=(800, 1120))
    timings = time_finding([page], Recipe.load(), registry)
    assert [timing.step for timing in timings] == ["network", "photos found", "page traits"]
    assert timings[0].ratio == 1.0
    assert all(timing.milliseconds > 0 for timing in timings)
