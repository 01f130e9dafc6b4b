from presslens.app.platform.language import language
from presslens.app.web.alternatives import photo_in_words, shown_focus

SUBJECTS = {name: {"probability": 0.1} for name in ("people", "crowd", "children", "buildings")}
PHOTO = {"figures": [], "subjects": SUBJECTS, "focus": {"verdict": "neither"}}


def test_a_picture_is_told_by_what_was_detected():
    for shown, words in (
        ({}, "nothing that was looked for"),
        ({"people": {"probability": 0.9, "count": 1}}, "1 person"),
        ({"people": {"probability": 0.9, "count": 12}}, "12 people"),
        ({"people": {"probability": 0.9, "count": 90}, "crowd": {"probability": 0.8}}, "crowd"),
        ({"children": {"probability": 0.6}, "buildings": {"probability": 0.7}},
         "children; buildings"),
    ):  # fmt: skip
        photo = {**PHOTO, "subjects": {**SUBJECTS, **shown}}
        assert photo_in_words(photo, spoken=language("en")) == words
    unsure = [{"name": "A", "answer": "yes"}, {"name": "B", "answer": "unsure"}]
    photo = {**PHOTO, "figures": unsure, "focus": {"verdict": "leader"}}
    assert photo_in_words(photo, spoken=language("en")) == "A; perhaps B; about the leader"


def test_what_people_have_settled_is_told_in_place_of_what_was_detected():
    figures = [{"name": "A", "answer": "yes"}, {"name": "B", "answer": "unsure"}]
    subjects = {**SUBJECTS, "people": {"probability": 0.9, "count": 2}}
    photo = {"figures": figures, "subjects": subjects, "focus": {"verdict": "leader"}}
    settled = {"figure:A": False, "figure:B": True, "figure:C": True, "children": True}
    told = photo_in_words(photo, {**settled, "focus_facility": True}, spoken=language("en"))
    assert told == "B; C; 2 people; children; about the facility"
    decided = {**photo, "decided": {"people": False, "crowd": True}}
    assert photo_in_words(decided, spoken=language("en")) == "A; perhaps B; crowd; about the leader"
    unknown = {**photo, "focus_note": "not known: nobody is enrolled as a leader"}
    assert photo_in_words(unknown, spoken=language("en")).endswith(
        f"; focus: {unknown['focus_note']}"
    )
    assert shown_focus(unknown) == "unchecked"
    assert shown_focus({**unknown, "settled": {"focus_leader": True}}) == "leader"
    denied = {"people": False, "focus_leader": False, "figure:A": False, "figure:B": False}
    told = photo_in_words(photo, denied, spoken=language("en"))
    assert told == "nothing that was looked for"
