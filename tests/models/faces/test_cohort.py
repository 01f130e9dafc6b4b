import numpy as np
import pytest

from presslens.models.faces.cohort import Cohort
from presslens.models.faces.embedding import FACERES, LENGTH, RESNET


def _embedding(resnet, faceres):
    vector = np.zeros(LENGTH, np.float32)
    vector[RESNET][0] = resnet
    vector[FACERES][:2] = np.cos(faceres), np.sin(faceres)
    return vector


def test_a_face_resembles_typical_strangers_as_much_as_it_does_on_average():
    cohort = Cohort(np.array([_embedding(0, 0), _embedding(1, np.pi / 2)]))
    found = cohort.resemblance(np.array([_embedding(0, 0), _embedding(3, np.pi / 2)]))
    assert found.distance == pytest.approx([0.5, 2.5])
    assert found.cosine == pytest.approx([0.5, 0.5])


def test_no_faces_resemble_nobody():
    found = Cohort(np.array([_embedding(0, 0)])).resemblance(np.zeros((0, LENGTH), np.float32))
    assert [len(values) for values in found] == [0, 0]
