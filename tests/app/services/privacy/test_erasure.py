"""What is erased is in no row, dump or file any more; what others said stays."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text

from presslens.app.db.edits import EditRow
from presslens.app.db.figures import FigureRow
from presslens.app.db.repeated_requests import FirstAnswer, RepeatedRequest
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.db.samples import SampleRow
from presslens.app.db.tables import FaceRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.platform.permissions import AccountRole, Permission
from presslens.app.preservation.backup import copy_database
from presslens.app.services.accounts.accounts import add_account, list_accounts
from presslens.app.services.accounts.audit import AuditAction, log_audit
from presslens.app.services.accounts.identity import NOBODY, SHELL
from presslens.app.services.accounts.invitations import invite
from presslens.app.services.accounts.keys import add_key, identify_key
from presslens.app.services.accounts.logins import sign_in
from presslens.app.services.accounts.share_links import add_link
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.figures import add_figure, set_role
from presslens.app.services.privacy.erasure import erase_coder, erase_embeddings, erase_person
from presslens.app.services.privacy.people_report import CODERS, report_people
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sampling_frame import Question
from presslens.lab.bench.specimen_rows import add_further_rows

from ...conftest import NOW


def everything(home, folder):
    """Return all that the database holds, as the bytes of its file."""
    file = folder / "everything.db"
    file.unlink(missing_ok=True)
    copy_database(home.database, file)
    return file.read_bytes()


def review(home, coder, answers):
    printed = select(PhotoRow.id).join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
    printed = printed.join(PageRow, PageRow.scan_id == OutcomeRow.scan_id).order_by(PhotoRow.id)
    with home.database.read() as session:
        photo = session.scalars(printed).first()
    return review_photo(home, NewReview(photo, coder, answers), now=NOW)


def test_an_erased_figure_is_nowhere(full_on, tmp_path):
    home = full_on
    set_role(home, add_figure(home, "Pak", role="official", now=NOW), "heir", now=NOW)
    review(home, "A", {"figure:Zebedee": True, "figure:Pak": True})
    review(home, "B", {"figure:Zebedee": False})
    assert b"Zebedee" in everything(home, tmp_path)
    with pytest.raises(NotFound, match="no figure is called 'Nobody'"):
        erase_person(home, "Nobody", coder=None, now=NOW)
    edit = erase_person(home, "Zebedee", coder="A", now=NOW)
    assert b"Zebedee" not in everything(home, tmp_path)
    assert "Zebedee" not in canonical_dump(home)
    with home.database.read() as session:
        assert session.scalars(select(FigureRow.name)).all() == ["Pak"]
        answers = session.scalars(select(ReviewAnswerRow.measure)).all()
        logged = session.get_one(EditRow, edit)
        assert logged.text["template"] == "a figure and all that was stored of it are erased"
        enrolled = session.scalars(
            select(EditRow.id).where(EditRow.target_id == 1, EditRow.target == "figure")
        ).first()
    assert "figure:Pak" in answers
    add_figure(home, "Choe", now=NOW)
    undo_edit(home, enrolled, coder=None, now=NOW)
    assert [one.name for one in report_people(home).figures] == ["Choe", "Pak"]


def test_an_erased_coder_is_a_pseudonym_everywhere(full_on, tmp_path):
    home, name = full_on, "Annegret Müller"
    first = review(home, name, {"people": True})
    review(home, "B", {"people": False})
    order = SampleOrder(Question(("people",)), 2, coders=(name, "B"))
    draw_sample(home, order, now=NOW)
    for who in (name, "Ada"):
        add_account(home, who, role=AccountRole.ADMIN, password="x" * 12, by=SHELL, now=NOW)
    scopes = {"scopes": [Permission.READ], "days": 9, "account": name}
    key = add_key(home, "R", **scopes, by=SHELL, now=NOW).token
    add_link(home, "/editions/1", days=9, by=SHELL, now=NOW)
    assert sign_in(home, name, "x" * 12, now=NOW, address=None)
    invite(home, "Cho", role=AccountRole.REVIEWER, by=SHELL, now=NOW)
    with home.database.write() as session:
        add_further_rows(session)
        for column in CODERS.values():
            session.execute(
                text(f"UPDATE {column.class_.__tablename__} SET {column.key} = :n").bindparams(
                    n=name
                )
            ) if column.class_ is not ReviewRow else None
        session.execute(text("UPDATE edit SET coder = :n WHERE id = 1").bindparams(n=f"{name}, B"))
    before = report_people(home).coders[name]
    assert len(before) == len(CODERS)
    pseudonym, edit = erase_coder(home, name, coder=name, now=NOW)
    assert identify_key(home, key, now=NOW) is None
    assert [one.name for one in list_accounts(home) if one.disabled_at] == [pseudonym]
    content = everything(home, tmp_path)
    assert name.encode() not in content
    assert json.dumps(name).strip('"').encode() not in content
    assert name not in canonical_dump(home)
    coders = report_people(home).coders
    assert coders[pseudonym].items() >= before.items()
    assert sign_in(home, pseudonym, "x" * 12, now=NOW, address=None) is None
    with home.database.read() as session:
        assert session.get_one(ReviewRow, first).coder == pseudonym
        assert pseudonym in session.scalars(select(SampleRow.coders)).one()
        assert session.get_one(EditRow, 1).coder == f"{pseudonym}, B"
        assert session.get_one(EditRow, edit).coder == "unnamed"
        assert session.scalar(select(func.count()).where(ReviewRow.coder == "B")) == 1
    with pytest.raises(NotFound, match="nothing is stored"):
        erase_coder(home, name, now=NOW)
    with pytest.raises(InvalidRequest):
        erase_coder(home, "unnamed", now=NOW)


def test_kept_answers_with_an_erased_name_are_deleted(full_on, tmp_path):
    home, name, figure = full_on, "Ute \"O'Müller", "Zebedee"
    kept = {
        ("Ada", "other"): ({}, b"{}"),
        (f"shell {name}", "own"): ({}, b"{}"),
        ("Ada", "plain"): ({}, json.dumps({"coder": name}, ensure_ascii=False).encode()),
        ("Ada", "escaped"): ({}, json.dumps({"coder": name}).encode()),
        ("Ada", "page"): ({}, "<b>Ute &quot;O&#x27;Müller</b>".encode()),
        ("Ada", "address"): ({"location": "/coders/Ute%20%22O%27M%C3%BCller"}, b""),
        ("Ada", "figure"): ({}, b'{"figures": ["Zebedee"]}'),
    }
    for (person, key), (headers, body) in kept.items():
        repeated = RepeatedRequest(home.database, person, key)
        assert repeated.begin(NOW) is True
        repeated.keep(FirstAnswer("0" * 64, 201, headers, body))
    assert RepeatedRequest(home.database, f"shell {name}", "unanswered").begin(NOW) is True

    def left():
        with home.database.read() as session:
            query = text("SELECT key FROM repeated_request ORDER BY key").columns()
            return session.scalars(query).all()

    erase_coder(home, name, now=NOW)  # of whom nothing else is stored
    assert left() == ["figure", "other"]
    assert "Müller".encode() not in everything(home, tmp_path)
    erase_person(home, figure, coder=None, now=NOW)
    assert left() == ["other"]


def test_only_names_of_people_count_as_coders(full):
    """The log also names keys, the command line and paths of exports."""
    key = add_key(full, "nightly", scopes=[Permission.READ], days=9, by=SHELL, now=NOW)
    program = identify_key(full, key.token, now=NOW)
    add_link(full, "/gallery", days=9, by=program, now=NOW)
    for who in (SHELL, NOBODY, program):
        log_audit(full, who, AuditAction.EXPORT, "/export", now=NOW)
    add_account(full, "Rea", role=AccountRole.ADMIN, password=None, by=SHELL, now=NOW)
    log_audit(full, replace(program, name="Rea"), AuditAction.EXPORT, "/export", now=NOW)
    assert report_people(full).coders.keys() == {"A", "Rea"}
    assert report_people(full).coders["Rea"] == {"audit": 1, "audit_targets": 1}
    for name in ("command line", "nobody", "nightly", "/export", "/gallery"):
        with pytest.raises(NotFound):
            erase_coder(full, name, now=NOW)


def test_erased_embeddings_are_logged_without_them(full):
    counts, edit = erase_embeddings(full, coder="A", now=NOW)
    assert (counts.faces, counts.references) == (1, 1)
    report = report_people(full)
    assert (report.photos.embeddings, report.references.embeddings) == (0, 0)
    with full.database.read() as session:
        assert session.get_one(EditRow, edit).change == {}
        assert session.scalars(select(FaceRow.embedding)).all() == [None]


def test_the_report_counts_what_is_stored(full):
    review(full, "B", {"figure:Zebedee": True})
    report = report_people(full)
    (kim,) = report.figures
    assert (kim.name, kim.references, kim.embeddings) == ("Zebedee", 1, 1)
    assert kim.roles == {"Rodong Sinmun": "leader"}
    assert (kim.sightings, kim.answers) == (1, 1)
    assert report.coders.keys() == {"A", "B"}
    assert report.coders["A"] == {"reviews": 1, "edits": 2, "deleted_editions": 1}
    assert (report.photos.faces, report.photos.embeddings_of_children) == (1, 0)
    assert (report.key, report.unencrypted) == (None, 2)
    assert json.loads(json.dumps(report.to_json()))["figures"][0]["name"] == "Zebedee"
