from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.models.faces.embedder import BATCH
from presslens.models.faces.embedding import FACERES, LENGTH, RESNET, cosines, distances
from presslens.models.session import open_session

pytestmark = pytest.mark.weights("faces", "identity")


@pytest.fixture
def embed_all(detector, embed):
    """Give a function that returns the embeddings of all faces in a photo, the largest first."""
    return lambda photo: np.array(embed(photo, detector.detect([photo])[0]))


@pytest.fixture(scope="module")
def faces(detector, two_men):
    return detector.detect([two_men])[0]


def test_one_person_in_several_takes_is_near_and_others_are_far(hopper, two_men, embed_all):
    mirrored = hopper.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT)
    takes = [hopper, hopper.rotate(12), mirrored, hopper.resize((77, 90))]
    hers = np.concatenate([embed_all(np.asarray(take)) for take in takes])
    others = embed_all(two_men)
    assert hers.shape == (4, LENGTH)
    assert hers.dtype == np.float32
    assert distances(hers, hers)[0] == pytest.approx([0, 0.15, 0.15, 0.3], abs=0.1)
    assert (cosines(hers, hers)[0] > [0.99, 0.9, 0.9, 0.7]).all()
    assert distances(others, others)[0, 1] > 0.55
    assert distances(hers, others).min() > 0.6
    assert cosines(others, others)[0, 1] < 0.3
    assert cosines(hers, others).max() < 0.2


def test_no_faces_no_vectors(embed, dlib, faceres):
    photo = np.zeros((10, 10, 3), np.uint8)
    assert embed(photo, []) == []
    assert dlib.raw(photo, []).shape == (0, 128)
    heads = faceres.look(photo, [])
    assert (heads.likeness.shape, heads.ages.shape) == ((0, 1024), (0, 256))


def test_an_embedding_is_both_answers_the_second_whitened(
    two_men, faces, dlib, faceres, whitening, embed
):
    whole, heads = dlib.raw(two_men, faces), faceres.look(two_men, faces).likeness
    vectors = np.array(embed(two_men, faces))
    assert (whole.shape, heads.shape) == ((2, 128), (2, 1024))
    np.testing.assert_allclose(vectors[:, RESNET], whole, atol=1e-6)
    np.testing.assert_allclose(vectors[:, FACERES], whitening.apply(heads), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors[:, FACERES], axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("count", [1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH + 3])
@pytest.mark.parametrize("network", ["dlib", "faceres"])
def test_however_many_faces_each_gets_its_own_row(network, count, two_men, faces, dlib, faceres):
    def raw(some):
        return dlib.raw(two_men, some) if network == "dlib" else faceres.look(two_men, some).ages

    asked = [faces[i % 3 % 2] for i in range(count)]
    rows = raw(asked)
    singly = [raw([face])[0] for face in faces]
    expected = [singly[i % 3 % 2] for i in range(count)]
    np.testing.assert_allclose(rows, expected, atol=1e-4 * np.abs(singly).max())


def test_faces_of_a_strided_view_embed_alike(hopper, embed_all):
    page = np.zeros((800, 800, 3), np.uint8)
    photo = np.asarray(hopper)
    page[50 : 50 + photo.shape[0], 70 : 70 + photo.shape[1]] = photo
    view = page[50 : 50 + photo.shape[0], 70 : 70 + photo.shape[1]]
    np.testing.assert_allclose(embed_all(view), embed_all(photo), atol=1e-5)


def test_faceres_wants_the_channels_as_it_learned_them(two_men, faces, faceres, whitening):
    """With red and blue swapped it still knows a face, but less surely than in print's greys."""
    grey = np.repeat(two_men.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    original, greyed, swapped = (
        whitening.apply(faceres.look(np.ascontiguousarray(photo), faces).likeness)
        for photo in (two_men, grey, two_men[..., ::-1])
    )
    assert (original * greyed).sum(axis=1).min() > 0.7
    assert ((original * swapped).sum(axis=1) < (original * greyed).sum(axis=1)).all()


def test_a_face_at_the_edge_of_the_photo_is_embedded(two_men, faces, embed):
    right = max(faces, key=lambda face: face.box.x0)
    x0, y0 = (round(v) for v in (right.box.x0, right.box.y0))
    marks = tuple((x - x0, y - y0) for x, y in right.landmarks)
    cut = two_men[y0:, x0:]
    moved = replace(right, box=right.box.moved(-x0, -y0), landmarks=marks)
    whole, edge = (np.array(embed(p, [f])) for p, f in ((two_men, right), (cut, moved)))
    assert distances(whole, edge)[0, 0] < 0.4
    assert cosines(whole, edge)[0, 0] > 0.5


@pytest.mark.parametrize("count", [1, 3])
def test_the_faceres_network_that_is_shipped_answers(registry, faceres, count):
    filed = open_session(registry.path("faceres"), threads=2)
    (pixels,) = filed.get_inputs()
    assert (pixels.name, pixels.shape[1:]) == ("pixels", [3, 224, 224])
    planes = np.random.default_rng(0).normal(0, 60, (count, 3, 224, 224)).astype(np.float32)
    answers = filed.run(None, {"pixels": planes})
    for opened, answer in zip(faceres._session.run(None, {"pixels": planes}), answers, strict=True):
        assert np.array_equal(opened, answer), "its clips change no number"
    assert [answer.shape for answer in answers] == [(count, 1024), (count, 256)]
    for answer in answers:
        assert answer.dtype == np.float32
        assert np.isfinite(answer).all()
        assert (answer >= 0).all(), "what a rectifier lets through"
