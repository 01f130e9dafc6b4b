from dataclasses import replace

import numpy as np
import pytest

from presslens.lab.training.faces.specimens import CONTEXT, OTHER
from presslens.lab.training.faces.train import (
    AXES,
    ENROLLED,
    LEAST,
    MEASURED,
    cross_validated,
    fit,
    references,
    statesmen,
    train_matching,
    train_whitening,
    trials,
    typical_strangers,
)
from presslens.models.faces.embedding import FACERES, RESNET
from presslens.models.faces.matcher import Matcher
from presslens.models.faces.whitening import Whitening
from presslens.models.geometry import Box

DAYS = 10
FRAME = Box(0, 0, 400, 200)


@pytest.fixture(scope="module")
def plain():
    """A whitening that keeps the first 512 of the raw numbers as they are."""
    return Whitening(np.zeros(1024, np.float32), np.eye(1024, 512, dtype=np.float32))


def _seen(specimens, whitening):
    return [(s, s.seen(whitening)) for s in specimens]


def _numbered(make_specimen, groups, sizes="L"):
    """Photos of the leader whose raw numbers start with the number of the photo."""
    found = []
    for i, group in enumerate(groups):
        faces = [(size, np.full(128, i), np.eye(1024)[0]) for size in sizes]
        found.append(make_specimen(f"photo {i}", faces, group=group))
    return found


def test_references_are_his_large_embedded_faces(make_specimen, plain):
    specimens = _numbered(make_specimen, ["a", "b", "c"], sizes=f"LM{OTHER}{CONTEXT}L")
    specimens[1] = replace(
        specimens[1], embedded=(1,), dlib=specimens[1].dlib[:1], faceres=specimens[1].faceres[:1]
    )
    found = list(references(_seen(specimens, plain)))
    assert [(group, vector[0]) for group, vector in found] == [
        ("a", 0),
        ("a", 0),
        ("c", 2),
        ("c", 2),
    ]


@pytest.mark.parametrize("enrolled", [1, 2, 9])
def test_he_is_enrolled_from_other_days_than_the_photos(make_specimen, plain, enrolled):
    days = ["a", "a", "b", "c", "c", "d"]
    seen = _seen(_numbered(make_specimen, days), plain)
    found = list(trials(seen, seen, np.random.default_rng(0), enrolled=enrolled))
    assert sorted(trial.specimen.photo for trial in found) == [f"photo {i}" for i in range(6)]
    for trial in found:
        taken = [days[int(vector[0])] for vector in trial.figure.embeddings]
        assert trial.specimen.group not in taken
        assert len(taken) == min(enrolled, sum(day != trial.specimen.group for day in days))


def test_photos_of_one_day_are_compared_with_the_same_references(make_specimen, plain):
    seen = _seen(_numbered(make_specimen, list("aabbccddeeff")), plain)
    by_day = {}
    for trial in trials(seen, seen, np.random.default_rng(0), enrolled=3):
        numbers = tuple(trial.figure.embeddings[:, 0].tolist())
        by_day.setdefault(trial.specimen.group, set()).add(numbers)
    assert [len(drawn) for drawn in by_day.values()] == [1] * 6
    assert len({numbers for drawn in by_day.values() for numbers in drawn}) > 1


def test_photos_from_elsewhere_may_be_compared_with_any_day(make_specimen, plain):
    own = _numbered(make_specimen, ["a", "b"])
    elsewhere = make_specimen(
        "x", [(OTHER, np.zeros(128), np.eye(1024)[1])], group="a", domain=False
    )
    seen = _seen([*own, elsewhere], plain)
    found = list(trials(seen, seen, np.random.default_rng(0), enrolled=5))
    (trial,) = (trial for trial in found if trial.specimen.photo == "x")
    assert sorted(trial.figure.embeddings[:, 0]) == [0, 1]


def test_photos_without_an_embedded_face_are_left_out(make_specimen, plain):
    empty = make_specimen("empty", [], group="a", missed=("S",))
    seen = _seen([*_numbered(make_specimen, ["a", "b"]), empty], plain)
    found = trials(seen, seen, np.random.default_rng(0), enrolled=5)
    assert "empty" not in {trial.specimen.photo for trial in found}


def test_nobody_to_enrol_leaves_a_figure_without_references(make_specimen, plain):
    seen = _seen(_numbered(make_specimen, ["a"]), plain)
    (trial,) = trials(seen, seen, np.random.default_rng(0), enrolled=5)
    assert len(trial.figure.embeddings) == 0
    with pytest.raises(ValueError, match="large on no two days"):
        fit([specimen for specimen, _ in seen], plain)


def test_a_fitted_matcher_tells_him_from_strangers(days_of, plain):
    specimens = days_of(DAYS)
    seen, matcher = _seen(specimens, plain), fit(specimens, plain)
    for trial in trials(seen, seen, np.random.default_rng(9), enrolled=5):
        judged = matcher.judge(trial.faces, FRAME, trial.figure, context=0.75)
        own = [size != OTHER for size in trial.specimen.sizes]
        assert ((judged.probability > 0.5) == own).all()


