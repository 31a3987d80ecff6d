"""What a played scenario leaves for a stranger to check."""

import shutil
from pathlib import Path

import msgspec

from sim.play.stage import Stage


def write_artifacts(stage: Stage, folder: Path) -> None:
    """Write both logs, bodies, keys, journal, pharmacy's database and leases of a scenario.

    The files of the first cabinet stand in the folder itself, those of others in folders below.
    """
    stage.ward.settle()
    for place, cabinet in enumerate(stage.ward.cabinets.values()):
        here = folder if place == 0 else folder / f"cabinet-{cabinet.name}"
        here.mkdir(parents=True, exist_ok=True)
        export = cabinet.export()
        _write_lines(here / "up.jws", export.up)
        _write_lines(here / "dn.jws", export.dn)
        _write_lines(here / "bodies.txt", export.bodies)
        (here / "cabinet.pem").write_bytes(export.cabinet_pem)
        (here / "pharmacy.pem").write_bytes(export.pharmacy_pem)
        _write_lines(
            here / "leases.jsonl",
            tuple(msgspec.json.encode(lease).decode() for lease in cabinet.world.leases),
        )
        _copy_database(cabinet.journal_path, here / "journal.sqlite")
    folder.mkdir(parents=True, exist_ok=True)
    _copy_database(stage.folder / "pharmacy.sqlite", folder / "pharmacy.sqlite")


def _write_lines(path: Path, lines: tuple[str, ...]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), "ascii")


def _copy_database(source: Path, target: Path) -> None:
    """One whole file: what the write-ahead log holds is folded in."""
    import apsw

    for ending in ("", "-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    for ending in ("", "-wal"):
        beside = source.with_name(source.name + ending)
        if beside.exists():
            shutil.copyfile(beside, target.with_name(target.name + ending))
    if target.exists():
        db = apsw.Connection(str(target))
        db.execute("PRAGMA journal_mode = delete").fetchall()
        db.close()
