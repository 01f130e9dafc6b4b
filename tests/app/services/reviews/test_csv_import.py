"""Reviews come in from a table, all of them or none."""

import io

import pytest
from sqlalchemy import func, select

from presslens.app.db.reviews import ReviewRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.reviews.csv_import import import_reviews
from presslens.app.services.reviews.reviews import photo_reviews
from presslens.app.services.reviews.sampling import next_reviews
from presslens.app.services.reviews.sampling_frame import Question

HEAD = "photo,coder,measure,answer\n"


@pytest.fixture
def take(home, now):
    return lambda text: import_reviews(home, io.StringIO(text), now=now)


def kept(home):
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(ReviewRow))


def test_a_table_is_a_review_for_each_coder_and_photo(home, photos, take):
    a, b, _ = photos
    done = take(
        "answer,photo,measure,coder,remark\n"
        f"yes,{a},people,A,\nFACILITY,{a},focus,A,x\n0,{a},people,B,\n?,{b},crowd,A,\n,{b},people,A\n"
    )
    assert (len(done.reviews), done.unanswered, kept(home)) == (3, 1, 3)
    found = photo_reviews(home, a)
    assert found.disputed == ("people",)
    assert found.settled["focus_facility"] == (True, False)
    assert photo_reviews(home, b).reviews[0].answers == {"crowd": None}


def test_a_photo_of_a_sample_is_a_drawn_one_and_old_tokens_are_passed_over(home, photos, take, now):
    question = Question(("focus_leader",))
    photo = next_reviews(home, question, budget=1, now=now).photos[0].photo
    take(f"photo,coder,measure,answer,token\n{photo},A,focus,neither,old\n")
    settled = photo_reviews(home, photo).settled
    assert settled["focus_leader"] == (False, True)
    assert settled["focus_neither"] == (True, False)


WRONG = [
    ("{a},A,people,yes\n{a},A,people,no", "line 3: people is answered on line 2 already"),
    ("{a},A,people,perhaps", "line 2: 'perhaps' is no answer"),
    ("{a},A,focus,yes", "line 2: the answer to focus is one of leader"),
    ("{a},A,beauty,yes", "line 2: there is no measure 'beauty'"),
    ("{a},,people,yes", "line 2: a coder's name"),
    ("{a},A\tB,people,yes", "line 2: a coder's name"),
    ("x,A,people,yes", "line 2: 'x' is no number of a photo"),
    ("-1,A,people,yes", "line 2: '-1' is no number"),
    ("٣,A,people,yes", "is no number"),
    ("99999999999,A,people,yes", "is no number"),
    ("999999999,A,people,yes", "line 2: there is no such photo"),
    ("{b},A,people,yes\n{a},A,people,no\n{a},A,crowd,yes", "line 3: a photo without people"),
    ("{a},A,people,x\n{b},A,people,y", "line 2: .*; line 3: "),
    ("\n".join(["{a},A,people,x"] * 30), "and 10 more"),
]


def test_what_is_wrong_is_said_by_line_and_nothing_is_kept(home, photos, take):
    for lines, message in WRONG:
        wrong = lines.format(a=photos[0], b=photos[1])
        with pytest.raises(InvalidRequest, match=message):
            take(HEAD + wrong + "\n")
        with pytest.raises(InvalidRequest, match="nothing was imported"):
            take(HEAD + f"{photos[1]},C,people,yes\n" + wrong + "\n")
    assert kept(home) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the table has no column photo, coder, measure, answer"),
        ("photo;coder;measure;answer\n", "has no column .*; commas part its cells"),
        (HEAD + '1,"A,people,yes\n2,A,people,no\n', "unexpected end of data"),
        (HEAD + f'1,A,people,"{"x" * 65_537}"\n', "line 2: a cell has 65537 characters; at most"),
        (HEAD + f'1,A,people,"{"x" * 65_536}"\n', "is no answer: yes, no or"),
    ],
)
def test_what_is_no_such_table(home, take, text, message):
    with pytest.raises(InvalidRequest, match=message):
        take(text)


def test_a_file_that_is_no_text_is_refused(home, tmp_path, now):
    path = tmp_path / "a.csv"
    path.write_bytes(HEAD.encode() + b"\xff\xfe\n")
    with (
        path.open(encoding="utf-8", newline="") as lines,
        pytest.raises(InvalidRequest, match="decode"),
    ):
        import_reviews(home, lines, now=now)
