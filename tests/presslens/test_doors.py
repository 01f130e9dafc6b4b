"""The same numbers through all doors: a folder, an address, and the command line."""

import json
import threading

import pytest
from typer.testing import CliRunner

import presslens
from presslens.app.cli import cli

PAPER = "Rodong Sinmun"


@pytest.fixture
def command(folder, environment, monkeypatch):
    """Return what runs a command on the archive, and returns its JSON."""
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(folder))

    def run(*words):
        done = CliRunner().invoke(cli, [*words, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return run


def asked(archive):
    """Return what an archive answers to a question of each kind."""
    edition = max(archive.editions(publication=PAPER), key=lambda one: one.date)
    photo = next(iter(archive.photos(subject="people")))
    days = {"first": "2025-01-01", "last": "2027-01-01"}
    return {
        "by edition": archive.share("children", by="edition", publication=PAPER).to_dict(),
        "photos": archive.share("photos", by="publication").to_dict(),
        "front": archive.share("crowd", page="front", weight="area", inference="these").to_dict(),
        "compare": archive.compare(
            a_publication=PAPER, b_publication="Minju Joson", metric=["people", "photos"]
        ).to_dict(),
        "changes": archive.changes("photos", by="edition", publication=PAPER).to_dict(),
        "baseline": archive.baseline(edition.id, metric="photos", least=2).to_dict(),
        "edition": archive.edition(edition.id).to_dict(),
        "composition": archive.composition(edition.id).to_dict(),
        "photo": archive.photo(photo.id).to_dict(),
        "list": [one.model_dump(mode="json") for one in archive.photos(subject="people")],
        "claims": [one.key for one in archive.claims()],
        "check": archive.check("photos > 1", PAPER, *days.values()).to_dict(),
        "figures": [one.name for one in archive.figures()],
        "picture": archive.picture(photo, width=160),
        "chart": archive.share("children", by="edition").svg(),
    }


def test_a_folder_and_an_address_and_the_command_line_answer_alike(archive, served, command):
    with presslens.connect(*served) as remote:
        there = asked(remote)
    here = asked(archive)
    assert here["list"]
    assert here["compare"]["compared"] == 2
    compared = archive.compare(a_publication=PAPER, b_publication="Minju Joson", metric="people")
    (people,) = compared.metrics
    assert people.difference == pytest.approx(people.a.value - people.b.value, abs=1e-5)
    for name in ("chart",):  # it is cited by the address of the server
        assert here.pop(name).count("<path") == there.pop(name).count("<path")
    assert here == there
    words = ("stats", "show", "children", "--by", "edition", "--publication", PAPER)
    assert command(*words) == here["by edition"]
    groups = ("--a-publication", PAPER, "--b-publication", "Minju Joson")
    metrics = ("people", "photos")
    assert command("stats", "compare", *metrics, *groups) == here["compare"]


def test_what_is_wrong_is_said_in_the_words_of_the_server(archive, served):
    with presslens.connect(*served) as remote:
        for door in (archive, remote):
            with pytest.raises(presslens.Refused, match="there is no metric 'childrn'") as refused:
                door.share("childrn")
            assert refused.value.status == 422
            assert "see archive.metrics()" in str(refused.value)
            with pytest.raises(presslens.Refused, match=r"\(first: [^V]") as refused:
                door.share("people", first="December")
            assert refused.value.errors.keys() == {"first"}
            with pytest.raises(presslens.NotThere, match="there is no such photo"):
                door.photo(999_999)
            for listed in (door.editions, door.newspapers, door.claims, door.photos):
                with pytest.raises(presslens.Refused, match="did you mean Rodong Sinmun"):
                    list(listed(publication="Rodong Simun"))
            assert "did you mean" in repr(door.editions(publication="Rodong Simun"))
            with pytest.raises(presslens.Refused, match="no figure is called 'Nobody'"):
                door.photos(figure="Nobody").to_list()
            with pytest.raises(presslens.Refused, match="no figure is called 'Nobody'"):
                door.share("figure:Nobody")
            with pytest.raises(presslens.NotThere, match="no such edition"):
                door.photos(edition=999_999).to_list()
            with pytest.raises(presslens.Refused, match="did you mean Rodong Sinmun"):
                door.check("photos > 1", "Rodong", "2025-01-01", "2025-12-31")
            with pytest.raises(presslens.Refused) as refused:
                door.check("photos >", PAPER, "2025-01-01", "2025-12-31")
            assert "(rule: " not in str(refused.value)
            with pytest.raises(presslens.NotThere, match="no claim with the key 'nothing'"):
                door.claim("nothing")
            with pytest.raises(presslens.NotThere, match="no figure is named 'Nobody'"):
                door.figure("Nobody")
            with pytest.raises(presslens.Refused) as refused:
                door.photos(min_probability=2).to_pandas()
            assert refused.value.errors == {
                "min_probability": "Input should be less than or equal to 1"
            }


def test_a_wrong_key_is_refused_at_once_and_so_is_no_archive(served, environment, tmp_path):
    address, _ = served
    with pytest.raises(presslens.NotAllowed, match="the key of the request opens nothing"):
        presslens.connect(address, "pl_0000000000000000_wrong")
    with pytest.raises(presslens.NotAllowed, match="sign in, or send a key"):
        presslens.connect(f"{address}/api/v1/")
    for closed in ("http://127.0.0.1:1", "127.0.0.1:1", "localhost:1"):
        with pytest.raises(presslens.Unavailable, match="does not answer"):
            presslens.connect(closed)
    for wrong in ("example.org:8219", "http://[::1", ""):
        with pytest.raises(presslens.Refused, match="is no address"):
            presslens.connect(wrong)
    with pytest.raises(presslens.NotAllowed, match="letters that no key has"):
        presslens.connect(address, "열쇠")
    (tmp_path / "presslens.db").write_text("no database" * 100)
    with pytest.raises(presslens.PresslensError, match="name the folder that holds it"):
        presslens.open(tmp_path / "presslens.db")
    with pytest.raises(presslens.PresslensError, match="file is not a database"):
        presslens.open(tmp_path)
    with pytest.raises(presslens.NoFile, match="does not exist: run `presslens init`"):
        presslens.open(tmp_path / "nothing")
    with pytest.raises(presslens.Refused, match=r"presslens\.connect.* opens an address"):
        presslens.open(address)
    assert not (tmp_path / "nothing").exists()


def test_nothing_is_left_of_an_archive_that_was_closed(folder, environment):
    with presslens.open(folder) as archive:
        share = archive.share("people")
        assert "presslens" in {thread.name for thread in threading.enumerate()}
    assert "presslens" not in {thread.name for thread in threading.enumerate()}
    assert share.groups[0].n == 76
    with pytest.raises(presslens.Unavailable, match="the archive is closed"):
        share.svg()
    assert repr(archive.editions()) == "<editions: the archive is closed: open it again>"


def test_a_comparison_with_nothing_says_which_group_is_empty(archive):
    compared = archive.compare(metric=["people"], a_last="1999-01-01", b_publication=PAPER)
    assert compared.sentence == "nothing is compared: group a has no editions"
    assert "data:image" not in compared._repr_html_()


def test_tables_have_their_columns_whether_there_are_rows_or_not(archive):
    none, some = archive.photos(first="2999-01-01"), archive.photos(publication=PAPER)
    for empty in (none.to_pandas(), none.to_polars()):
        assert len(empty) == 0
        assert {"id", "publication", "date", "caption_text"} <= set(empty.columns)
    assert set(none.to_pandas()) <= set(some.to_pandas())
    assert "caption" not in some.to_pandas()
    changes = archive.changes("people", publication=PAPER, by="edition")
    assert {"date", "before", "after", "low", "high", "recipe"} <= set(changes.to_pandas())
    trend = archive.trend("people", publication=PAPER)
    frame = trend.to_pandas()[["name", "value", "low", "high", "refused"]]
    assert frame["refused"].tolist() == [trend.refused]
    assert archive.metrics().to_pandas().set_index("metric")["meaning"]["photos"]


def test_notebooks_show_what_there_is(archive):
    photo = next(iter(archive.photos(publication=PAPER)))
    assert "<td>publication</td><td>Rodong Sinmun</td>" in photo._repr_html_()
    assert (
        f"photo {photo.id}: page {photo.page_number} of edition" in archive.photo(photo.id).sentence
    )
    assert archive.photo(photo.id)._repr_html_().count("<th>") == 2
    assert repr(archive) == "<Archive: http://127.0.0.1>"
    assert PAPER in archive._repr_html_()
    assert "plain metrics; shares of: people" in archive.metrics().sentence
    many = archive.share("people", by="edition").sentence
    assert "groups, from " in many or "groups" not in many
    verdict = archive.check("photos > 1", PAPER, "2025-01-01", "2027-01-01", inference="these")
    assert verdict.inference == "these editions"
    assert verdict.recipe not in verdict._repr_html_()
    empty = archive.share("people", first="2999-01-01")
    assert "data:image" not in empty._repr_html_()


def test_what_a_claim_says_is_what_its_verdict_is(archive):
    claim = next(iter(archive.claims()))
    verdict = archive.claim(claim.key)
    assert verdict.claim is not None
    assert verdict.claim.key == claim.key
    assert verdict.sentence.startswith(f"{verdict.rule}: {verdict.verdict}")
    assert archive.verdict(claim) == archive.verdict(claim.id) == verdict
    assert claim.to_dict()["from"] == claim.from_.isoformat()
    assert repr(archive.claims()).startswith(f"<claims: {claim.key}")


def test_results_are_tables_and_show_themselves(archive):
    share = archive.share("people", by="publication")
    frame = share.to_pandas()
    assert frame["group"].tolist() == [group.group for group in share.groups]
    assert frame["value"].tolist() == [group.value for group in share.groups]
    assert frame["recipe"].unique().tolist() == [share.recipe]
    assert share.to_polars()["n"].to_list() == [group.n for group in share.groups]
    shown = share._repr_html_()
    assert 'src="data:image/svg+xml;base64,' in shown
    assert "<script" not in shown
    assert share.chart.to_dict()["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    photos = archive.photos(publication=PAPER)
    assert photos.to_pandas()["date"].dtype.kind == "M"
    assert photos.to_polars()["date"].dtype.is_temporal()
    assert photos._repr_html_().count("<tr>") == 21
    first = photos.to_list()[0]
    assert first.to_dict()["id"] == first.id
    assert repr(photos).startswith(f"<photos: {first.id}, ")
    assert repr(photos).endswith("to_list() has all>")
    assert repr(archive.photos(first="2999-01-01")) == "<photos: none>"
    one = archive.share("people")
    assert "people: " in one.sentence
    assert one.sentence in repr(one)
    for result in (
        archive.compare(a_publication=PAPER, b_publication="Minju Joson", metric="people"),
        archive.baseline(1, least=2),
        archive.composition(1),
        archive.edition(1),
    ):
        assert len(result.to_pandas()) > 0
        assert result.sentence
        assert result._repr_html_()
