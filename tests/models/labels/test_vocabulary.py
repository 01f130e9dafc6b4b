from pathlib import Path

import pytest

from presslens.models.labels.vocabulary import (
    BUILT_IN,
    BuiltInLabel,
    LabelMetrics,
    built_in_labels,
    in_order,
    name_fault,
    shipped_names,
    write_built_in,
)
from presslens.models.vocabulary import Subject


@pytest.mark.parametrize("name", ["ribbon", "ribbon_cutting", "class_of_2024", "0", "x" * 64])
def test_names_that_may_be_given(name):
    assert name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        *((name, "lowercase") for name in ("", "Ribbon", "two words", "é", "a-b", "a\n", "x" * 65)),
        *((subject.value, "is a subject") for subject in Subject),
        *((name, "is a built-in label") for name in BUILT_IN),
    ],
)
def test_names_that_may_not(name, fault):
    assert fault in (name_fault(name) or "")


def test_built_in_labels_come_first():
    assert in_order(["zebra", "stage", "apple", "indoor"]) == ["indoor", "stage", "apple", "zebra"]


def test_figures_are_the_same_after_they_were_stored(tmp_path):
    known = [
        BuiltInLabel("indoor", 9, 4, LabelMetrics(9, 4, 0.5, 0.25, 0.125, "by hand"), None),
        BuiltInLabel("stage", 9, 1, None, "too few"),
    ]
    write_built_in(known, tmp_path / "labels.json")
    assert built_in_labels(tmp_path / "labels.json") == known


def test_every_label_of_the_codebook_is_measured_and_defined():
    assert [label.name for label in built_in_labels()] == list(BUILT_IN)
    codebook = (Path(__file__).parents[3] / "docs" / "reference" / "codebook.md").read_text()
    assert [name for name in BUILT_IN if f"**{name}**" not in codebook] == []
    assert set(shipped_names()) < set(BUILT_IN)


def test_the_card_says_what_is_not_shipped():
    card = (Path(__file__).parents[3] / "models" / "cards" / "labels.md").read_text()
    for label in built_in_labels():
        assert f"| {label.name} | {label.n} | {label.positive} |" in card
        if label.refusal is not None:
            assert f"**{label.name}**" in card.split("Not shipped")[1].split("\n- ")[0]
