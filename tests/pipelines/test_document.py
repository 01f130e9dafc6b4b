import json
from dataclasses import replace

import numpy as np
import pytest

from presslens.models.faces.appearance import appearance
from presslens.models.faces.embedding import LENGTH
from presslens.models.geometry import Box
from presslens.models.vocabulary import (
    Answer,
    Caption,
    CaptionPlace,
    Detection,
    Face,
    Focus,
    FocusReading,
    Frame,
    Headline,
    LabelReading,
    NotRead,
    PhotoInterpretation,
    PhotoObservation,
    Sighting,
    SightingEvidence,
    Subject,
    SubjectReading,
    TextSource,
)
from presslens.pipelines.document import PageDocument, PhotoContents, PhotoDocument
from presslens.pipelines.statistics.layout import Place, Quadrant

FACE = Face(Box(12, 12, 22, 24), 0.9, ((15.0, 15.0),) * 5, 0.1, np.ones(LENGTH, np.float32))
PHOTO = PhotoObservation(
    frame=Frame(Box(10, 10, 110.04, 60.26), 0.98765432),
    detections=(Detection("person", Box(11, 11, 40, 59), 0.87654, child=0.3),),
    faces=(FACE,),
    features=np.zeros(1280, np.float32),
)
MEANING = PhotoInterpretation(
    subjects=(
        SubjectReading(Subject.PEOPLE, 0.999999, 12, (9, 15)),
        SubjectReading(Subject.CROWD, 0.1, 12, (9, 15)),
        SubjectReading(Subject.CHILDREN, 0.8, 0, (0, 0)),
        SubjectReading(Subject.FIREWORKS, 0.01),
        SubjectReading(Subject.BUILDINGS, 0.6, where=(Box(10, 10, 60.04, 30), Box(70, 12, 90, 40))),
    ),
    sightings=(
        Sighting(
            "leader",
            0.97,
            FACE.box,
            appearance(PHOTO, FACE.box),
            reasons=(("likeness", 4.56789), ("turned", -0.1)),
        ),
    ),
    focus=FocusReading(Focus.LEADER, 0.9, 0.1, (("leader_area_share", 0.41237),), (2.5,)),
    labels=(LabelReading("indoor", 0.97126), LabelReading("ribbon", 0.1)),
)


def photo_document(photo=PHOTO, *, page_area=20_000):
    return PhotoDocument(photo, PLACE, page_area, PhotoContents(MEANING, PLACE.lead)).to_json()


def interpretation_document(meaning, cap=None):
    return PhotoContents(meaning, cap=cap).to_json()


PLACE = Place(above_fold=True, quadrant=Quadrant.TOP_LEFT, lead=True, width_share=0.4, columns=None)


def test_a_photo_has_the_keys_of_the_contract():
    document = photo_document()
    assert document == {
        "box": [10, 10, 110.0, 60.3],
        "score": 0.9877,
        "area_share": 0.2514,
        "place": {
            "above_fold": True,
            "quadrant": "top left",
            "lead": True,
            "width_share": 0.4,
            "columns": None,
        },
        "subjects": {
            "people": {"probability": 1.0, "count": 12, "count_interval": [9, 15]},
            "crowd": {"probability": 0.1, "count": 12, "count_interval": [9, 15]},
            "children": {"probability": 0.8, "count": 0, "count_interval": [0, 0]},
            "fireworks": {"probability": 0.01},
            "buildings": {"probability": 0.6, "where": [[10, 10, 60.0, 30], [70, 12, 90, 40]]},
        },
        "labels": {"indoor": 0.9713, "ribbon": 0.1},
        "detections": [{"label": "person", "box": [11, 11, 40, 59], "score": 0.8765}],
        "figures": [
            {
                "name": "leader",
                "probability": 0.97,
                "box": [12, 12, 22, 24],
                "answer": "yes",
                "told_by": "face",
                "reasons": [["likeness", 4.56789], ["turned", -0.1]],
                "reasons_text": [
                    "for: the face is more like the reference photos than most strangers' are",
                    "against: the face doesn't quite look at the camera, "
                    "so that its likeness says less",
                ],
                "appearance": {
                    "body": [11, 11, 40, 59],
                    "body_found": True,
                    "area_share": 0.2768,
                    "face_share": 0.2708,
                    "centrality": 0.3099,
                    "size_rank": 1,
                    "people_beside": 0,
                    "row": None,
                    "shot_size": "medium",
                    "facing": "camera",
                },
                "lead": True,
            }
        ],
        "focus": {
            "verdict": "leader",
            "leader": 0.9,
            "facility": 0.1,
            "reasons": [["leader_area_share", 0.4124]],
            "reasons_text": ["for leader: the leader takes up much of the picture"],
        },
        "faces": 1,
        "caption": None,
    }


