"""Every box of a page has a name that says what was detected there."""

from presslens.app.platform.language import language
from presslens.app.web.page_boxes import LAYERS, named_boxes

PAGE = {
    "photos": [
        {
            "id": 7,
            "box": [0, 0, 100, 50],
            "score": 0.9,
            "focus": {"verdict": "leader"},
            "subjects": {"people": {"probability": 0.9, "count": 3}},
            "figures": [
                {"name": "Kim", "answer": "yes", "probability": 0.98, "box": [1, 1, 9, 9]},
                {"name": "Ri", "answer": "unsure", "probability": 0.6, "box": [2, 1, 9, 9]},
            ],
            "detections": [
                {"label": "person", "box": [1, 1, 9, 40], "score": 0.8},
                {"label": "tie", "box": [1, 1, 9, 10], "score": 0.6},
                {"label": "person", "box": [1, 1, 9, 40], "score": 0.1},
            ],
            "caption": {"text": "A long\ncaption " * 9, "place": "below", "box": [0, 55, 90, 60]},
        }
    ],
    "headlines": [{"text": None, "box": [0, 60, 90, 90], "photos": [0]}],
}


def test_boxes_are_named_in_their_layers():
    layers = named_boxes(PAGE, language("en"))
    assert tuple(layers) == LAYERS
    names = {layer: [box.name for box in boxes] for layer, boxes in layers.items()}
    assert names["photos"] == ["Photo 1: Kim; perhaps Ri; 3 people; about the leader"]
    assert names["people"] == ["Photo 1: person, 80%"]
    assert names["things"] == ["Photo 1: tie, 60%"]
    assert names["figures"] == ["Photo 1: Kim, 98%", "Photo 1: perhaps Ri, 60%"]
    (caption,) = names["captions"]
    assert caption.startswith("Caption of photo 1: A long caption A long")
    assert caption.endswith("…")
    assert names["headlines"] == ["Headline 1: not read"]


def test_a_box_leads_to_its_photo_and_is_a_row():
    (photo,) = named_boxes(PAGE, language("en"))["photos"]
    assert (photo.photo, photo.anchor, photo.kind) == (7, "photo-7", "leader")
    assert photo.extent == (0, 0, 100, 50)
    assert photo.row("r")["x1"] == 100
