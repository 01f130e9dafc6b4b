"""Plain tables: what they may hold, how they come, and what comes out."""

import csv
from datetime import date

import duckdb
import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presslens.pipelines.statistics.plain_table import estimate
from presslens.pipelines.statistics.share_estimate import ShareDifference
from presslens.pipelines.statistics.table_columns import BadTable
from presslens.pipelines.statistics.worlds import World

KEYS = {
    "group", "value", "low", "high", "n", "editions", "drawn", "picked", "method", "refused",
}  # fmt: skip


SMALL = {
    "edition": ["a", "a", "b"], "date": ["2025-12-16", "2025-12-16", "2025-12-17"],
    "page": [1, 1, 1], "photo": [1, 2, 1], "probability": [0.1, 0.8, 0.3],
    "label": [0, None, None], "area_share": [0.1, 0.2, 0.3],
}  # fmt: skip


@pytest.fixture(scope="module")
def columns():
    """A newspaper of forty editions, 200 photos of which were drawn and answered."""
    rng = np.random.default_rng(0)
    paper = World(editions=40, photos=15.0).newspaper(rng)
    table = paper.drawn(paper.table(), 200, rng)
    days = [date(2025, 11 + i // 20, 1 + i % 20) for i in range(40)]
    return {
        "edition": [int(i) for i in paper.edition],
        "date": [days[i] for i in paper.edition],
        "publication": ["Rodong Sinmun"] * len(table),
        "photo": list(range(len(table))),
        "area_share": paper.area.tolist(),
        "probability": table.probability.tolist(),
        "label": [None if np.isnan(y) else int(y) for y in table.label],
        "inclusion_probability": [None if np.isnan(p) else p for p in table.inclusion.tolist()],
        "kind": ["special" if i % 5 == 0 else "ordinary" for i in paper.edition],
    }


def _write(columns, path):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def _refusal(table, **settings):
    with pytest.raises(BadTable) as why:
        estimate(table, "children", **settings)
    return str(why.value)


# -- what comes out ------------------------------------------------------------------------------


def test_a_document_has_the_promised_keys(columns):
    document = estimate(columns, "children", by="month").to_json()
    assert document.keys() == {"measure", "estimand", "groups"}
    assert (document["measure"], document["estimand"]) == ("children", "these")
    assert [group["group"] for group in document["groups"]] == ["2025-11", "2025-12"]
    for group in document["groups"]:
        assert group.keys() >= KEYS
        assert group["low"] < group["value"] < group["high"]
        assert (group["refused"], group["editions"], group["picked"]) == (None, 20, 0)
        assert group["count"]["value"] == pytest.approx(group["value"] * group["n"], abs=0.1)
    assert sum(group["n"] for group in document["groups"]) == len(columns["edition"])
    assert sum(group["drawn"] for group in document["groups"]) == 200


def test_a_refused_interval_is_null_and_says_why(columns):
    first = {name: values[:30] for name, values in columns.items()}
    document = estimate(first, "children", inference="practice").to_json()
    (group,) = document["groups"]
    assert document["estimand"] == "practice"
    assert (group["low"], group["high"]) == (None, None)
    assert "practice takes 8" in group["refused"]


def test_a_difference_is_the_first_less_the_second(columns):
    sides = {e.group: e for e in estimate(columns, "children", by="kind").groups}
    (found,) = estimate(columns, "children", by="kind", compare=("special", "ordinary")).groups
    assert isinstance(found, ShareDifference)
    special, ordinary = sides["special"].value, sides["ordinary"].value
    assert found.value == pytest.approx(special - ordinary)
    (back,) = estimate(columns, "children", by="kind", compare=("ordinary", "special")).groups
    assert back.value == pytest.approx(ordinary - special)
    (document,) = estimate(
        columns, "children", by="kind", compare=("special", "ordinary")
    ).to_json()["groups"]
    assert document.keys() >= KEYS | {"p_value"}
    assert document["group"] == "special - ordinary"
    assert document["n"] == len(columns["edition"])


def test_a_table_by_area_weighs_photos(columns):
    (count,), (area,) = (
        estimate(columns, "children", weight=weight).groups for weight in ("count", "area")
    )
    assert area.value != count.value
    assert not isinstance(area, ShareDifference)
    assert area.size == pytest.approx(sum(columns["area_share"]))


def test_groups_are_in_their_natural_order(columns):
    several = {**columns, "page": [i % 12 for i in range(len(columns["edition"]))]}
    groups = estimate(several, "children", by="page").groups
    assert [group.group for group in groups] == [str(i) for i in range(12)]
    months = estimate({**SMALL, "date": ["2025-12-16", None, "2024-01-01"]}, "x", by="year")
    assert [group.group for group in months.groups] == ["2024", "2025", "no date"]


# -- how tables come -----------------------------------------------------------------------------


@pytest.mark.parametrize("by", [None, "month", "kind"])
def test_all_kinds_of_tables_give_the_same(columns, tmp_path, by):
    path = _write(columns, tmp_path / "photos.csv")
    parquet = tmp_path / "photos.parquet"
    duckdb.sql(f"COPY (FROM read_csv('{path}')) TO '{parquet}' (FORMAT parquet)")
    frame = pandas.DataFrame(columns)
    dated = frame.assign(
        date=pandas.to_datetime(frame["date"]), label=frame["label"].astype("Int64")
    )
    expected = estimate(columns, "children", by=by).to_json()
    for table in (path, str(path), parquet, frame, dated):
        assert estimate(table, "children", by=by).to_json() == expected


def test_the_order_of_rows_does_not_matter(columns):
    order = np.random.default_rng(1).permutation(len(columns["edition"]))
    shuffled = {name: [values[i] for i in order] for name, values in columns.items()}
    one, other = (
        estimate(table, "children", by="month").to_json() for table in (columns, shuffled)
    )
    assert one == other


def test_an_edition_is_of_its_newspaper():
    two = {**SMALL, "edition": ["1", "1", "1"], "publication": ["a", "a", "b"]}
    (found,) = estimate(two, "children").groups
    assert found.editions == 2


def test_what_coders_did_not_see_stays_unknown():
    for nothing in (None, "", " ", "NA", "nan", float("nan"), pandas.NA, np.nan):
        (found,) = estimate({**SMALL, "label": [1, nothing, nothing]}, "children").groups
        assert (found.drawn, found.picked) == (0, 1)
    undated = {**SMALL, "date": [pandas.NaT, "2025-12-16", pandas.Timestamp("2025-12-17")]}
    assert [group.group for group in estimate(undated, "children", by="month").groups] == [
        "2025-12", "no date"
    ]  # fmt: skip


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        (
            "probability",
            "0,5",
            "'0,5' is no number: write a number from 0 to 1, as 0.93",
        ),
        ("probability", 1.2, "probability 1.2 is not between 0 and 1"),
        ("probability", "inf", "probability inf is not between 0 and 1"),
        ("probability", None, "probability is empty: write a number from 0 to 1"),
        ("probability", [0.5], r"probability [0.5] is no number"),
        ("label", 2, "label 2 is not 0 or 1: write 1 if"),
        ("label", "yes", "label 'yes' is no number: write 1 if people see it, 0"),
        ("inclusion_probability", 0, "inclusion_probability 0 is not above 0 and at most 1"),
        ("inclusion_probability", 1e-320, "is not above 0 and at most 1"),
        ("inclusion_probability", 1.01, "inclusion_probability 1.01 is not above 0"),
        ("date", "16.12.2025", "date '16.12.2025' is not YYYY-MM-DD"),
        ("edition", "", "edition is empty"),
        ("edition", None, "edition is empty"),
        ("publication", "Rodong\0Sinmun", "publication has a NUL character"),
        ("photo", 1, "photo 1 is there twice"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, column, value, why):
    table = {**SMALL, "inclusion_probability": [0.5, None, None], "publication": ["a"] * 3}
    table[column] = [table[column][0], value, table[column][2]]
    message = _refusal(table)
    assert message.startswith("table, row 2: ")
    assert why in message
    if not isinstance(value, list):
        path = _write(table, tmp_path / "photos.csv")
        assert _refusal(path).startswith(f"{path}, row 2: ")


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["0.9", "", "46/50"], "0.9 in one row, and 46/50 in another"),
        ([0.3] * 3, "0.3 is not above a half and at most 1"),
        (["1/0", None, None], "1/0 is not of 1 to 1000000 photos"),
        (["0.9", "0.90", "0.8"], "in another"),
        (["often"] * 3, "often"),
    ],
)
def test_rates_of_coders_are_checked(cells, why):
    assert why in _refusal({**SMALL, "specificity": cells})


