"""Embeddings are encrypted at rest where a key file is set, and nothing else changes."""

import stat
import threading
from contextlib import nullcontext

import numpy as np
import pytest
import sqlalchemy
from sqlalchemy import LargeBinary, func, select, text, type_coerce

from presslens.app.db.cipher import EmbeddingCipher, EmbeddingKeyRow, write_key
from presslens.app.db.figures import ReferenceFaceRow
from presslens.app.db.tables import FaceRow
from presslens.app.db.types import ENCRYPTED
from presslens.app.installation import init_installation, open_installation, upgrade_installation
from presslens.app.platform.errors import WrongKey
from presslens.app.platform.settings import Settings
from presslens.app.preservation.backup import back_up
from presslens.app.preservation.restore import restore_backup
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.privacy import encryption
from presslens.app.services.privacy.encryption import (
    EncryptedCounts,
    encrypt_embeddings,
    unencrypted,
)
from presslens.app.worker import open_worker

from ...conftest import NOW, RECIPE
from ...filled_archive import fill

TABLES = (FaceRow, ReferenceFaceRow)


@pytest.fixture(autouse=True)
def _engines_of_their_own(monkeypatch):
    """Tests share the dialect of their engines, and it is the dialect that holds a key."""
    monkeypatch.setattr("presslens.app.db.session.create_engine", sqlalchemy.create_engine)


@pytest.fixture
def key(tmp_path):
    write_key(tmp_path / "key")
    return tmp_path / "key"


def keyed(settings, key):
    return settings.model_copy(update={"key_file": key})


def vectors(home):
    with home.database.read() as session:
        found = [v for table in TABLES for v in session.scalars(select(table.embedding))]
    return [vector for vector in found if vector is not None]


def stored(home):
    with home.database.read() as session:
        columns = [type_coerce(table.embedding, LargeBinary) for table in TABLES]
        found = [v for column in columns for v in session.scalars(select(column))]
    return [content for content in found if content is not None]


def plain_left(home):
    with home.database.read() as session:
        query = (select(func.count()).select_from(t).where(unencrypted(t)) for t in TABLES)
        return sum(session.scalar(one) for one in query)


def test_stored_embeddings_are_encrypted_and_read_as_before(full_on, key):
    before, dump = vectors(full_on), canonical_dump(full_on)
    plain = stored(full_on)
    assert len(before) >= 2
    full_on.database.close()
    settings = keyed(full_on.settings, key)
    assert encrypt_embeddings(settings) == EncryptedCounts(faces=1, references=1)
    assert encrypt_embeddings(settings) == EncryptedCounts(faces=0, references=0)
    with open_installation(settings) as home:
        assert all(np.array_equal(a, b) for a, b in zip(vectors(home), before, strict=True))
        assert canonical_dump(home) == dump
        assert all(content.startswith(ENCRYPTED) for content in stored(home))
        assert plain_left(home) == 0
    if settings.database_url.startswith("sqlite"):
        file = (settings.data_dir.parent / "test.db").read_bytes()
        assert not any(content[:64] in file or content[-64:] in file for content in plain)


