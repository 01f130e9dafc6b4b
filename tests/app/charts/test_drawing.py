"""The drawing process: what draws loads Altair, and nothing else does."""

import json
import os
import signal
import subprocess
import sys

from presslens.app.charts import drawing, vega
from presslens.app.charts.chart import Format, Legend, PlottedValue, SeriesChart

LEGEND = Legend(["Photos"], ["n"], "Photos: 12.", "en", "photos", "machine", "none")
VALUE = PlottedValue("Rodong", "2025-12-16", "16 December", 12, 10, 15, None, "12", None)
CHART = SeriesChart(LEGEND, ["Rodong"], [VALUE], ("2025-12-16", "2025-12-16"), False)


def test_another_process_draws_the_same():
    assert drawing.specification(CHART, Format()) == vega.specification(CHART, Format())
    assert drawing.picture(CHART, Format(), "svg").startswith(b"<svg")


def test_a_process_that_was_killed_is_replaced():
    process = drawing.DrawingProcess()
    try:
        first = process.call("specification", CHART, Format())
        os.kill(process._child.pid, signal.SIGKILL)
        assert process.call("specification", CHART, Format()) == first
    finally:
        process.close()
    assert process._child is None


def test_an_idle_process_ends(monkeypatch):
    monkeypatch.setattr(drawing, "IDLE", 0.05)
    process = drawing.DrawingProcess()
    process.call("specification", CHART, Format())
    child, timer = process._child, process._timer
    timer.join(10)
    assert not child.is_alive
    process.close()


PROGRAM = """
import json, sys
from presslens.app.charts import changes, comparison, drawing, statistic
from presslens.app.charts.chart import Format, Legend, SeriesChart
legend = Legend(["t"], [], "s", "en", "a", "m", "none")
assert drawing.picture(SeriesChart(legend, [], [], None, False), Format(), "svg")
print(json.dumps(sorted(sys.modules)))
"""


def test_who_asks_for_a_chart_loads_neither_altair_nor_the_renderer():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded & {"altair", "vl_convert", "matplotlib", "pandas"} == set()
