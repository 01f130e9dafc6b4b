"""Everything that the API takes is described."""

from presslens.app.api.descriptions import FIELDS, PARAMETERS, parameters_of, taken_components


def test_no_parameter_is_without_description(client):
    schema = client.get("/openapi.json").json()
    assert client.get("/api/v1/openapi.json").json() == schema
    silent = {one["name"] for one in parameters_of(schema) if not one.get("description")}
    assert silent == set()
    fields = {
        f"{name}.{field}"
        for name, component in taken_components(schema).items()
        for field, shape in component.get("properties", {}).items()
        if not shape.get("description")
    }
    assert fields == set()


def test_no_description_is_of_what_nobody_takes(client):
    schema = client.get("/openapi.json").json()
    taken = {one["name"] for one in parameters_of(schema)}
    assert set(PARAMETERS) <= taken
    components = taken_components(schema).values()
    assert set(FIELDS) <= {field for one in components for field in one.get("properties", ())}


def test_a_photo_may_have_moved(client):
    """Reading one that was joined with another answers 301, as the description says."""
    paths = client.get("/openapi.json").json()["paths"]
    moved = {path for path, of in paths.items() if "301" in of.get("get", {}).get("responses", {})}
    assert moved == {path for path, of in paths.items() if "{photo_id}" in path and "get" in of}
    assert len(moved) > 4
