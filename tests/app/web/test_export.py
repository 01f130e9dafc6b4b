"""The page of what can be taken away."""

from .conftest import shown


def test_what_is_on_the_screen_is_what_is_taken_away(client, edition):
    query = "subject=people&publication=Rodong+Sinmun&from=2019-12-01"
    page = shown(client, f"/export?{query}&to=")
    assert "<b>1</b> row, 1 edition" in page
    assert "showing people with a probability of 50% or more" in page
    document = client.get(f"/export.json?{query}").json()
    recipe = client.get("/api/v1/exports").json()["recipe"]
    assert (document["photos"], document["recipe"]) == (1, recipe)
    assert document["citation"].startswith("Presslens: photos, of Rodong Sinmun;")
    for file in document["files"]:
        assert client.get(file["address"]).status_code == 200, file
    names = {file["name"] for file in document["files"]}
    assert names == {"photos", "wide", "tables", "images", "archive"}
    zipped = next(f for f in document["files"] if f["address"].startswith("/api/v1/photos.zip"))
    assert client.get(zipped["address"]).headers["content-type"] == "application/zip"
    files = client.get("/export.json?metric=children&by=edition").json()["files"]
    statistics = [file["address"] for file in files if file["name"] == "statistics"]
    assert len(statistics) == 5  # with its chart
    assert client.get(statistics[0]).text.startswith("group,edition")
    assert client.get("/export.json?metric=childrenn").status_code == 422


def test_the_whole_tables_say_that_only_days_select_them(client):
    sentence = "These files contain all photos of the editions"
    assert sentence in shown(client, "/export?subject=people")
    assert sentence not in shown(client, "/export?from=2019-12-01")
