import json
import zipfile

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.estimators import load_estimators, save_estimators


@pytest.mark.parametrize("compressed", [False, True])
def test_what_was_saved_is_read_with_its_attributes(tmp_path, compressed):
    rng = np.random.default_rng(0)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(rng.normal(2, 3, (40, 3)), rng.integers(0, 2, 40))
    content = {"model": model, "axes": np.eye(2, dtype=np.float32), "columns": [(1, slice(2, 3))]}
    save_estimators(content, tmp_path / "one.skops", compressed=compressed)
    read = load_estimators(tmp_path / "one.skops")
    (_, scaler), (name, regression) = read["model"].steps
    assert (name, read["columns"]) == ("logisticregression", [(1, slice(2, 3))])
    assert np.array_equal(scaler.scale_, model[0].scale_)
    assert np.array_equal(regression.coef_, model[1].coef_)
    assert regression.C == 1.0
    assert read["axes"].dtype == np.float32


def test_a_file_with_anything_else_is_refused(tmp_path):
    function = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}
    with zipfile.ZipFile(tmp_path / "bad.skops", "w") as archive:
        archive.writestr("schema.json", json.dumps(function))
    with pytest.raises(ValueError, match="holds a system"):
        load_estimators(tmp_path / "bad.skops")
