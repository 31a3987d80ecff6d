"""The `cabinet` command: sentences, all of them at once, and never a traceback."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cabinet.__main__ import main
from cabinet.ids import Ids
from cabinet.keys import CabinetKeys, KeysError, load_keys, make_keys
from cabinet.service import why_started
from cabinet.wire.fingerprint import fingerprint
from cabinet.wire.genesis import Jwk, make_genesis
from cabinet.wire.line import Signer

SETTINGS = """
[cabinet]
id = "A"
data_dir = "{data}"

[hardware]
drawers = [{{ drawer = 1, lock = 17, feedback = 5, reed = 6 }}]
gpio_chip = 31

[[hardware.panels]]
keypad = {{ kind = "usb", device = "/dev/input/by-id/usb-no-pad-event-kbd" }}
display = {{ kind = "full", device = "/dev/no-terminal" }}
scanner = {{ device = "/dev/serial/by-id/usb-no-scanner" }}
badge = {{ device = "/dev/serial/by-id/usb-no-badge" }}
"""


@pytest.fixture
def settings(tmp_path: Path) -> str:
    path = tmp_path / "cabinet.toml"
    path.write_text(SETTINGS.format(data=tmp_path / "data"))
    return str(path)


def called(*args: str) -> Result:
    result = CliRunner().invoke(main, args)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize("command", ["run", "sync", "check", "enrol"])
def test_every_command_says_what_it_does_and_with_which_file(command: str) -> None:
    result = called(command, "--help")
    assert result.exit_code == 0
    assert "--config" in result.output
    assert len(result.output) > 300


def test_run_on_a_machine_without_the_hardware_lists_all_of_it_once_and_exits_1(
    settings: str,
) -> None:
    result = called("run", "--config", settings)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    for missing in ("gpiochip31", "no-pad", "no-terminal", "no-scanner", "no-badge"):
        assert sum(missing in line for line in lines) == 1, missing
    assert len(lines) == 5


def test_check_names_hardware_and_keys_in_one_go(settings: str) -> None:
    result = called("check", "--config", settings)
    assert result.exit_code == 1
    assert "usb-no-scanner" in result.output
    assert "Run `cabinet enrol` first." in result.output


@pytest.mark.parametrize("command", ["run", "check", "sync", "enrol"])
def test_an_environment_that_would_swap_the_metal_is_refused(
    command: str, settings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    result = called(command, "--config", settings)
    assert result.exit_code == 1
    assert "GPIOZERO_PIN_FACTORY" in result.output


def test_enrol_makes_keys_once_and_shows_words_and_no_secret(settings: str, tmp_path: Path) -> None:
    first, second = called("enrol", "--config", settings), called("enrol", "--config", settings)
    assert first.exit_code == 0
    assert first.output == second.output
    request = json.loads(first.output.splitlines()[0])
    keys = load_keys(tmp_path / "data" / "keys", tmp_path / "data" / "keys" / "pepper")
    assert request["fingerprint"] == fingerprint(keys.sign.public_key(), keys.unseal.public_key())
    for path in (tmp_path / "data" / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes().hex() not in first.output


def test_enrol_installs_the_answer_of_the_pharmacy_that_was_compared(
    settings: str, tmp_path: Path
) -> None:
    request = json.loads(called("enrol", "--config", settings).output.splitlines()[0])
    pharmacy = Signer(Ed25519PrivateKey.generate())
    key = Jwk(**request["key"]).public_key()
    pem = pharmacy.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    other = Signer(Ed25519PrivateKey.generate())
    (tmp_path / "pharmacy.pem").write_bytes(pem)
    answers = {
        "simulated": make_genesis(pharmacy, cab="A", ep=1, hal="sim", iat=1, cabinet_key=key),
        "another": make_genesis(pharmacy, cab="B", ep=1, hal="real", iat=1, cabinet_key=key),
        "does not": make_genesis(other, cab="A", ep=1, hal="real", iat=1, cabinet_key=key),
        "epoch 1 begins": make_genesis(pharmacy, cab="A", ep=1, hal="real", iat=1, cabinet_key=key),
    }
    said = {}
    for word, line in answers.items():
        (tmp_path / "genesis.jws").write_bytes(line + b"\n")
        result = called(
            "enrol",
            "--config",
            settings,
            "--genesis",
            str(tmp_path / "genesis.jws"),
            "--pharmacy-key",
            str(tmp_path / "pharmacy.pem"),
        )
        said[word] = (result.exit_code, result.output)
    assert [code for code, _ in said.values()] == [1, 1, 1, 0]
    assert "simulated" in said["simulated"][1]
    assert "cabinet B" in said["another"][1]
    assert "epoch 1 begins" in said["epoch 1 begins"][1]


@pytest.mark.parametrize(
    ("genesis", "key", "said"),
    [
        (b"x" * 9_000, b"", "longer than 8,192 bytes"),
        (b"junk", b"junk", "no public key in PEM form"),
    ],
)
def test_enrol_refuses_files_that_are_no_answer(
    settings: str, tmp_path: Path, genesis: bytes, key: bytes, said: str
) -> None:
    (tmp_path / "g").write_bytes(genesis)
    (tmp_path / "k").write_bytes(key)
    options = ("--genesis", str(tmp_path / "g"), "--pharmacy-key", str(tmp_path / "k"))
    result = called("enrol", "--config", settings, *options)
    assert (result.exit_code, said in result.output) == (1, True)
    assert called("enrol", "--config", settings, *options[:2]).exit_code == 1


def test_keys_others_can_read_or_that_are_damaged_are_refused(tmp_path: Path) -> None:
    folder, pepper = tmp_path / "keys", tmp_path / "keys" / "pepper"
    made = make_keys(folder, pepper, Ids())
    assert make_keys(folder, pepper, Ids()).pepper == made.pepper
    (folder / "sign.key").chmod(0o640)
    with pytest.raises(KeysError, match="can be read by other users"):
        load_keys(folder, pepper)
    (folder / "sign.key").chmod(0o600)
    (folder / "unseal.key").write_bytes(b"short")
    with pytest.raises(KeysError, match="is damaged"):
        load_keys(folder, pepper)
    pepper.unlink()
    with pytest.raises(KeysError, match="None was made"):
        make_keys(folder, pepper, Ids())


def test_a_fingerprint_is_eight_words_that_can_be_read_aloud_and_differs_by_key() -> None:
    said = set()
    for _ in range(20):
        keys = CabinetKeys.draw(Ids())
        words = fingerprint(keys.sign.public_key(), keys.unseal.public_key())
        assert [len(word) for word in words.split()] == [5] * 8
        assert words.replace(" ", "").isalpha()
        said.add(words)
    assert len(said) == 20


def test_F10_why_a_run_began_is_read_from_what_the_last_one_left(tmp_path: Path) -> None:
    marker, boot = tmp_path / "running", tmp_path / "boot_id"
    boot.write_text("one\n")
    reasons = [why_started(marker, boot), why_started(marker, boot)]
    boot.write_text("two\n")
    reasons.append(why_started(marker, boot))
    marker.unlink()
    reasons.append(why_started(marker, boot))
    assert reasons == ["start", "restart", "power", "start"]


def test_the_sync_command_refuses_plain_http_to_another_machine(tmp_path: Path) -> None:
    path = tmp_path / "sync.toml"
    path.write_text('cabinet = "A"\npharmacy_url = "http://pharmacy.example"\n')
    result = called("sync", "--config", str(path))
    assert result.exit_code == 1
    assert "use https://" in result.output


def test_the_command_can_be_started_as_a_module() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "cabinet", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        env={key: value for key, value in os.environ.items() if key != "GPIOZERO_PIN_FACTORY"},
        check=False,
    )
    assert (answer.returncode, "enrol" in answer.stdout) == (0, True)
