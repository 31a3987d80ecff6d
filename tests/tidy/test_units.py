"""The systemd units: they parse, they are hardened, and they say what the design demands."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
EXPOSURE_MAX = 25
"""Tenths: `systemd-analyze security` calls up to 2.5 well protected."""


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze; say aloud when this machine has none, and fail in CI."""
    program = shutil.which("systemd-analyze")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("systemd-analyze is missing; `make system` installs it")
        pytest.skip("systemd-analyze is not installed here")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_parses_without_a_single_complaint(unit: Path, tmp_path: Path) -> None:
    # `verify` looks the programs up, and they are not installed in /opt here: point at /bin/true.
    text = unit.read_text()
    lines = [
        "ExecStart=/bin/true" if line.startswith("ExecStart=") else line
        for line in text.splitlines()
        if not line.startswith(("Documentation=", "EnvironmentFile="))
    ]
    copy = tmp_path / unit.name
    copy.write_text("\n".join(lines) + "\n")
    for other in UNITS:
        if other.name != unit.name:
            (tmp_path / other.name).write_text("[Service]\nExecStart=/bin/true\n")
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(copy))
    ours = [line for line in done.stderr.splitlines() if unit.name in line]
    assert ours == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_is_hardened_to_the_threshold(unit: Path) -> None:
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", str(unit))
    assert done.returncode == 0, done.stdout[-2000:]


def settings(name: str) -> set[str]:
    """The lines of a unit that set something."""
    text = (ROOT / "deploy" / "systemd" / name).read_text()
    return {line for line in text.splitlines() if "=" in line and not line.startswith("#")}


def test_T10_the_controller_has_devices_and_no_network() -> None:
    unit = settings("cabinet.service")
    assert {"PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX", "User=cabinet"} <= unit
    assert "DeviceAllow=/dev/gpiochip0 rw" in unit


def test_T10_the_sync_has_the_network_and_no_devices() -> None:
    unit = settings("cabinet-sync.service")
    assert {"PrivateDevices=yes", "User=cabinet-sync", "SocketBindDeny=any"} <= unit
    assert not any(line.startswith("DeviceAllow=") for line in unit)


def test_F25_controller_and_sync_are_watched_and_come_back_by_themselves() -> None:
    for name in ("cabinet.service", "cabinet-sync.service"):
        unit = settings(name)
        assert {"Type=notify", "Restart=always"} <= unit
        assert any(line.startswith("WatchdogSec=") for line in unit)
