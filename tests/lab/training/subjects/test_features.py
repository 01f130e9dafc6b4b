import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet

from presslens.lab.training.subjects.features import NETWORK, convert
from presslens.models.session import open_session


def test_the_converted_network_answers_as_the_one_it_comes_from(tmp_path):
    torch.manual_seed(0)
    network = EfficientNet.from_name(NETWORK)
    torch.save(network.state_dict(), tmp_path / "network.pth")
    convert(tmp_path / "network.pth", tmp_path / "network.onnx")
    pixels = torch.rand(1, 3, 96, 160)
    (answer,) = open_session(tmp_path / "network.onnx", threads=1).run(
        None, {"pixels": pixels.numpy()}
    )
    with torch.no_grad():
        expected = network.eval().extract_features(pixels).numpy()
    assert answer.shape == (1, 1280, 3, 5)
    np.testing.assert_allclose(answer, expected, atol=1e-4 * float(np.abs(expected).max()))
