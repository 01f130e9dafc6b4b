"""Photos whose image features say what they show."""

from pathlib import Path

import numpy as np
import pytest

from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.labels.scenes import SceneExample
from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.models.labels.vocabulary import BUILT_IN


@pytest.fixture(scope="session")
def make_scene():
    """Give a function that makes the i-th photo: odd ones are indoors, every ninth on stage."""

    def make(i, *, printed=False, dataset="rodong_sinmun_photos"):
        rng = np.random.default_rng([i, printed])
        features = rng.normal(0, 0.5, 1280).astype(np.float32)
        features[:40] += i % 2
        labels = dict.fromkeys(BUILT_IN, False)
        labels |= {"indoor": bool(i % 2), "stage": i % 9 == 0, "night": None if i % 3 else False}
        photo = LabelledPhoto(dataset, Path(f"{i}.jpg"), f"g{i // 2}", {})
        return SceneExample(photo, PRINTED if printed else AS_IS, features, labels)

    return make


@pytest.fixture(scope="session")
def scenes(make_scene):
    """Forty photos, as they are and as printed; a quarter is not of the domain."""
    return [
        make_scene(i, printed=p, dataset="rodong_sinmun_photos" if i % 4 else "facility_web")
        for i in range(40)
        for p in (False, True)
    ]
