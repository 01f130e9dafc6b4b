import numpy as np
import pytest
import torch

from presslens.lab.training.photos.segmenter import Checkpoint, Progress
from presslens.lab.training.yolo import BoxTuning, Network, as_batch
from presslens.models.geometry import Box

STEPS = 4


def tuning():
    torch.manual_seed(1)
    network = Network("yolo26n.yaml", nc=1, verbose=False)
    return BoxTuning(network, rate=1e-3, steps=STEPS, rise=0.3, decay=0.9)


def trained(run, first, last):
    for step in range(first, last):
        pixels = np.random.default_rng(step).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        run.learn(as_batch([(pixels, [Box(8, 8, 40, 50)])]))


def weights(run):
    return torch.cat([p.detach().ravel() for p in run.averaged.parameters()])


def test_an_interrupted_run_goes_on_to_the_same_weights(tmp_path):
    whole = tuning()
    trained(whole, 0, STEPS)
    before, after = tuning(), tuning()
    checkpoint = Checkpoint(tmp_path / "out" / "run.pt", STEPS, 7)
    trained(before, 0, 2)
    checkpoint.write(before, Progress(2, 11, [3.0, 2.5]))
    progress = checkpoint.read(after)
    trained(after, progress.step, STEPS)
    assert progress == Progress(2, 11, [3.0, 2.5])
    assert torch.equal(weights(after), weights(whole))


@pytest.mark.parametrize("other", [(STEPS + 1, 7), (STEPS, 8)])
def test_a_run_does_not_go_on_from_another(tmp_path, other):
    run = tuning()
    Checkpoint(tmp_path / "run.pt", STEPS, 7).write(run, Progress(1, 3, [2.0]))
    assert Checkpoint(tmp_path / "run.pt", *other).read(run) == Progress()
    assert Checkpoint(tmp_path / "none.pt", STEPS, 7).read(run) == Progress()
