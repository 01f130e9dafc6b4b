from dataclasses import replace

import numpy as np
import pytest

from presslens.models.faces.embedding import LENGTH
from presslens.models.faces.gallery import LEADER, EnrolledFigure, Gallery, Role
from presslens.models.faces.matcher import LEAST_DOUBT, Matcher, assign, doubts
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Answer

BASIS = np.hstack([np.eye(128), np.eye(128, 512)]).astype(np.float32)
FRAME = Box(0, 0, 400, 200)
RULES = Recipe.load().interpret
KIM = Gallery([EnrolledFigure("Kim", LEADER, BASIS[:1])])


def _gallery(*indices):
    return Gallery([EnrolledFigure(f"figure {i}", LEADER, BASIS[[i]]) for i in indices])


def _rules(**values):
    return RULES.model_copy(update=values)


@pytest.mark.parametrize(
    ("table", "threshold", "expected"),
    [
        ([[0.9, 0.8], [0.7, 0.95]], 0.5, [(1, 1), (0, 0)]),
        ([[0.9, 0.8], [0.95, 0.6]], 0.5, [(1, 0), (0, 1)]), ([[0.9, 0.8, 0.7]], 0.5, [(0, 0)]),
        ([[0.9], [0.8]], 0.5, [(0, 0)]), ([[0.4, 0.5]], 0.5, [(0, 1)]), ([[0.4, 0.1]], 0.5, []),
        ([[0.6, 0.6]], 0.5, [(0, 0)]),
    ],
)  # fmt: skip
def test_assign(table, threshold, expected):
    assert assign(np.array(table), threshold=threshold) == expected


@pytest.mark.parametrize(
    "gallery",
    [
        Gallery(),
        Gallery([EnrolledFigure("a", LEADER, np.empty((0, LENGTH), np.float32))]),
        Gallery([EnrolledFigure("a", LEADER, BASIS[:2], np.zeros(2, np.float32))]),
        Gallery([EnrolledFigure("a", Role.OFFICIAL, BASIS[:2], np.zeros(2, np.float32))]),
    ],
    ids=["nobody", "without references", "without weight", "without weight, an official"],
)
def test_who_has_no_reference_that_counts_is_never_seen(matcher, make_face, photo_of, gallery):
    photo = photo_of([make_face(embedding=BASIS[0]), make_face(x=200, embedding=BASIS[1])])
    assert matcher.sightings(photo, gallery, _rules(sighting=0.01)) == []
    for figure in gallery.figures:
        judged = matcher.judge(photo.faces, FRAME, figure, context=1.0)
        assert judged.probability.tolist() == [0, 0]
        assert judged.by_face.tolist() == [False, False]


def test_references_without_weight_are_passed_over(matcher, make_face, photo_of):
    photo = photo_of([make_face(embedding=BASIS[0])])
    for weights, seen in (([1, 0], 1), ([0, 1], 0)):
        figure = EnrolledFigure("a", LEADER, BASIS[:2], np.array(weights, np.float32))
        assert len(matcher.sightings(photo, Gallery([figure]), RULES)) == seen


def test_faces_without_an_embedding_are_passed_over(matcher, make_face, photo_of):
    child = replace(make_face(x=300, side=60), child=0.9)
    photo = photo_of([make_face(), make_face(x=100, embedding=BASIS[3]), child])
    (sighting,) = matcher.sightings(photo, _gallery(3), RULES)
    judged = matcher.judge(photo.faces, FRAME, _gallery(3).figures[0], context=0.75)
    assert sighting.figure == "figure 3"
    assert sighting.box == photo.faces[1].box
    assert judged.probability[[0, 2]].tolist() == [0, 0]
    assert judged.by_face.tolist() == [False, True, False]
    nobody = photo_of([make_face(), child])
    assert matcher.sightings(nobody, _gallery(3), _rules(sighting=0.01)) == []


def test_neither_strangers_nor_a_photo_without_faces_show_anybody(matcher, make_face, photo_of):
    nobody = matcher.match(photo_of([]), KIM, RULES)
    assert (list(nobody.sightings), nobody.doubts) == ([], ())
    assert matcher.sightings(photo_of([make_face(embedding=BASIS[5])]), _gallery(3), RULES) == []


def test_a_figure_is_seen_once_at_its_best_face(matcher, make_face, photo_of, like):
    worse = make_face(embedding=like(0.4, 0.6))
    best = make_face(x=100, embedding=like(0.2, 0.8))
    (sighting,) = matcher.sightings(photo_of([worse, best]), KIM, RULES)
    assert sighting.box == best.box


