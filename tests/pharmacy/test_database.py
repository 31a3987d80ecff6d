"""Tables, migrations and keys: what stands beneath the services."""

import contextlib

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from pharmacy.clock import ManualClock
from pharmacy.db import Base, Database
from pharmacy.db.engine import DatabaseError
from pharmacy.db.migrate import migrate
from pharmacy.keys import KeysError, load_or_make


def test_the_migrations_make_exactly_the_tables_of_the_models(url):
    database = Database(url)
    migrate(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def test_F30_a_database_of_a_newer_program_is_refused_and_unchanged(url):
    database = Database(url)
    with database.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    with pytest.raises(DatabaseError, match="newer"):
        migrate(database)
    with database.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        connection.commit()
    assert migrate(database) == "0001"
    database.close()


def test_a_service_that_fails_changes_nothing(pharmacy):
    def work(unit):
        unit.put_fact("half", 1)
        unit.attend("alarm", "half", "Half done.")
        raise RuntimeError

    with contextlib.suppress(RuntimeError):
        pharmacy.office.run(work)
    assert pharmacy.office.run(lambda unit: unit.fact("half")) is None


def test_what_a_person_must_see_is_one_item_however_often_it_happens(pharmacy):
    from sqlalchemy import select

    from pharmacy.db import AttentionRow

    def again(unit):
        unit.attend("alarm", "k", "A sentence.")

    for _ in range(3):
        pharmacy.office.run(again)
    pharmacy.office.run(lambda unit: unit.settle("k", "pat"))
    pharmacy.office.run(again)
    with pharmacy.office.read() as session:
        rows = session.scalars(select(AttentionRow).order_by(AttentionRow.id)).all()
        assert [(row.times, row.closed_by) for row in rows] == [(3, "pat"), (1, "")]


def test_sqlite_is_set_to_survive_a_power_cut(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/p.db")
    with database.read() as session:
        said = [session.execute(text(f"PRAGMA {name}")).scalar() for name in
                ("journal_mode", "synchronous", "foreign_keys")]  # fmt: skip
    assert said == ["wal", 2, 1]
    database.close()


def test_keys_are_made_once_and_read_by_their_owner_only(tmp_path):
    folder = tmp_path / "keys"
    first = load_or_make(folder, ManualClock(0, seed=1))
    again = load_or_make(folder, ManualClock(0, seed=2))
    assert first.public == again.public
    assert [(p.name, p.stat().st_mode & 0o777) for p in sorted(folder.iterdir())] == [
        ("rest.key", 0o600),
        ("signing.key", 0o600),
    ]


@pytest.mark.parametrize("harm", ["open", "short"])
def test_a_key_that_others_can_read_or_that_is_cut_is_refused(tmp_path, harm):
    load_or_make(tmp_path, ManualClock(0))
    key = tmp_path / "signing.key"
    if harm == "open":
        key.chmod(0o640)
    else:
        key.write_bytes(b"short")
    with pytest.raises(KeysError):
        load_or_make(tmp_path, ManualClock(0))


def test_what_rests_encrypted_opens_only_for_the_same_person_and_key(tmp_path):
    keys = load_or_make(tmp_path / "a", ManualClock(0, seed=1))
    other = load_or_make(tmp_path / "b", ManualClock(0, seed=2))
    closed = keys.close_away(b"verifier", "credential u1")
    assert keys.open_again(closed, "credential u1") == b"verifier"
    for wrong_keys, data, context in (
        (keys, closed, "credential u2"),
        (other, closed, "credential u1"),
        (keys, closed[:-1] + bytes([closed[-1] ^ 1]), "credential u1"),
        (keys, b"", "credential u1"),
    ):
        with pytest.raises(KeysError):
            wrong_keys.open_again(data, context)