def test_a_figure_that_only_its_place_tells_is_unsure():
    sighting = replace(MEANING.sightings[0], answer=Answer.UNSURE, told_by=SightingEvidence.CONTEXT)
    (figure,) = interpretation_document(replace(MEANING, sightings=(sighting,)))["figures"]
    assert (figure["answer"], figure["told_by"]) == ("unsure", "context")


@pytest.mark.parametrize("text", [None, "", "공장의 전경"], ids=["unread", "empty", "read"])
def test_a_caption_that_is_not_read_is_told_from_an_empty_one(text):
    reason = NotRead.UNSURE if text is None else None
    caption = Caption(Box(10, 64, 90.04, 80), CaptionPlace.BELOW, text=text, not_read=reason)
    document = photo_document(replace(PHOTO, caption=caption))
    assert document["caption"] == {
        "text": text,
        "place": "below",
        "box": [10, 64, 90.0, 80],
        "source": None,
        "confidence": None,
        "not_read": "unsure" if text is None else None,
    }


def test_a_caption_names_its_reader_and_how_sure_it_is():
    caption = Caption(
        Box(0, 0, 1, 1), CaptionPlace.BELOW, text="준공", source=TextSource.ALTO, confidence=0.87654
    )
    document = photo_document(replace(PHOTO, caption=caption))
    assert (document["caption"]["source"], document["caption"]["confidence"]) == ("alto", 0.877)


def test_headlines_name_the_photos_under_them():
    headlines = (Headline(Box(0, 0, 100, 9), (0, 2), text="준공식 성대히 진행"),)
    page = PageDocument(number=1, source="a.jpg", outcome="done", headlines=headlines)
    assert page.to_json()["headlines"] == [
        {
            "text": "준공식 성대히 진행", "box": [0, 0, 100, 9], "photos": [0, 2],
            "source": None, "confidence": None, "not_read": None,
        }
    ]  # fmt: skip


def test_a_figure_that_was_not_looked_at_has_no_appearance():
    meaning = replace(MEANING, sightings=(Sighting("leader", 0.97, FACE.box),))
    (figure,) = interpretation_document(meaning)["figures"]
    assert figure["appearance"] is None
    assert figure["lead"] is None


@pytest.mark.parametrize(("cap", "said"), [(0.75, "probability at 75 %"), (None, "probability")])
def test_of_a_figure_that_no_face_told_that_is_said_first(cap, said):
    sighting = Sighting(
        "leader", 0.75, FACE.box, None, Answer.UNSURE, SightingEvidence.CONTEXT, (("place", 3.0),)
    )
    (figure,) = interpretation_document(replace(MEANING, sightings=(sighting,)), cap=cap)["figures"]
    assert (figure["answer"], figure["told_by"]) == ("unsure", "context")
    assert figure["reasons"] == [["place", 3.0]]
    assert figure["reasons_text"][0].startswith("no face decided")
    assert figure["reasons_text"][0].endswith(f"caps the {said}")
    assert figure["reasons_text"][1].startswith("for: it stands where the leader")


def test_faces_are_counted_and_not_given_away():
    text = json.dumps(photo_document())
    assert "embedding" not in text
    assert "landmarks" not in text


def test_subjects_are_in_the_order_of_the_codebook():
    assert list(interpretation_document(MEANING)["subjects"]) == [s.value for s in Subject]


def test_a_reading_without_interval_or_place_has_no_keys_for_them():
    meaning = replace(MEANING, subjects=(SubjectReading(Subject.PEOPLE, 0.5, 3),))
    assert interpretation_document(meaning)["subjects"] == {
        "people": {"probability": 0.5, "count": 3}
    }


def test_a_page_without_area_has_no_shares():
    assert photo_document(page_area=0)["area_share"] == 0


def test_a_page_that_was_seen():
    photo = PhotoDocument(PHOTO, PLACE, 20_000, PhotoContents(MEANING, PLACE.lead))
    page = PageDocument(
        number=3, source="page_03.jpg", outcome="done", size=(200, 100), shown=(photo,)
    )
    assert page.to_json() == {
        "number": 3,
        "source": "page_03.jpg",
        "width": 200,
        "height": 100,
        "outcome": "done",
        "photos": [photo_document()],
        "headlines": [],
        "folio": None,
    }


@pytest.mark.parametrize("outcome", ["rejected", "failed"])
def test_a_page_that_was_not_seen_says_why(outcome):
    page = PageDocument(number=1, source="x.jpg", outcome=outcome, reason="because")
    assert page.to_json() == {
        "number": 1,
        "source": "x.jpg",
        "width": None,
        "height": None,
        "outcome": outcome,
        "reason": "because",
        "photos": [],
        "headlines": [],
        "folio": None,
    }
