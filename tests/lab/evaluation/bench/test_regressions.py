import sys

from presslens.lab.evaluation.bench import regressions
from presslens.lab.evaluation.bench.regressions import WAYS, table_of


def test_shifted_scans_fool_the_machine_and_not_the_sample():
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table_of(40).splitlines()]
    size = {
        (row[1], row[3]): float(row[6].rstrip("%")) for row in rows[2:]
        if row[0] == "no difference" and row[2] == "practice"
    }  # fmt: skip
    held = {(*row[:4],): float(row[4].rstrip("%")) for row in rows[2:]}
    width = {(*row[:4],): float(row[5]) for row in rows[2:]}
    assert {way for _, way in size} == set(WAYS)
    for model in ("linear", "logit"):
        assert size[model, "machine taken for labels"] > 30
        assert size[model, "Presslens"] < 18
        for pair in ("no difference", "10 to 20 %"):
            for about in ("these", "practice"):
                assert held[pair, model, about, "Presslens"] > 80
                # The machine is of help although it is wrong.
                assert (
                    width[pair, model, about, "Presslens"]
                    < 0.95 * width[pair, model, about, "drawn labels alone"]
                )


def test_the_command_prints_the_table(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["regressions", "--count", "2"])
    regressions.main()
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 2 + 2 * 2 * (2 + 3)
