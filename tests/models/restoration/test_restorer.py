"""Printed photos become more like what was printed; others stay as they are."""

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

from presslens.lab.training.printing import bitonal, grey, halftone, rosette
from presslens.models.registry import Manifest, Registry
from presslens.models.restoration.descreening import descreened
from presslens.models.restoration.restorer import (
    OnnxRestorer,
    PrintRestorer,
    RestoredFeatures,
    is_coloured,
)
from presslens.models.restoration.screen import printing_of
from presslens.models.scripted import ColourFeatures


@pytest.fixture(scope="module")
def network():
    return OnnxRestorer(Registry(Manifest.load()).path("restoration"))


@pytest.fixture(scope="module")
def restorer(network):
    return PrintRestorer(network)


def likeness(first, second):
    return structural_similarity(grey(first)[..., 0], grey(second)[..., 0])


@pytest.mark.parametrize("degrade", [halftone, rosette, bitonal])
def test_restored_print_is_more_like_the_photo(restorer, degrade):
    photo = data.coffee()[:, :400]
    printed = degrade(photo)
    restored = restorer.restore(printed)
    for looked_at in (restored.picture, restored.for_faces):
        assert looked_at.shape == photo.shape
        assert looked_at.dtype == np.uint8
        assert likeness(looked_at, photo) > likeness(printed, photo) + 0.1


@pytest.mark.parametrize(
    ("degrade", "filtered", "for_faces"),
    [(rosette, True, True), (halftone, False, True), (bitonal, False, False)],
    ids=["several inks are filtered", "black alone for faces only", "copies by the network"],
)
def test_a_screen_is_filtered_or_the_network_restores(
    restorer, network, degrade, filtered, for_faces
):
    printed = degrade(data.coffee()[:, :400])
    restored = restorer.restore(printed)
    by_filter = descreened(printed, printing_of(printed).screen)
    by_network = network.restore(printed).picture
    assert np.array_equal(restored.picture, by_filter if filtered else by_network)
    assert np.array_equal(restored.for_faces, by_filter if for_faces else by_network)
    assert (restored.for_faces is restored.picture) == (filtered == for_faces)


def test_yellowed_paper_is_no_ink_and_a_rosette_of_a_grey_photo_is_black_alone():
    photo = data.coffee()[:, :400]
    yellowed = np.rint(halftone(photo) * np.array([1.0, 0.97, 0.9])).astype(np.uint8)
    assert not is_coloured(yellowed)
    assert not is_coloured(rosette(grey(photo)))
    assert is_coloured(rosette(photo))


def test_network_reduces_a_coarse_screen_first_and_enlarges_it_again(network):
    photo = data.coffee()[:299, :397]
    printed = halftone(photo, cell=7.0)
    restored = network.restore(printed).picture
    assert restored.shape == photo.shape
    assert likeness(restored, photo) > likeness(printed, photo) + 0.1


def test_photo_without_dots_is_returned_itself(restorer):
    photo = data.chelsea()
    restored = restorer.restore(photo)
    assert restored.picture is photo
    assert restored.for_faces is photo


def test_features_are_those_of_the_restored_photo(restorer):
    printed = halftone(data.coffee()[:, :400])
    features = RestoredFeatures(restorer, ColourFeatures()).extract(printed)
    assert np.array_equal(features, ColourFeatures().extract(restorer.restore(printed).picture))