def test_a_number_of_pages_that_is_no_digit_is_not_known():
    without = estimate(SMALL, "children").groups
    assert estimate({**SMALL, "pages": ["²", 6, 6]}, "children").groups == without


def test_areas_are_wanted_where_they_count():
    for area, why in ((0, "0 is not above 0"), (None, "is empty"), ("inf", "is not above 0")):
        table = {**SMALL, "area_share": [0.1, area, 0.3]}
        assert why in _refusal(table, weight="area")
        estimate(table, "children")
    table.pop("area_share")
    assert "the column 'area_share' is missing" in _refusal(table, weight="area")


def test_what_a_table_lacks_is_named(tmp_path):
    assert _refusal({}) == "the table has no rows"
    assert _refusal({"edition": [], "probability": []}) == "the table has no rows"
    lacking = _refusal({"edition": ["a"], "Probability": [0.5]})
    assert "table: the column 'probability' is missing; there are: edition, Probability;" in lacking
    assert lacking.endswith(
        "edition,probability,label in the first line and 2025-12-16,0.93,1 in the next"
    )
    assert _refusal({"edition": ["a"], "probability": [0.1, 0.2]}) == (
        "the columns of the table are of different lengths: edition 1, probability 2"
    )
    assert "there is no such file" in _refusal(tmp_path / "none.csv")
    assert "a folder, and no table; give a CSV or Parquet file" in _refusal(tmp_path)
    assert "no row has a date, so that there is no month" in _refusal(
        {**SMALL, "date": [None] * 3}, by="month"
    )
    assert "there are: edition, date" in _refusal(SMALL, by="colour")


