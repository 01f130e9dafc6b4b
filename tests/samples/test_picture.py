import numpy as np
import pytest

from presslens.samples.catalogue import SHOTS
from presslens.samples.picture import ENLARGE, SOFT, develop, fitting, vary


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.file)
def test_every_shot_keeps_its_subject_inside_its_region(shot):
    region, keep = shot.region, shot.keep
    assert region[0] <= keep[0] < keep[2] <= region[2]
    assert region[1] <= keep[1] < keep[3] <= region[3]


@pytest.mark.parametrize("size", [(300, 220), (220, 300), (240, 240)])
def test_a_fitting_shot_is_printed_in_the_size_asked_for(sources, size):
    rng = np.random.default_rng(1)
    fits = [shot for shot in SHOTS if fitting(sources, shot, size, enlarge=ENLARGE)]
    assert len(fits) > 10
    for shot in fits:
        picture = develop(sources, shot, size, rng)
        assert picture.image.size == size
        assert picture.truth == shot.truth


def test_a_shot_that_would_lose_its_subject_is_refused(sources):
    wide = next(shot for shot in SHOTS if shot.keep == (0.0, 0.33, 1.0, 0.8))
    assert not fitting(sources, wide, (100, 400), enlarge=SOFT)
    with pytest.raises(ValueError, match=r"bus\.jpg"):
        develop(sources, wide, (100, 400), np.random.default_rng(1))


def test_a_small_source_is_not_enlarged_without_end(sources):
    shot = next(shot for shot in SHOTS if shot.file == "china.jpg")
    assert fitting(sources, shot, (1400, 1000), enlarge=ENLARGE)
    assert not fitting(sources, shot, (2800, 2000), enlarge=ENLARGE)


def test_two_prints_of_one_shot_differ(sources):
    rng = np.random.default_rng(1)
    one, other = (vary(sources.photo("china.jpg"), rng) for _ in range(2))
    assert one.tobytes() != other.tobytes()
