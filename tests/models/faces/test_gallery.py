import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.models.faces.embedding import FACERES, LENGTH, RESNET
from presslens.models.faces.gallery import EnrolledFigure, Gallery, Role

BASIS = np.hstack([np.eye(128), np.eye(128, 512)]).astype(np.float32)
FACE = np.zeros(LENGTH, np.float32)
FACE[FACERES.start] = 1


def _figure(name, role="official"):
    return EnrolledFigure(name, role, BASIS[[0]])


def _references(*values, cosine=False):
    """References as far from ``FACE``, or with that cosine to it."""
    rows = np.zeros((len(values), LENGTH), np.float32)
    rows[:, FACERES.start if cosine else RESNET.start] = values
    return rows


def test_leaders_are_the_figures_with_that_role_and_names_are_unique():
    gallery = Gallery([_figure("a", Role.LEADER), _figure("b"), _figure("c", Role.LEADER)])
    assert gallery.leaders == {"a", "c"}
    assert (Gallery().figures, Gallery([]).leaders) == ((), frozenset())
    with pytest.raises(ValueError, match="same name"):
        Gallery([_figure("a"), _figure("a", Role.LEADER)])


@pytest.mark.parametrize(
    ("values", "weights", "distance", "cosine"),
    [
        ([1.0], [], 1.0, 1.0), ([0.5, 1.0], [], 0.75, 0.75),
        ([0.9, 0.1, 0.2, 0.3], [], 0.2, 1.4 / 3), ([0.5, 1.0], [1, 1], 0.75, 0.75),
        ([0.5, 1.0], [1, 0.25], 0.6, 0.6), ([0.5, 1.0], [0, 0.25], 1.0, 1.0),
        ([0.9, 0.1, 0.2, 0.3], [1, 1, 0, 1], 1.3 / 3, 1.3 / 3),
        ([0.9, 0.1, 0.2, 0.3], [1, 0.5, 0.5, 1], 0.225, 2.6 / 5),
    ],
)  # fmt: skip
def test_the_three_nearest_references_count_by_their_weight(values, weights, distance, cosine):
    told = np.array(weights, np.float32)
    by_distance = EnrolledFigure("a", Role.LEADER, _references(*values), told)
    by_cosine = EnrolledFigure("a", Role.LEADER, _references(*values, cosine=True), told)
    assert by_distance.compare(FACE[None])[0] == pytest.approx(distance)
    assert by_cosine.compare(FACE[None])[1] == pytest.approx(cosine)


@pytest.mark.parametrize(
    ("values", "weights"), [([], []), ([1.0, 2.0], [0, 0])], ids=["none", "without weight"]
)
def test_without_a_reference_that_counts_all_faces_are_as_far_as_can_be(values, weights):
    figure = EnrolledFigure("a", Role.LEADER, _references(*values), np.array(weights, np.float32))
    distance, cosine = figure.compare(BASIS[:2])
    assert distance.tolist() == [np.inf, np.inf]
    assert cosine.tolist() == [-1, -1]


def test_each_network_has_its_own_nearest_references():
    references = np.concatenate(
        [_references(0.1, 0.1, 0.1), _references(1, 1, 1, cosine=True) + _references(9, 9, 9)]
    )
    distance, cosine = EnrolledFigure("a", Role.OTHER, references).compare(FACE[None])
    assert (distance[0], cosine[0]) == pytest.approx((0.1, 1))


@given(st.permutations(range(5)), st.permutations(range(4)))
def test_the_order_of_references_and_faces_does_not_count(shuffled, faces):
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(9, LENGTH)).astype(np.float32)
    references, weights = vectors[:5], rng.uniform(0.1, 1, 5).astype(np.float32)
    figure = EnrolledFigure("a", Role.HEIR, references, weights)
    again = EnrolledFigure("a", Role.HEIR, references[shuffled], weights[shuffled])
    usual, other = figure.compare(vectors[5:]), again.compare(vectors[5:][faces])
    for one, two in zip(usual, other, strict=True):
        np.testing.assert_allclose(one[faces], two, rtol=1e-5)


def test_no_faces_no_numbers():
    distance, cosine = _figure("a").compare(np.zeros((0, LENGTH), np.float32))
    assert distance.shape == cosine.shape == (0,)


def test_without_weights_all_references_count_alike():
    assert EnrolledFigure("a", Role.HEIR, BASIS[:3]).weights.tolist() == [1, 1, 1]


def test_a_weight_for_each_reference():
    with pytest.raises(ValueError, match="3 references and 2 weights"):
        EnrolledFigure("a", Role.HEIR, BASIS[:3], np.ones(2, np.float32))


def test_a_figure_of_references_counts_each_by_its_weight():
    vectors = np.eye(LENGTH, dtype=np.float32)[:2]
    figure = EnrolledFigure.of("a", Role.HEIR, [(vectors[0], 0.5), (vectors[1], 1.0)])
    assert np.array_equal(figure.embeddings, vectors)
    assert figure.weights.tolist() == [0.5, 1.0]
    assert EnrolledFigure.of("a", Role.HEIR, []).embeddings.shape == (0, LENGTH)
