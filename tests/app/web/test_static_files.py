"""Files that pages load are named by their content, and may be kept for ever."""

from presslens.app.web.static_files import build


def test_a_file_may_be_kept_for_ever(client):
    answer = client.get(f"/static/{build()}/css/base.css")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nothing_outside_of_the_folder_is_served(client):
    for path in ("../static_files.py", "..%2fstatic_files.py", "vendor/../../vendor.toml"):
        assert client.get(f"/static/{build()}/{path}").status_code == 404