def test_a_face_is_one_figure_at_most(matcher, make_face, photo_of, like):
    twins = Gallery(
        [
            EnrolledFigure(name, LEADER, like(distance, 0.9)[None])
            for name, distance in (("a", 0.4), ("b", 0.1))
        ]
    )
    sightings = matcher.sightings(photo_of([make_face(embedding=BASIS[0])]), twins, RULES)
    assert [s.figure for s in sightings] == ["b"]


def test_several_figures_are_seen_the_surest_first(matcher, make_face, photo_of):
    poor = BASIS[1] * 0.7 + BASIS[2] * 0.5
    photo = photo_of([make_face(embedding=poor), make_face(x=100, embedding=BASIS[0])])
    seen = matcher.sightings(photo, _gallery(1, 0), _rules(sighting=0.05))
    assert [sighting.figure for sighting in seen] == ["figure 0", "figure 1"]
    assert seen[0].probability > seen[1].probability


@pytest.mark.parametrize(
    ("table", "pairs", "expected"),
    [
        ([[0.4, 0.3]], [], {0: 0.4}),
        ([[0.9, 0.3]], [(0, 0)], {}),
        ([[0.9, 0.1], [0.7, 0.3]], [(0, 0)], {1: 0.3}),
        ([[0.9], [0.7]], [(0, 0)], {}),
        ([[0.005, 0.001], [0.0049, 0.0]], [], {0: 0.005}),
        ([[0.2, 0.1], [0.1, 0.3]], [], {0: 0.2, 1: 0.3}),
    ],
    ids=["best", "seen", "taken", "all taken", "too weak", "several"],
)
def test_doubts(table, pairs, expected):
    assert doubts(np.array(table), pairs) == expected


def test_who_is_not_seen_is_doubted_at_his_likeliest_face(matcher, make_face, photo_of, like):
    photo = photo_of([make_face(embedding=BASIS[3]), make_face(x=100, embedding=like(0.7, 0.2))])
    gallery = _gallery(3, 0)
    free = matcher.judge(photo.faces, FRAME, gallery.figures[1], context=RULES.context)
    best = float(free.probability.max())
    rules = _rules(sighting=best + 1e-6)
    match = matcher.match(photo, gallery, rules)
    assert best > LEAST_DOUBT
    assert [sighting.figure for sighting in match.sightings] == ["figure 3"]
    assert match.doubts == (("figure 0", best),)
    assert list(match.sightings) == matcher.sightings(photo, gallery, rules)


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICIAL])
@pytest.mark.parametrize("side", [6, 10, 20, 50, 150])
def test_probability_falls_with_distance_and_with_the_cosine(matcher, make_face, like, role, side):
    figure = EnrolledFigure("Kim", role, BASIS[:1])
    pairs = zip(np.linspace(0.1, 1.2, 30), np.linspace(0.9, -0.2, 30), strict=True)
    faces = [make_face(x=180, y=60, side=side, embedding=like(*pair)) for pair in pairs]
    p = [matcher.judge([f], FRAME, figure, context=1.0).probability[0] for f in faces]
    assert (np.diff(p) < 0).all()
    assert p[0] > 0.9
    assert p[-1] < 0.1


def test_the_size_of_a_face_changes_what_its_likeness_says(matcher, make_face, like):
    figure = EnrolledFigure("Kim", Role.OFFICIAL, BASIS[:1])
    small, large = (
        matcher.judge([face], FRAME, figure, context=1.0).probability[0]
        for face in (make_face(side=side, embedding=like(0.7, 0.1)) for side in (10, 60))
    )
    assert small != pytest.approx(large, abs=1e-3)


def test_a_sighting_is_sure_from_where_the_rules_say(matcher, make_face, photo_of, like):
    photo = photo_of([make_face(x=180, side=30, embedding=like(0.55, 0.4))])
    (sighting,) = matcher.sightings(photo, KIM, RULES)
    for sure, answer in (
        (sighting.probability, Answer.YES),
        (np.nextafter(sighting.probability, 1), Answer.UNSURE),
        (1.0, Answer.UNSURE),
    ):
        (again,) = matcher.sightings(photo, KIM, _rules(sure=float(sure)))
        assert (again.answer, again.probability) == (answer, sighting.probability)


def test_it_is_written_and_read(matcher, make_face, photo_of, like, tmp_path):
    matcher.save(tmp_path / "matching.skops")
    again = Matcher.load(tmp_path / "matching.skops")
    photo = photo_of([make_face(x=180, embedding=like(0.5, 0.4))])
    assert len(again.sightings(photo, KIM, RULES)) == 1
    assert again.sightings(photo, KIM, RULES) == matcher.sightings(photo, KIM, RULES)