def test_groups_that_are_not_there_are_not_compared():
    assert "there is no group 'c' of edition; there are: a, b" in _refusal(
        SMALL, by="edition", compare=("a", "c")
    )
    takes = "to compare takes a column and two different values of it"
    assert takes in _refusal(SMALL, compare=("a", "b"))
    assert takes in _refusal(SMALL, by="edition", compare=("a", "a"))


def test_settings_out_of_range_are_refused():
    for confidence in (0.0, 1.0, 1.5):
        with pytest.raises(ValueError, match="is not above 0 and below 1"):
            estimate(SMALL, "children", confidence=confidence)
    for nonresponse in (0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="is not a number of 1 or more"):
            estimate(SMALL, "children", nonresponse=nonresponse)
    many = {"edition": [str(i) for i in range(5001)], "probability": [0.5] * 5001}
    assert "edition has 5001 values; at most 5000 are estimated" in _refusal(many, by="edition")


def test_a_frame_that_does_not_add_up_is_refused(columns):
    every = range(len(columns["edition"]))
    inclusion = [
        pi if columns["edition"][i] % 2 else None
        for i, pi in enumerate(columns["inclusion_probability"])
    ]
    label = [columns["label"][i] if inclusion[i] else None for i in every]
    message = _refusal({**columns, "label": label, "inclusion_probability": inclusion})
    assert message.endswith(
        "give the inclusion_probability of every photo that the sample could have drawn, or a"
        " column status"
    )


@pytest.fixture(scope="module")
def stated(columns):
    """The newspaper's photos with statuses: ten drawn ones are not answered, ten are outside."""
    label, inclusion = list(columns["label"]), list(columns["inclusion_probability"])
    status = ["not_drawn" if pi is None else "answered" for pi in inclusion]
    for i in [i for i, y in enumerate(label) if y is not None][:10]:
        label[i], status[i] = None, "no_answer"
    for i in [i for i, pi in enumerate(inclusion) if pi is None][:10]:
        label[i], status[i] = 1, "picked"
    for i in [i for i, one in enumerate(status) if one == "not_drawn"][:10]:
        label[i], status[i] = 1, "outside"
    return {**columns, "label": label, "inclusion_probability": inclusion, "status": status}


def test_a_status_says_what_the_sample_did_with_each_photo(stated):
    (found,) = estimate(stated, "children").groups
    assert (found.drawn, found.picked) == (190, 20)
    assert "10 photos drawn by chance got no answer" in found.note
    every = [0.2 if pi is None else pi for pi in stated["inclusion_probability"]]
    for i, one in enumerate(stated["status"]):
        every[i] = None if one == "outside" else every[i]
    (same,) = estimate({**stated, "inclusion_probability": every}, "children").groups
    assert same == found
    words = {"answered": "Drawn", "no_answer": "refused", "not_drawn": "not drawn"}
    other = [words.get(one, one) for one in stated["status"]]
    assert estimate({**stated, "status": other}, "children").groups == (found,)


@pytest.mark.parametrize(
    ("status", "change", "why"),
    [
        ("", {}, "status '' is none of answered, no_answer, picked, not_drawn, outside"),
        ("done", {}, "status 'done' is none of answered"),
        ("no_answer", {}, "status is no_answer, and there is a label: say answered or picked"),
        ("outside", {}, "status is outside, and there is an inclusion_probability, which is of"),
        ("answered", {"label": None}, "status is answered, and there is no label"),
        ("drawn", {"inclusion_probability": None}, "and there is no inclusion_probability"),
        ("picked", {"label": None}, "status is picked, and there is no label"),
        ("not drawn", {}, "status is not_drawn, and there is a label"),
    ],
)
def test_a_status_that_contradicts_its_row_is_refused(stated, status, change, why):
    row = stated["status"].index("answered")
    table = {name: list(values) for name, values in stated.items()}
    for name, value in {"status": status, **change}.items():
        table[name][row] = value
    message = _refusal(table)
    assert message.startswith(f"table, row {row + 1}: ")
    assert why in message


