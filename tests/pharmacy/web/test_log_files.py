"""The files for a verifier, and what contradicts a log."""

import base64
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cabinet.logtool import log
from statemachine.ward.house import Boot

FILES = ("up.jws", "dn.jws", "bodies.txt", "cabinet.pem", "pharmacy.pem")


def download(browser, folder: Path) -> Path:
    for name in FILES:
        answer = browser.client.get(f"/log/A/files/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        (folder / name).write_bytes(answer.content)
    return folder


def test_the_downloaded_files_verify_line_by_line(browser, ward, tmp_path):
    ward.remove(2)
    folder = download(browser, tmp_path)
    result = CliRunner().invoke(log, ["verify", str(folder)])
    assert result.exit_code == 0, result.output
    lines = 3 + len(ward.cabinet.directives())
    # The two bodies with names, of Ann Jones and Nina Bell, are left out.
    assert result.output.splitlines()[-1] == f"{lines} lines verified; bodies hold, 2 forgotten"


@pytest.mark.usefixtures("ward")
def test_T20_no_file_holds_a_name(browser, tmp_path):
    folder = download(browser, tmp_path)
    everything = b""
    for name in FILES:
        data = (folder / name).read_bytes()
        everything += data
        if name.endswith(".pem"):
            continue
        for part in re.split(rb"[.\n~]", data):
            everything += base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)) + b"\n"
    for name in (b"JONES", b"BELL", b"Nina", b"9990000018"):
        assert name not in everything


@pytest.mark.usefixtures("ward")
def test_a_cabinet_nobody_enrolled_has_no_files(browser):
    assert browser.client.get("/log/B/files/up.jws").status_code == 404
    assert browser.client.get("/log/A/files/rest.key").status_code == 404


def test_a_fork_is_shown_as_evidence_beside_the_line_held(browser, ward):
    cabinet = ward.cabinet
    place = (cabinet.seq, cabinet.prev)
    cabinet.send(Boot(reason="restart"))
    held = cabinet.prev
    cabinet.seq, cabinet.prev = place
    cabinet.send(Boot(reason="power"))
    page = browser.get("/log/A")
    assert "Its log contradicts itself since 23-Nov-2026 08:00." in page
    assert f"we hold {held} where this line would stand or follow" in page
    assert cabinet.prev in page
    assert "contradicts itself" in browser.get("/log")
    assert "contradicts itself" in browser.get("/stock")
    assert "contradicts the one held here" in browser.get("/")
