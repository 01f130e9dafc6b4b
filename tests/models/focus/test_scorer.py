import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.focus.classifier import FocusClassifier
from presslens.models.focus.features import NAMES, SCENES
from presslens.models.focus.scorer import CLASSES, REASONS, FocusScorer
from presslens.models.geometry import Box
from presslens.models.registry import Manifest, Registry
from presslens.models.subjects.objects import CLASSES as OBJECTS
from presslens.models.vocabulary import Focus, Sighting

BODY = Box(60, 10, 140, 100)
FACE = Box(85, 15, 115, 50)
SEEN = (Sighting("Leader", 0.95, FACE.moved(100, 200)),)
LEADERS = frozenset({"Leader"})


def _scenes():
    """Learn that a photo in which everything is seen, and nothing else, looks like each of them."""
    X = np.repeat([[-5.0], [5.0]], 10, axis=0) * np.ones(len(OBJECTS))
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, np.arange(20) >= 10)
    return dict.fromkeys(SCENES, fitted)


def _verdict():
    """Learn that a leader makes LEADER and a facility scene makes FACILITY; the rest is noise."""
    rng = np.random.default_rng(0)
    X = rng.random((300, len(NAMES)))
    X[:, NAMES.index("leader_probability")] = np.arange(300) % 3 == 0
    X[:, NAMES.index("facility_scene")] = np.arange(300) % 3 == 1
    y = np.array([str(CLASSES[(1, 0, 2)[i % 3]]) for i in range(300)])
    return FocusClassifier(C=0.01).fit(X, y)


@pytest.fixture(scope="module")
def scorer():
    return FocusScorer(_scenes(), _verdict())


def _score(scorer, photo, **changes):
    given = {"sightings": SEEN, "doubts": {}, "leaders": LEADERS, "margin": 0.0} | changes
    return scorer.score(photo, given.pop("sightings"), given.pop("doubts"), **given)


@pytest.mark.parametrize(
    ("sightings", "feature", "expected", "reason"),
    [
        (SEEN, 0.0, Focus.LEADER, "leader_probability"),
        ((), 1.0, Focus.FACILITY, "facility_scene"),
        ((), 0.0, Focus.NEITHER, "leader_probability"),
    ],
)
def test_verdict_and_strongest_reasons(scorer, make_photo, sightings, feature, expected, reason):
    reading = _score(scorer, make_photo([BODY], [FACE], feature=feature), sightings=sightings)
    assert reading.verdict is expected
    assert len(reading.reasons) == REASONS
    assert reason in [name for name, value in reading.reasons[:2] if value > 0]
    sizes = [abs(value) for _, value in reading.reasons]
    assert sizes == sorted(sizes, reverse=True)
    assert {name for name, _ in reading.reasons} <= set(NAMES)


def test_levels_say_which_side_of_the_average_a_feature_lies(scorer, make_photo):
    seen = _score(scorer, make_photo([BODY], [FACE]))
    unseen = _score(scorer, make_photo(feature=1.0), sightings=())
    for reading, sign in ((seen, 1), (unseen, -1)):
        levels = dict(zip((name for name, _ in reading.reasons), reading.levels, strict=True))
        assert levels["leader_probability"] * sign > 0
    assert dict(unseen.reasons)["leader_probability"] > 0  # that none is seen speaks for it


def test_doubts_of_leaders_count_and_those_of_others_do_not(scorer, make_photo):
    photo = make_photo([BODY], [FACE])
    plain = _score(scorer, photo, sightings=())
    assert _score(scorer, photo, sightings=(), doubts={"Somebody": 0.4}) == plain
    assert _score(scorer, photo, sightings=(), doubts={"Leader": 0.4}).leader != plain.leader


def test_small_leads_are_unsure(scorer, make_photo):
    photo = make_photo([BODY], [FACE])
    clear = _score(scorer, photo)
    unsure = _score(scorer, photo, margin=1.0)
    assert unsure.verdict is Focus.UNSURE
    assert (unsure.leader, unsure.facility) == (clear.leader, clear.facility)
    assert unsure.reasons == clear.reasons


def test_without_an_enrolled_leader_the_facility_still_counts(scorer, make_photo):
    reading = _score(scorer, make_photo(feature=1.0), sightings=(), leaders=frozenset())
    assert reading.leader == 0
    assert reading.verdict is Focus.FACILITY
    assert reading.facility > 0.5


def test_scores_add_up_to_one(scorer):
    rows = np.random.default_rng(1).random((20, len(NAMES)))
    for enrolled in (True, False):
        scores = scorer.probabilities(rows, enrolled=enrolled)
        assert scores.sum(axis=1) == pytest.approx(np.ones(20))
        assert scores.min() >= 0


def test_saved_and_loaded_scorers_agree(scorer, make_photo, tmp_path):
    scorer.save(tmp_path / "focus.skops")
    photo = make_photo([BODY], [FACE], feature=0.6)
    assert _score(FocusScorer.load(tmp_path / "focus.skops"), photo) == _score(scorer, photo)


@pytest.fixture(scope="module")
def shipped():
    return FocusScorer.load(Registry(Manifest.load()).path("focus"))


def test_shipped_scorer_knows_its_classes(shipped):
    rows = np.zeros((1, len(NAMES)))
    assert shipped.probabilities(rows, enrolled=True).shape == (1, len(CLASSES))


def test_shipped_scorer_sees_a_large_central_leader(shipped, make_photo):
    photo = make_photo([BODY], [FACE])
    assert _score(shipped, photo).verdict is Focus.LEADER
    assert _score(shipped, photo, sightings=()).verdict is not Focus.LEADER
    assert _score(shipped, photo, sightings=(), leaders=frozenset()).leader == 0