def test_photos_that_were_not_drawn_have_a_probability_or_none_has(stated):
    row = stated["status"].index("not_drawn")
    table = {**stated, "inclusion_probability": list(stated["inclusion_probability"])}
    table["inclusion_probability"][row] = 0.2
    other = stated["status"].index("not_drawn", row + 1)
    message = _refusal(table)
    assert message.startswith(f"table, row {other + 1}: status is not_drawn, and there is no")


@pytest.mark.parametrize(
    ("measure", "other", "label"), [("children", "people", 0), ("focus_leader", "leader", 0),
                                    ("focus_leader", "focus_facility", 1)],
)  # fmt: skip
def test_labels_that_contradict_each_other_are_refused(measure, other, label):
    beside = {f"{other}_probability": [0.5] * 3, f"{other}_label": [1 - label, label, None]}
    with pytest.raises(BadTable) as why:
        estimate({**SMALL, "label": [1, 1, None], **beside}, measure)
    assert str(why.value) == (
        f"table, row 2: label is 1 and {other}_label is {label}, which contradict each other"
    )


@pytest.mark.parametrize("every", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_drawn_lead_photos_without_an_answer_are_not_outside(every, seed):
    """Sixty lead photos, of which thirty were drawn and a fifth of these not answered."""
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(60) < 30
    answered = drawn & (rng.random(60) < 0.8)
    shows = rng.random(60) < 0.3
    table = {
        "edition": list(range(60)),
        "probability": np.clip(shows * 0.5 + rng.random(60) * 0.5, 0, 1).tolist(),
        "label": [int(y) if seen else None for y, seen in zip(shows, answered, strict=True)],
        "inclusion_probability": [0.5 if every or one else None for one in drawn],
    }
    (found,) = estimate(table, "children").groups
    assert found.drawn == answered.sum()
    assert "outside" not in (found.note or "")
    assert ("of the sample got no answer" if every else "the interval is wider") in found.note


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photos.csv", b""),
        ("photos.csv", b"edition,probability\n"),
        ("photos.csv", b"edition,probability\n\xe9\xff,.1\nb,.2\n"),
        ("photos.csv", b"edition,probability\na,.1,4\nb\n"),
        ("photos.csv", b"a,.1"),
        ("photos.parquet", b"\x00\x01PAR1"),
        ("photos.parquet", b"PAR1" + bytes(100) + b"PAR1"),
    ],
)
def test_broken_files_are_refused_by_name(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert str(path) in _refusal(path)


cells = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.floats(), st.text(max_size=5),
    st.sampled_from(["0", "1", "0.5", "1e-9", "-0", "٣", "2025-12-16", "'", '"', "\0", "=1+1"]),
    st.dates(), st.binary(max_size=3), st.just([]),
)  # fmt: skip


@given(st.data())
@settings(max_examples=100)
def test_a_hostile_table_is_estimated_or_refused_with_a_reason(data):
    size = data.draw(st.integers(1, 6))
    hostile = data.draw(st.sampled_from(sorted({*SMALL, "publication", "inclusion_probability"})))
    usual = {
        "edition": ["a"] * size,
        "probability": [0.5] * size,
        hostile: data.draw(st.lists(cells, min_size=size, max_size=size)),
    }
    weight = data.draw(st.sampled_from(["count", "area"]))
    usual.setdefault("area_share", [0.1] * size)
    reason, groups = "", ()
    try:
        groups = estimate(usual, "children", by=hostile, weight=weight).groups
    except BadTable as why:
        reason = str(why)
    assert groups or hostile in reason
    for group in groups:
        assert 0 <= group.value <= 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"edition,probability\na,0.1\nb\n", "line 3: 1 cells, where the header has 2"),
        (b"edition,probability\na,0.1,7\n", "line 2: 3 cells, where the header has 2"),
        (b"edition,probability\n\xff\xfe,0.1\n", "line 2: the file is not in UTF-8"),
        (b"edition,edition\na,b\n", "two columns have the same name"),
        (b"edition,probability\n", "no rows"),
    ],
)
def test_a_csv_that_is_none_names_the_line(tmp_path, content, reason):
    path = tmp_path / "photos.csv"
    path.write_bytes(content)
    with pytest.raises(BadTable, match=reason):
        estimate(path, "children")


def test_semicolons_and_byte_order_marks_are_read(tmp_path):
    path = tmp_path / "photos.csv"
    path.write_bytes(b"\xef\xbb\xbfedition;probability\r\na;0.25\r\nb;0.75\r\n")
    assert [group.n for group in estimate(path, "children", by="edition").groups] == [1, 1]