def test_fitting_is_reproducible(days_of, plain):
    specimens = days_of(DAYS)
    first, again, other = (
        fit(specimens, plain, seed=seed)._placed.coefficients for seed in (4, 4, 5)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("enrolled", [1, 3, 9])
def test_a_statesman_is_enrolled_from_other_portraits(make_portraits, plain, enrolled):
    seen = _seen(make_portraits(3), plain)
    found = list(statesmen(seen, np.random.default_rng(0), enrolled=enrolled))
    assert {trial.figure.name for trial in found} == {f"statesman {i}" for i in range(3)}
    for trial in found:
        assert len(trial.figure.embeddings) == min(enrolled, 4)
        assert trial.faces[0].embedding.tolist() not in trial.figure.embeddings.tolist()
    own = [trial for trial in found if trial.specimen.shows(trial.figure.name).any()]
    assert len(own) == 3 * (5 - min(enrolled, 4))
    assert len(found) - len(own) == 3 * 10


def test_a_drawn_impostor_stands_for_all(make_portraits, plain):
    seen = _seen(make_portraits(3), plain)
    found = list(statesmen(seen, np.random.default_rng(0), enrolled=2, impostors=4))
    others = [t.weight for t in found if t.specimen.person != t.figure.name]
    assert (len(others), sum(others)) == (3 * 4, 3 * 10)


def test_a_copy_of_a_reference_proves_nothing(make_portraits, plain):
    portraits = make_portraits(2)
    copies = [replace(s, photo=f"{s.photo} again") for s in portraits]
    found = statesmen(_seen([*portraits, *copies], plain), np.random.default_rng(0), enrolled=3)
    for trial in found:
        if trial.specimen.person == trial.figure.name:
            references = trial.figure.embeddings.tolist()
            assert trial.faces[0].embedding.tolist() not in references


def test_typical_strangers_are_nobody(make_portraits, days_of, plain):
    """Each is an average over several persons, a portrayed one counting once."""
    cohort = typical_strangers(_seen([*make_portraits(12), *days_of(3)], plain))
    persons = 12 + 3 * (4 + 4 + 2)
    assert 1 <= len(cohort.embeddings) <= persons // 5
    np.testing.assert_allclose(np.linalg.norm(cohort.embeddings[:, FACERES], axis=1), 1, rtol=1e-5)


def test_training_writes_what_it_learned(days_of, tmp_path):
    first, *others = days_of(DAYS)
    specimens = [replace(first, faces=tuple(_shrunk(face) for face in first.faces)), *others]
    strangers = train_whitening(specimens, tmp_path / "whitening.skops")
    whitening = Whitening.load(tmp_path / "whitening.skops")
    counts = train_matching(specimens, tmp_path / "matching.skops", whitening=whitening)
    count = DAYS * (4 + 4 + 2)
    assert strangers == {"n_strangers": count - 4}
    assert whitening.axes.shape == (1024, AXES)
    assert counts == {"n_photos": 3 * DAYS, "n_leader": 2 * DAYS, "n_others": count}
    seen = _seen(specimens, whitening)
    matcher = Matcher.load(tmp_path / "matching.skops")
    found = trials(seen, seen, np.random.default_rng(0), enrolled=MEASURED)
    trial = next(trial for trial in found if trial.specimen.photo == "5M")
    judged = matcher.judge(trial.faces, FRAME, trial.figure, context=0.75)
    assert judged.probability[0] > 0.5 > judged.probability[1:].max()


def _shrunk(face):
    x, y = face.box.x0, face.box.y0
    return replace(face, box=Box(x, y, x + LEAST - 1, y + LEAST - 1))


def test_people_enrol_few_or_many():
    assert min(ENROLLED) == 1
    assert min(ENROLLED) < MEASURED <= max(ENROLLED)
    assert FACERES.stop - FACERES.start == AXES
    assert RESNET.start == 0


def _of_him(judged):
    """Return the probabilities of his faces, and of others' in photos of state media."""
    both = [], []
    for one in judged:
        for size, p in zip(one.specimen.sizes, one.probability, strict=True):
            if one.specimen.domain:
                both[size == OTHER].append(p)
    return np.array(both[0]), np.array(both[1])


def test_cross_validation_judges_every_photo_in_every_draw(make_specimen, days_of):
    missed = make_specimen("missed", [], group="day 3", missed=("S",))
    specimens = [*days_of(10), missed]
    judged = cross_validated(specimens, context=0.75, draws=2)
    photos = sorted(one.specimen.photo for one in judged)
    assert photos == sorted([s.photo for s in specimens] * 2)
    for one in judged:
        assert len(one.probability) == len(one.by_face) == len(one.specimen.faces)
    own, others = _of_him(judged)
    assert own.min() > 0.5 > others.max()


def test_cross_validation_never_sees_the_day_that_it_judges(days_of):
    """He looks another on each day: only a reference of the same day could tell him."""
    apart = days_of(2 * MEASURED, alike=False)
    assert _told_apart(cross_validated(apart, context=1.0, draws=2)) < 0.75


def _told_apart(judged):
    """Return how often his face, where it isn't large, is likelier than another's."""
    own, others = _of_him([one for one in judged if "L" not in one.specimen.sizes])
    return float((own[:, None] > others).mean())
