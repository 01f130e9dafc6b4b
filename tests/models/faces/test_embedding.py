import numpy as np
import pytest

from presslens.models.faces.embedding import FACERES, LENGTH, RESNET, cosines, distances

DLIB = np.hstack([np.eye(128), np.zeros((128, 512))]).astype(np.float32)
WHITENED = np.hstack([np.zeros((512, 128)), np.eye(512)]).astype(np.float32)


def test_the_two_parts_are_all_of_an_embedding():
    numbers = list(range(LENGTH))
    assert numbers[RESNET] + numbers[FACERES] == numbers
    assert (len(numbers[RESNET]), len(numbers[FACERES])) == (128, 512)


@pytest.mark.parametrize(
    ("face", "reference", "distance", "cosine"),
    [
        (DLIB[0], DLIB[0], 0, 0), (DLIB[0], DLIB[1], 2**0.5, 0), (DLIB[0], DLIB[0] * 3, 2, 0),
        (WHITENED[0], WHITENED[0], 0, 1), (WHITENED[0], WHITENED[1], 0, 0),
        (WHITENED[0], -WHITENED[0], 0, -1),
        (DLIB[127] + WHITENED[511], WHITENED[511] * 0.5, 1, 0.5),
    ],
)  # fmt: skip
def test_each_network_compares_its_own_part(face, reference, distance, cosine):
    assert distances(face[None], reference[None]) == pytest.approx(distance)
    assert cosines(face[None], reference[None]) == pytest.approx(cosine)


@pytest.mark.parametrize("compare", [distances, cosines])
@pytest.mark.parametrize(("faces", "references"), [(3, 5), (1, 2), (0, 4), (2, 0)])
def test_every_face_is_compared_with_every_reference(compare, faces, references):
    vectors = np.random.default_rng(0).normal(size=(faces + references, LENGTH)).astype(np.float32)
    rows, columns = vectors[:faces], vectors[faces:]
    table = compare(rows, columns)
    assert table.shape == (faces, references)
    assert table.dtype == np.float64
    singly = [[compare(row[None], one[None])[0, 0] for one in columns] for row in rows]
    np.testing.assert_allclose(table, np.reshape(singly, table.shape), rtol=1e-5)
