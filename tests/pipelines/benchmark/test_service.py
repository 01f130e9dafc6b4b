import pytest
from PIL import Image as Pillow

from presslens.pipelines.benchmark.errors import InvalidBenchmark
from presslens.pipelines.benchmark.folder import read_benchmark
from presslens.pipelines.benchmark.predictions import read_predictions
from presslens.pipelines.benchmark.service import predict

PHOTO = (20, 30, 180, 150)


@pytest.fixture
def truth(benchmark_folder, draw_page):
    """The benchmark with a page or a photo in the place of each picture."""
    truth = read_benchmark(benchmark_folder)
    for image in truth.images.values():
        image.path.parent.mkdir(exist_ok=True)
        people = [(60, 40, 110, 140)]
        drawn = draw_page(PHOTO, size=(400, 300), persons=people)
        if not image.is_page:
            drawn = drawn[30:150, 20:180]
        Pillow.fromarray(drawn).save(image.path, "PNG")
    return truth


def test_predictions_are_what_analyze_says(truth, scripted_recipe, registry, tmp_path):
    steps = []
    predictions = predict(
        truth,
        scripted_recipe,
        registry,
        version="9",
        processes=0,
        progress=lambda *step: steps.append(step),
    )
    assert steps[-1][:2] == (10, 10)
    assert predictions.about == {"system": "Presslens 9", "recipe": scripted_recipe.id}
    file = tmp_path / "own.json"
    predictions.write(file)
    read = read_predictions(file, truth)
    assert read.about["system"] == "Presslens 9"
    for image in truth.images.values():
        if image.is_page:
            x, y, width, height = read.of(image.id, 1).boxes[0].tolist()
            assert (x, y, x + width, y + height) == pytest.approx(PHOTO, abs=3)
        else:
            x, y, width, height = read.of(image.id, 2).boxes[0].tolist()
            assert (x, y, x + width, y + height) == pytest.approx((40, 10, 90, 110), abs=3)
    assert read.subjects[1003]["people"] > 0.5


def test_a_picture_that_cannot_be_read_is_named(truth, scripted_recipe, registry):
    truth.images[1002].path.write_bytes(b"no picture")
    with pytest.raises(InvalidBenchmark, match=r"page-002\.jpg: rejected"):
        predict(truth, scripted_recipe, registry, version="9", processes=0)
