"""The page of the method: measured figures in sentences, and what counts as what."""

import json
import re

from presslens.models.measured import load_stations
from presslens.models.photos.finder_errors import FILE

from ..answers import csv_rows
from .conftest import shown


def test_accuracy_is_said_in_sentences_from_what_was_measured(client, home):
    missed = load_stations()["decisions"].of("missed", "children, all sets, as printed")
    page = shown(client, "/method")
    count = f"{100 * missed.value:.0f}"
    sentence = f"Of 100 photos of children on printed pages, about {count} are missed."
    assert sentence in page
    low, high = (f"{100 * end:.0f}" for end in missed.interval)
    assert f"({low}–{high}; n = {missed.n}; probability of at least 0.5)" in page
    assert home.recipe.id in page
    assert "bursts in the air, really there" in page
    for anchor in ("accuracy", "claims", "figures", "codebook", "recipe", "limits", "ethics"):
        assert f'id="{anchor}"' in page
    document = client.get("/method.json").json()
    (one,) = (each for each in document["accuracy"] if each["sentence"] == sentence)
    assert (one["n"], one["method"]) == (missed.n, missed.method)
    dots = sum(len(one["bins"]) for one in document["reliability"])
    assert page.count("<circle") == dots > 0
    # Missed photos are those that the finder learned its errors from.
    sizes = json.loads(FILE.read_text())["recall"]["grey"].values()
    n = sum(size["n"] for size in sizes)
    photos = [one for one in document["accuracy"] if one["topic"] == "photos"]
    (grey,) = (one for one in photos if "grey pages" in one["sentence"])
    assert (grey["n"], grey["value"]) == (n, round(sum(s["missed"] for s in sizes) / n, 5))


def test_no_two_figures_are_said_in_one_sentence(client):
    for language in ("en", "ko"):
        answer = client.get("/method.json", headers={"accept-language": language}).json()
        said = [one["sentence"].split("about")[0].split("약")[0] for one in answer["accuracy"]]
        assert len(set(said)) == len(said)
    assert all(one["point"] for one in answer["accuracy"])
    few = [one for one in answer["accuracy"] if one["n"] < 100]
    assert few
    assert all(re.search(rf"(?<!\d){one['n']}(?!\d)", one["sentence"]) for one in few)
    faces = [one for one in answer["accuracy"] if one["topic"] == "figures"]
    printed = [one for one in faces if "망점" in one["sentence"]]
    assert 0 < len(printed) < len(faces)


def test_every_measured_figure_is_in_the_table(client):
    rows = csv_rows(client.get("/method.csv"))
    stations = load_stations()
    assert len(rows) == sum(len(station.measures) for station in stations.values())
    assert all(row["n"] and row["data"] and row["method"] for row in rows)
