from dataclasses import replace

import numpy as np

from presslens.lab.training.labels.built_in import judge, train
from presslens.models.labels.classifier import load_built_in
from presslens.models.labels.vocabulary import BUILT_IN, built_in_labels


def test_labels_are_judged_without_the_photos_own_event(scenes):
    judged = {j.label: j for j in judge(scenes)}
    assert list(judged) == list(BUILT_IN)
    indoor = judged["indoor"]
    truth, probability = indoor.of(printed=False)
    assert len(truth) == 40
    assert ((probability >= 0.5) == truth).all()
    assert len(indoor.of(printed=True, state_media=True)[0]) == 30
    # Where the reader was not sure, the photo is left out.
    assert len(judged["night"].truth) == 28


def test_what_is_shown_in_few_photos_is_not_learnt(scenes):
    judged = {j.label: j for j in judge(scenes)}
    for name, positive in (("stage", 5), ("night", 0)):
        assert judged[name].model is None
        verdict = judged[name].verdict()
        assert verdict.figures is None
        assert f"{positive} of " in (verdict.refusal or "")


def test_photos_of_one_event_are_not_enough(make_scene):
    together = [make_scene(i) for i in range(40)]
    for i, example in enumerate(together):
        group = "one" if example.labels["indoor"] else f"g{i}"
        together[i] = replace(example, photo=replace(example.photo, group=group))
    assert judge(together)[0].model is None


def test_only_labels_that_are_told_well_are_shipped(scenes, tmp_path):
    rng = np.random.default_rng(3)
    chance = [replace(e, labels={**e.labels, "flags": bool(rng.random() < 0.3)}) for e in scenes]
    found = train(chance, tmp_path / "labels.skops", tmp_path / "labels.json")
    assert found["shipped_indoor"] == 1
    assert found["ap_indoor"] == 1.0
    assert found["shipped_flags"] == found["shipped_stage"] == 0
    assert "ap_stage" not in found
    assert [c.name for c in load_built_in(tmp_path / "labels.skops")] == ["indoor"]
    told = {label.name: label for label in built_in_labels(tmp_path / "labels.json")}
    assert list(told) == list(BUILT_IN)
    assert told["indoor"].refusal is None
    assert "average precision is 0." in (told["flags"].refusal or "")


def test_a_label_that_print_hides_is_not_shipped(scenes):
    indoor = judge(scenes)[0]
    printed = np.array([e.printed for e in indoor.examples])
    turned = np.where(printed, 1 - indoor.probability, indoor.probability)
    assert indoor.verdict().refusal is None
    assert "as printed" in (replace(indoor, probability=turned).verdict().refusal or "")