def test_new_embeddings_are_encrypted_from_the_start(tmp_path, sandbox, key):
    settings = Settings(
        data_dir=tmp_path / "new", recipe=RECIPE, processes=0, min_free_bytes=0, key_file=key
    )
    assert init_installation(settings)
    with open_installation(settings) as home:
        fill(home, sandbox)
        assert (len(stored(home)), plain_left(home)) == (2, 0)
        assert {len(v) for v in vectors(home)} == {(len(stored(home)[0]) - 33) // 4}


def test_what_was_interrupted_goes_on(full, key, monkeypatch):
    with full.database.write() as session:
        columns = [c.name for c in FaceRow.__table__.columns if c.name != "position"]
        names = ", ".join(columns)
        for number in range(1, 8):
            session.execute(
                text(
                    f"INSERT INTO face (position, {names}) SELECT {number}, {names} FROM face"
                    " WHERE position = 0"
                )
            )
    monkeypatch.setattr(encryption, "BATCH", 3)
    full.database.close()

    def stop(done):
        if done == 6:
            raise KeyboardInterrupt

    settings = keyed(full.settings, key)
    with pytest.raises(KeyboardInterrupt):
        encrypt_embeddings(settings, progress=stop)
    with open_installation(settings) as home:
        assert plain_left(home) == 3  # of 8 faces and a reference
        assert len(vectors(home)) == 9
    assert encrypt_embeddings(settings) == EncryptedCounts(faces=2, references=1)


def test_a_wrong_or_missing_key_file_is_refused_by_name(full, key, tmp_path):
    settings = keyed(full.settings, key)
    doors = (lambda s: open_installation(s).__enter__(), init_installation, upgrade_installation)
    for door in doors:
        with pytest.raises(WrongKey, match=r"key is set, but .* `presslens privacy encrypt`"):
            door(settings)
    encrypt_embeddings(settings)
    other = write_key(tmp_path / "other")
    with open_installation(settings) as home, home.database.read() as session:
        mine = session.scalar(select(EmbeddingKeyRow.id))
    (tmp_path / "short").write_text("00ff\n")
    (tmp_path / "binary").write_bytes(b"\xff" * 32)
    wrong = {
        None: f"encrypted with the key {mine}: name its file in PRESSLENS_KEY_FILE",
        tmp_path / "other": f"other is the key {other.id}, but .* with the key {mine}",
        tmp_path / "none": "none can't be read .No such file",
        tmp_path / "short": "short is no key file: `presslens privacy key` makes one",
        tmp_path / "binary": "binary can't be read .it is no text",
    }
    for file, why in wrong.items():
        for door in doors:
            with pytest.raises(WrongKey, match=why):
                door(keyed(full.settings, file))
    with pytest.raises(WrongKey, match="with the key"):
        encrypt_embeddings(keyed(full.settings, tmp_path / "other"))
    with pytest.raises(WrongKey, match="name a key file in PRESSLENS_KEY_FILE"):
        encrypt_embeddings(full.settings)


def test_a_backup_keeps_what_is_encrypted(full, key, tmp_path):
    settings = keyed(full.settings, key)
    encrypt_embeddings(settings)
    with open_installation(settings) as home:
        before, content = vectors(home), stored(home)
        back_up(home, tmp_path / "b.tar", now=NOW)
    backup = (tmp_path / "b.tar").read_bytes()
    assert key.read_text().strip().encode() not in backup
    assert bytes.fromhex(key.read_text()) not in backup
    assert not any(v.astype("<f4").tobytes()[:64] in backup for v in before)
    elsewhere = settings.model_copy(
        update={
            "data_dir": tmp_path / "again",
            "database_url": f"sqlite:///{tmp_path}/again/presslens.db",
        }
    )
    restore_backup(elsewhere.model_copy(update={"key_file": None}), tmp_path / "b.tar")
    with open_installation(elsewhere) as home:
        assert stored(home) == content
        assert all(np.array_equal(a, b) for a, b in zip(vectors(home), before, strict=True))


def test_a_worker_that_lacks_the_key_reads_nothing(full, key):
    encrypt_embeddings(keyed(full.settings, key))
    with pytest.raises(WrongKey, match="PRESSLENS_KEY_FILE"):
        vectors(full)
    with full.database.write() as session:
        session.execute(text("DELETE FROM interpretation"))
    with (
        open_worker(full, threading.Event(), engine=lambda _: nullcontext(None)) as worker,
        pytest.raises(WrongKey, match="PRESSLENS_KEY_FILE"),
    ):
        worker.drain()


def test_an_altered_embedding_is_not_read(full, key):
    settings = keyed(full.settings, key)
    encrypt_embeddings(settings)
    with open_installation(settings) as home:
        (content, *_) = stored(home)
        spoilt = bytearray(content)
        spoilt[40] ^= 1
        with home.database.write() as session:
            session.execute(text("UPDATE face SET embedding = :x").bindparams(x=bytes(spoilt)))
        with pytest.raises(WrongKey, match="it was altered"):
            vectors(home)


def test_a_key_file_is_its_owners_alone_and_never_replaced(tmp_path):
    made = write_key(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_key(tmp_path / "key")
    assert len(made.id) == 16
    assert made.id not in (tmp_path / "key").read_text()


def test_encryption_is_never_twice_the_same():
    cipher = EmbeddingCipher(bytes(32))
    a, b = cipher.encrypt(b"same"), cipher.encrypt(b"same")
    assert a != b
    assert cipher.decrypt(a) == cipher.decrypt(b) == b"same"
