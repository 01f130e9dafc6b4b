"""An unexpected exception costs its own piece of work some attempts, and no worker."""

import errno
import io
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.testing import capture_logs

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import InterpretationRow, LeaseRow, OutcomeRow
from presslens.app.installation import upgrade_installation
from presslens.app.platform import clock
from presslens.app.platform.errors import DiskFull
from presslens.app.services.analysis.jobs import GIVEN_UP, JOBS, MOST_ATTEMPTS
from presslens.app.services.analysis.lease import NOBODY, renew
from presslens.app.services.analysis.workload import workload
from presslens.app.services.figures.figures import add_figure, add_references, find_figure
from presslens.app.services.ingest.upload import Incoming
from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.pipelines.scans.scan import ReadingFailed
from presslens.pipelines.task import PageResult


class BrokenInterpreter:
    """Raises an error over pages of a width, and interprets others."""

    def __init__(self, inner, error, width=None):
        self.inner, self.error, self.width, self.tries = inner, error, width, 0

    def interpret(self, page, gallery, labels):
        if self.width in (None, page.width):
            self.tries += 1
            raise self.error
        return self.inner.interpret(page, gallery, labels)


class BrokenEngine:
    """Gives a result that can't be stored for the files of a name, and others' own results."""

    def __init__(self, inner, name):
        self.inner, self.name = inner, name

    def run(self, tasks):
        for task in tasks:
            if task.name == self.name:
                yield PageResult(task.key, observation=object())
            else:
                yield from self.inner.run([task])


class LostReaders:
    """A sandbox whose readers are ended from outside."""

    def unpack(self, path, name, folder):
        raise ReadingFailed("the reader was lost")


def rows(home, table):
    with home.database.read() as session:
        return session.scalars(select(table)).all()


def waiting(home):
    return {kind: count for kind, count in workload(home).waiting.items() if count}


def test_every_kind_of_work_has_a_job_in_the_order_of_a_round():
    assert list(JOBS) == list(JobKind)


def test_work_that_raises_is_tried_again_alone_and_then_given_up(home, worker, put, make):
    put({"a.png": make(size=(300, 400)), "b.png": make(), "c.png": make(tint=9)})
    interpreter = BrokenInterpreter(worker.tools.interpreter, ValueError("no such photo"), 300)
    worker.tools.interpreter = interpreter
    with capture_logs() as logs:
        worker.drain()
    failures = [line for line in logs if line["event"] == "job failed"]
    assert [line["kind"] for line in failures] == ["interpret"] * MOST_ATTEMPTS
    assert (len(failures[0]["keys"]), failures[-1]["keys"]) == (3, [1])
    assert interpreter.tries == MOST_ATTEMPTS
    assert len(rows(home, InterpretationRow)) == 2
    (lease,) = rows(home, LeaseRow)
    assert (lease.kind, lease.key, lease.attempts) == (JobKind.INTERPRET, 1, MOST_ATTEMPTS)
    assert waiting(home) == {}
    assert workload(home).given_up[JobKind.INTERPRET] == 1
    assert not worker.round()


def test_work_that_was_given_up_is_tried_again_after_an_upgrade(
    home, settings, worker, plain, put, make
):
    put({"a.png": make(size=(300, 400)), "b.png": make()})
    worker.tools.interpreter = BrokenInterpreter(plain, ValueError("no such photo"), 300)
    with capture_logs():
        worker.drain()
    worker.tools.interpreter = plain
    worker.drain()
    assert workload(home).given_up[JobKind.INTERPRET] == 1
    upgrade_installation(settings)
    assert waiting(home) == {JobKind.INTERPRET: 1}
    worker.drain()
    assert len(rows(home, InterpretationRow)) == 2
    assert (sum(workload(home).given_up.values()), waiting(home)) == (0, {})


def test_a_page_whose_result_cannot_be_stored_becomes_a_failed_page(home, worker, put, make):
    put({"a.png": make(), "b.png": make(tint=9)})
    worker.tools.engine = BrokenEngine(worker.tools.engine, "a.png")
    worker.drain()
    outcomes = {row.scan_id: (row.status.value, row.detail) for row in rows(home, OutcomeRow)}
    assert outcomes == {1: ("failed", GIVEN_UP.message), 2: ("done", None)}
    assert waiting(home) == {}
    assert rows(home, LeaseRow) == []


def test_a_reference_that_is_given_up_holds_nothing_up(home, worker, put, make, now):
    kim = add_figure(home, "Kim", now=now)
    add_references(home, kim, [Incoming("a.png", io.BytesIO(make(faces=1)))], now=now)
    put({"b.png": make()})
    assert waiting(home) == {JobKind.UNPACK: 1, JobKind.EMBED: 1}
    worker.tools.engine = BrokenEngine(worker.tools.engine, "a.png")
    worker.drain()
    (reference,) = find_figure(home, kim).references
    assert (reference.status.value, waiting(home)) == ("failed", {})
    assert len(rows(home, InterpretationRow)) == 1


@pytest.mark.parametrize(
    "error",
    [
        ModelUnavailable("a file is missing"),
        ModelMismatch("a file is another one"),
        OperationalError("SELECT 1", {}, Exception("the server went away")),
        DiskFull("no space"),
        OSError(errno.ENOSPC, "no space"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_the_installation_ends_the_worker(home, worker, put, make, error):
    put({"a.png": make()})
    worker.tools.interpreter = BrokenInterpreter(worker.tools.interpreter, error)
    with pytest.raises(DiskFull if isinstance(error, OSError) else type(error)):
        worker.drain()
    assert [lease.failures for lease in rows(home, LeaseRow)] == [0]


@pytest.mark.parametrize(
    "error",
    [IntegrityError("INSERT", {}, Exception("no such row")), OSError(errno.EIO, "a bad sector")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_one_key_fails_that_key_alone(home, worker, put, make, error):
    put({"a.png": make(size=(300, 400)), "b.png": make()})
    worker.tools.interpreter = BrokenInterpreter(worker.tools.interpreter, error, 300)
    with capture_logs():
        worker.drain()
    assert len(rows(home, InterpretationRow)) == 1
    (lease,) = rows(home, LeaseRow)
    assert (lease.kind, lease.key) == (JobKind.INTERPRET, 1)


def test_work_whose_readers_were_lost_waits_until_its_lease_has_run_out(home, worker, put, make):
    put({"a.png": make()})
    worker.tools.sandbox = LostReaders()
    assert not worker.turn(JobKind.UNPACK)
    renew(home, worker.tools.owner, now=clock.now() + timedelta(days=1))
    (lease,) = rows(home, LeaseRow)
    assert (lease.owner, lease.failures) == (NOBODY, 0)
    assert clock.now() < lease.until_at < clock.now() + timedelta(hours=12)
    assert waiting(home) == {JobKind.UNPACK: 1}
