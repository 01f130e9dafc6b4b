"""Workers of the benchmark interpret all stored photos."""

from app.bench.interpret import interpret, stored


def test_two_workers_interpret_all_photos():
    with stored(24) as settings:
        taken = interpret(settings, 2)
    assert len(taken.processor) == 2
    assert taken.seconds > 0
