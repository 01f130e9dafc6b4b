import pytest

from presslens.lab.evaluation.bench.edition import TYPICAL, time_edition


def test_an_edition_is_looked_at_by_two_processes(scripted_recipe, registry, draw_page):
    page = draw_page((20, 30, 180, 150), (220, 30, 380, 150))
    timing = time_edition([page, page, page], scripted_recipe, registry)
    assert (timing.pages, timing.photos) == (3, 6)
    assert min(timing.finding, timing.looking, timing.describing, timing.cpu) > 0
    assert timing.typical == pytest.approx(timing.looking * TYPICAL / 6)
    assert timing.memory > 100
