"""The page of what can be taken away."""

HTML = {"accept": "text/html"}


def test_what_is_on_the_screen_is_what_is_taken_away(client, worker, upload, scans):
    upload(scans)
    worker.drain()
    query = "subject=people&publication=Rodong+Sinmun&from=2019-12-01"
    page = client.get(f"/export?{query}&to=", headers=HTML).text
    assert "<b>1</b> row from 1 edition" in page
    assert "showing people with a probability of 50% or more" in page
    document = client.get(f"/export.json?{query}").json()
    assert (document["photos"], document["recipe"]) == (
        1,
        client.get("/api/v1/exports").json()["recipe"],
    )
    assert f"/export?{query}" in document["citation"]
    for file in document["files"]:
        assert client.get(file["address"]).status_code == 200, file
    names = {file["name"] for file in document["files"]}
    assert names == {"photos", "wide", "tables", "images", "archive"}
    zipped = next(f for f in document["files"] if f["address"].startswith("/api/v1/photos.zip"))
    assert client.get(zipped["address"]).headers["content-type"] == "application/zip"


def test_a_statistic_is_offered_with_its_chart(client, worker, upload, scans):
    upload(scans)
    worker.drain()
    files = client.get("/export.json?metric=children&by=edition").json()["files"]
    statistics = [file["address"] for file in files if file["name"] == "statistics"]
    assert len(statistics) == 5
    assert client.get(statistics[0]).text.startswith("group,edition")
    assert client.get("/export.json?metric=childrenn").status_code == 422


def test_the_whole_tables_say_that_only_days_select_them(client):
    sentence = "These files hold all photos of the editions"
    assert sentence in client.get("/export?subject=people", headers=HTML).text
    assert sentence not in client.get("/export?from=2019-12-01", headers=HTML).text
