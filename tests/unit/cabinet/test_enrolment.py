"""Both ends of enrolment: the same words, or nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cabinet.__main__ import main as cabinet
from pharmacy.__main__ import main as pharmacy

SETTINGS = """
[cabinet]
id = "A"
data_dir = "{data}"

[hardware]
drawers = [{{ drawer = 1, lock = 17, feedback = 5, reed = 6 }}]

[[hardware.panels]]
keypad = {{ kind = "usb", device = "/dev/input/by-id/pad-event-kbd" }}
display = {{ kind = "full" }}
scanner = {{ device = "/dev/serial/by-id/scanner" }}
badge = {{ device = "/dev/serial/by-id/badge" }}
"""


@pytest.fixture
def settings(tmp_path: Path) -> str:
    path = tmp_path / "cabinet.toml"
    path.write_text(SETTINGS.format(data=tmp_path / "data"))
    return str(path)


def asked(settings: str, tmp_path: Path) -> Path:
    result = CliRunner().invoke(cabinet, ["enrol", "--config", settings])
    path = tmp_path / "request.json"
    path.write_text(result.output.splitlines()[0])
    return path


def answered(tmp_path: Path, request: Path, *options: str, words: str | None = None):
    database = f"sqlite:///{tmp_path / 'pharmacy.db'}"
    return CliRunner().invoke(
        pharmacy,
        [
            *("enrol", "--database", database, "--ward", "7"),
            *("--out", str(tmp_path / "answer")),
            *options,
            str(request),
        ],
        input=words,
    )


def test_a_cabinet_is_enrolled_by_comparing_eight_words_at_both_ends(
    settings: str, tmp_path: Path
) -> None:
    request = asked(settings, tmp_path)
    words = json.loads(request.read_text())["fingerprint"]
    result = answered(tmp_path, request, words="y\n")
    assert (result.exit_code, f"Cabinet A: {words}" in result.output) == (0, True)
    installed = CliRunner().invoke(
        cabinet,
        [
            *("enrol", "--config", settings),
            *("--genesis", str(tmp_path / "answer" / "genesis.jws")),
            *("--pharmacy-key", str(tmp_path / "answer" / "pharmacy.pem")),
        ],
    )
    assert (installed.exit_code, installed.output) == (
        0,
        "Cabinet A is enrolled; epoch 1 begins.\n",
    )


def test_words_that_differ_enrol_nothing(settings: str, tmp_path: Path) -> None:
    result = answered(tmp_path, asked(settings, tmp_path), words="n\n")
    assert (result.exit_code, "Nothing was enrolled." in result.output) == (1, True)
    assert not (tmp_path / "answer").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fingerprint": "babab " * 7 + "babab"}, "changed on the way"),
        ({"seal": "AAAA"}, "no request of a cabinet"),
        ({"key": {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}}, "changed on the way"),
        ({"key": "none"}, "no request of a cabinet"),
        ({"extra": 1}, "no request of a cabinet"),
        ({"cab": "x" * 9_000}, "longer than 8,192 bytes"),
    ],
)
def test_a_request_changed_on_the_way_is_refused_before_anybody_is_asked(
    settings: str, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    request = asked(settings, tmp_path)
    request.write_text(json.dumps({**json.loads(request.read_text()), **change}))
    result = answered(tmp_path, request, "--compared")
    assert (result.exit_code, said in result.output) == (1, True)
    assert "Traceback" not in result.output


def test_the_pharmacys_key_can_be_printed(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'pharmacy.db'}"
    result = CliRunner().invoke(pharmacy, ["key", "--database", database])
    assert result.exit_code == 0
    assert result.output.startswith("-----BEGIN PUBLIC KEY-----\n")
