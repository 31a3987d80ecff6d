"""One file of settings: every wrong value named with its file, its key and what is allowed."""

from pathlib import Path

import pytest

from cabinet.config import (
    FILE_BYTES_MAX,
    ConfigError,
    read_cabinet_config,
    read_sync_config,
)
from cabinet.settings_page import PAGE, documents

CABINET = """
[cabinet]
id = "A"
data_dir = "/var/lib/cabinet"

[hardware]
drawers = [{ drawer = 1, lock = 17, feedback = 5, reed = 6 }]

[[hardware.panels]]
keypad = { kind = "usb", device = "/dev/input/by-id/usb-pad-event-kbd" }
display = { kind = "full" }
scanner = { device = "/dev/serial/by-id/usb-scanner" }
badge = { device = "/dev/serial/by-id/usb-badge" }
"""
SYNC = """
cabinet = "A"
pharmacy_url = "https://pharmacy.example"
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "settings.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    path = written(folder, text)
    with pytest.raises(ConfigError) as refused:
        read_cabinet_config(path)
    said = str(refused.value)
    assert said.startswith(str(path))
    return said.removeprefix(str(path)).lstrip(": ")


def test_a_right_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    config = read_cabinet_config(written(tmp_path, CABINET))
    assert (config.cabinet.id, config.hardware.drawers[0].lock) == ("A", 17)
    assert config.cabinet.socket_path == "/run/cabinet/sync.sock"
    assert config.pepper_path == Path("/var/lib/cabinet/keys/pepper")
    assert config.scans.rules().badge_prefix == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('id = "A"', 'id = "A b"'), "cabinet.id: Expected `str` matching regex"),
        (("lock = 17", "lock = 99"), "hardware.drawers[0].lock: Expected `int` <= 27"),
        (("lock = 17", 'lock = "17"'), "hardware.drawers[0].lock: Expected `int`, got `str`"),
        (('kind = "full"', 'kind = "mock"'), "hardware.panels[0].display"),
        (('id = "A"', 'id = "A"\nsimulate = true'), "cabinet: The table contains unknown field"),
        (("drawers = [{ drawer = 1, lock = 17, feedback = 5, reed = 6 }]", "drawers = []"), "hard"),
        (("[cabinet]", '[scans]\nhouse_pattern = "[0-9"\n[cabinet]'), "scans.house_pattern is no"),
        (('id = "A"', 'id = "A"\npepper_file = "pepper"'), "cabinet.pepper_file must begin with /"),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_what_is_allowed(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    assert refusal(tmp_path, CABINET.replace(*change)).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the file: The table missing required field `cabinet`."),
        (b"\xff\xfe", "is not UTF-8 text (byte 0)."),
        (b"[cabinet", "is not valid TOML"),
        (b"a = " + b"[" * 5_000, "is "),
        (b"#" * (FILE_BYTES_MAX + 1), "is longer than 65,536 bytes."),
        (b"id = \x00", "is not valid TOML"),
        (b'cabinet = "A"', "cabinet: Expected"),
    ],
)
def test_a_file_that_is_no_settings_file_is_refused_in_a_sentence(
    tmp_path: Path, text: bytes, said: str
) -> None:
    assert refusal(tmp_path, text).startswith(said)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_cabinet_config(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_sync_config(tmp_path)


def test_the_sync_processs_settings_are_checked_together(tmp_path: Path) -> None:
    assert read_sync_config(written(tmp_path, SYNC)).long_poll_s == 25
    for extra, said in (
        ('client_cert_file = "/etc/cabinet/tls.pem"', "go together"),
        ("timeout_s = 20", "must be more than long_poll_s"),
        ("timeout_s = 1", "timeout_s: Expected `int` >= 2"),
        ("retry_max_s = 100000", "retry_max_s: Expected `int` <= 900"),
    ):
        with pytest.raises(ConfigError, match=said):
            read_sync_config(written(tmp_path, SYNC + extra))


def test_the_page_of_settings_is_what_the_code_says() -> None:
    root = Path(__file__).resolve().parents[3]
    for place, text in documents().items():
        assert (root / place).read_text("utf-8") == text, "run `make docs`"


def test_every_setting_has_its_meaning_on_the_page() -> None:
    text = documents()[PAGE]
    for name in ("cabinet.toml", "sync.toml", "data_dir", "long_poll_s", "debounce_ms", "ods_code"):
        assert f"`{name}`" in text
