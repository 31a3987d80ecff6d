"""`cabinet log`: anyone can verify and read a log; nobody's name is printed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cabinet.journal import Journal
from cabinet.logtool import log
from cabinet.trust import Trust
from statemachine.ward.drawers import DrawerClosed, DrawerOpened
from statemachine.ward.house import Boot
from statemachine.ward.patients import Patient, PatientForgotten
from tests.wire.make_vectors import ROOT, intent_for_the_dose, removal
from tests.wire.small_cabinet import Pen, at, booted

NAMES = ("BELL", "Nina", "SMITH", "John", "1945-07-14", "9990000018", "JONES", "Mary")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = booted(tmp_path / "cabinet.journal", Pen())
    (intent,) = made.append((intent_for_the_dose(),), at())
    seq = intent.ref[1]
    made.append((DrawerOpened(drawer=3, intent=seq),), at())
    made.append((removal(seq), DrawerClosed(drawer=3, intent=seq)), at())
    yield made
    made.close()


def ran(*arguments: object) -> Result:
    return CliRunner().invoke(log, [str(argument) for argument in arguments])


def test_a_running_cabinets_journal_is_verified_beside_it(journal: Journal) -> None:
    result = ran("verify", journal.path)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[-1] == "13 lines verified; bodies hold"
    assert len(lines) == 13 + 2 + 1
    assert lines[-2] == f"cabinet {journal.tip('up').hash}"
    journal.append((Boot(reason="restart"),), at())


def test_a_journal_and_what_it_exports_say_the_same(journal: Journal, tmp_path: Path) -> None:
    journal.export(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "bodies.txt",
        "cabinet.pem",
        "dn.jws",
        "pharmacy.pem",
        "up.jws",
    ]
    assert ran("verify", tmp_path / "out").stdout == ran("verify", journal.path).stdout
    assert ran("show", tmp_path / "out").stdout == ran("show", journal.path).stdout


def test_a_forgotten_body_is_counted_and_a_lost_one_is_an_error(
    journal: Journal,
) -> None:
    journal.append((PatientForgotten(patient="p7"),), at())
    journal.forget("p7")
    result = ran("verify", journal.path)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (
        0,
        "14 lines verified; bodies hold, 1 forgotten",
    )
    writer = journal.medium._writer
    writer.execute("DROP TRIGGER dn_body_kept").fetchall()
    writer.execute("DELETE FROM dn_body WHERE id & 255 = 6").fetchall()
    result = ran("verify", journal.path)
    assert result.exit_code == 1
    assert result.stderr == (
        "Line 7 of cabinet.journal (dn): Its body is gone and nothing says why.\n"
    )


def test_F19_the_first_bad_line_is_named_in_a_sentence(journal: Journal) -> None:
    writer = journal.medium._writer
    writer.execute("DROP TRIGGER up_line_stays").fetchall()
    writer.execute(
        "UPDATE up_line SET raw = (SELECT raw FROM up_line WHERE id & 255 = 2) WHERE id & 255 = 3"
    ).fetchall()
    result = ran("verify", journal.path)
    assert result.exit_code == 1
    assert result.stderr == (
        "Line 4 of cabinet.journal (up): It does not continue the line before it: the chain is"
        " broken.\n"
    )


def test_a_table_shows_places_times_types_and_ids_and_never_a_name(journal: Journal) -> None:
    Trust(journal).take(Pen().genesis + b"\n", None)
    result = ran("show", journal.path)
    assert result.exit_code == 0
    assert [row.split()[1] for row in result.stdout.splitlines()][-2:] == ["1/5", "1/6"]
    assert "up 1/3       23-Nov-2026 12:00:00 signed release.intent         actor=u104" in (
        result.stdout
    )
    assert "patient=p7" in result.stdout
    assert [name for name in NAMES if name in result.stdout] == []


def test_a_table_can_be_narrowed(journal: Journal) -> None:
    rows = ran("show", journal.path, "--log", "up", "--type", "drawer.opened").stdout.splitlines()
    assert [row.split()[5] for row in rows] == ["drawer.opened"]
    short = ran("show", journal.path, "--log", "up", "--last", 2).stdout.splitlines()
    assert short[0] == "... 4 earlier lines of cabinet.journal (up)"
    assert len(short) == 3


def test_hostile_text_in_a_body_does_not_reach_the_terminal(tmp_path: Path) -> None:
    pen = Pen()
    journal = booted(tmp_path / "cabinet.journal", pen, ())
    try:
        raw, record = pen.raw_line(
            "weather.report",
            '{"a":"\u202egniddik","b":[[1]],"long":"'.encode() + b"x" * 500 + b'"}',
        )
        Trust(journal).take(raw + b"\n" + record + b"\n", None)
        Trust(journal).take(pen.write(Patient(patient="p1", family="X")), None)
        shown = ran("show", journal.path, "--log", "dn").stdout.splitlines()
    finally:
        journal.close()
    assert shown[0].endswith(f"a=?gniddik b=[[1]] long={'x' * 57}...")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "0 lines verified"),
        (b"junk\n", "three parts"),
        (b"junk", "its line feed is missing"),
        (b"A" * 5000 + b"\n", "longer than any line may be"),
        (b"\xff\xfe\x00\n", "three parts"),
    ],
)
def test_a_file_of_anything_gets_a_sentence_and_no_traceback(
    tmp_path: Path, content: bytes, said: str
) -> None:
    for name in ("cabinet.pem", "pharmacy.pem"):
        (tmp_path / name).write_bytes((ROOT / "vectors" / name).read_bytes())
    (tmp_path / "up.jws").write_bytes(content)
    result = ran("verify", tmp_path / "up.jws")
    assert said in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_missing_or_wrong_keys_are_said_by_name(tmp_path: Path) -> None:
    (tmp_path / "up.jws").write_bytes(b"")
    assert "There is no cabinet.pem in" in ran("verify", tmp_path / "up.jws").stderr
    (tmp_path / "cabinet.pem").write_text("not a key")
    assert "This is not a public key in PEM form." in ran("verify", tmp_path / "up.jws").stderr
    assert "holds no dn.jws." in ran("verify", tmp_path).stderr
    (tmp_path / "x.journal").write_bytes(b"SQLite format 3\x00" + b"\xff" * 2000)
    assert "damaged" in ran("verify", tmp_path / "x.journal").stderr


def test_a_journal_that_is_not_enrolled_says_so(tmp_path: Path) -> None:
    from tests.wire.small_cabinet import CAB, Salts

    pen = Pen()
    Journal.open(tmp_path / "x.journal", cabinet=CAB, signer=pen.cabinet, salt=Salts()).close()
    assert "not enrolled yet" in ran("verify", tmp_path / "x.journal").stderr
