from dataclasses import replace

import pytest

from presslens.models.faces.explain import TURNED, WORDS, reasons_in_words
from presslens.models.faces.matcher import _PARTS
from presslens.models.geometry import Box
from presslens.models.vocabulary import Answer, Appearance, Facing, Sighting, SightingEvidence

FACE = Box(0, 0, 10, 12)
SHOWN = Appearance(
    body=FACE,
    body_found=True,
    area_share=0.1,
    face_share=0.3,
    centrality=0.5,
    size_rank=1,
    people_beside=3,
    row=None,
    shot_size=None,
    facing=Facing.CAMERA,
)


def _sighting(*reasons, facing=Facing.CAMERA):
    return Sighting("Kim", 0.9, FACE, replace(SHOWN, facing=facing), reasons=reasons)


@pytest.mark.parametrize("part", _PARTS)
def test_every_part_of_the_evidence_has_words(part):
    for value in (1.0, -1.0):
        (said,) = reasons_in_words(_sighting((part, value)))
        assert not said.endswith(f": {part.replace('_', ' ')}")


@pytest.mark.parametrize("pair", [*WORDS.values(), *TURNED.values()])
def test_the_two_phrases_of_a_part_are_short_and_tell_it_apart(pair):
    assert pair[0] != pair[1]
    for phrase in pair:
        assert 0 < len(phrase) < 100
        assert phrase[0].islower()
        assert not set(phrase) & set("_:;.")


def test_the_sign_chooses_side_and_phrase_and_the_order_stays():
    sighting = _sighting(("place", -2.0), ("likeness", 1.5), ("lead_over_others", 0.1))
    assert reasons_in_words(sighting) == [
        f"against: {WORDS['place'][1]}",
        f"for: {WORDS['likeness'][0]}",
        f"for: {WORDS['lead_over_others'][0]}",
    ]


@pytest.mark.parametrize(
    ("facing", "value", "expected"),
    [
        (Facing.CAMERA, 0.4, "for: the face looks at the camera, so that its likeness says more"),
        (Facing.LEFT, -0.4, "against: the face is turned aside, so that its likeness says less"),
        (
            Facing.RIGHT,
            0.4,
            "for: the face is turned aside and like the reference photos all the same",
        ),
        (None, 0.4, "for: turned"),
    ],
)
def test_a_face_is_said_to_be_turned_where_it_is(facing, value, expected):
    assert reasons_in_words(_sighting(("turned", value), facing=facing)) == [expected]


def test_nothing_is_claimed_without_an_appearance_words_or_reasons():
    unseen = Sighting("Kim", 0.9, FACE, reasons=(("turned", -0.4),))
    assert reasons_in_words(unseen) == ["against: turned"]
    assert reasons_in_words(_sighting(("some_new_one", 0.1))) == ["for: some new one"]
    assert reasons_in_words(_sighting()) == []


@pytest.mark.parametrize(("cap", "most"), [(0.75, " at 75 %"), (0.6, " at 60 %"), (None, "")])
def test_that_no_face_decided_is_said_first(cap, most):
    sighting = replace(
        _sighting(("place", 3.0)),
        told_by=SightingEvidence.CONTEXT,
        answer=Answer.UNSURE,
        probability=0.75,
    )
    first, second = reasons_in_words(sighting, cap=cap)
    assert first == (
        "no face decided: the likeness alone is not enough, so the recipe caps the probability"
        + most
    )
    assert second == f"for: {WORDS['place'][0]}"
