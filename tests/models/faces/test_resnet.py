from importlib.util import find_spec
from pathlib import Path

import dlib
import matplotlib.cbook
import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.models.faces.alignment import chip
from presslens.models.faces.embedder import DlibEmbedder
from presslens.models.faces.resnet import network_input, resnet

ASSETS = Path(find_spec("ultralytics").origin).parent / "assets"


@pytest.fixture(scope="module")
def photos():
    """Faces of all sizes, upright and aslant, and one photo that is nearly black."""
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        hopper = Pillow.open(file).convert("RGB")
    found = [Pillow.open(ASSETS / name).convert("RGB") for name in ("bus.jpg", "zidane.jpg")]
    found += [hopper, hopper.rotate(20), hopper.resize((77, 90))]
    found += [hopper.point([value // 6 for value in range(256)] * 3)]
    return [np.asarray(photo) for photo in found]


@pytest.fixture(scope="module")
def faces(photos, detector):
    return detector.detect(photos)


@pytest.mark.weights("faces", "identity")
def test_answers_as_dlib_does_of_a_face_and_its_mirror_image(photos, faces, registry):
    embedder = DlibEmbedder(registry.path("identity"), threads=2)
    network = dlib.face_recognition_model_v1(str(registry.path("identity")))
    ours = np.concatenate([embedder.raw(p, seen) for p, seen in zip(photos, faces, strict=True)])
    chips = [chip(p, f.landmarks) for p, seen in zip(photos, faces, strict=True) for f in seen]
    upright, mirrored = (
        np.array([np.array(vector) for vector in network.compute_face_descriptor(turned)])
        for turned in (chips, [np.ascontiguousarray(one[:, ::-1]) for one in chips])
    )
    assert len(ours) == len(chips) >= 8
    np.testing.assert_allclose(ours, (upright + mirrored) / 2, atol=1e-5)


@pytest.mark.weights("identity")
@pytest.mark.parametrize("fault", ["short", "other", "longer"])
def test_another_network_is_refused(registry, fault):
    dat = registry.path("identity").read_bytes()
    last = dat.index(b"\x01\x04fc_2")
    faulty = {
        "short": dat[:last],
        "other": dat.replace(b"\x01\x07affine_", b"\x01\x07batch__"),
        "longer": dat + dat[last:],
    }
    with pytest.raises(ValueError, match=r"due|more layers"):
        resnet(faulty[fault])


def test_the_network_takes_planes_around_zero():
    chips = np.zeros((2, 150, 150, 3), np.uint8)
    chips[..., 2] = 255
    pixels = network_input(chips)
    assert pixels.shape == (2, 3, 150, 150)
    assert pixels.dtype == np.float32
    assert pixels[0, :, 0, 0] == pytest.approx([-0.4796, -0.4570, 0.5887], abs=1e-4)
