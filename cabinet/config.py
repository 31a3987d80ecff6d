"""The settings of one cabinet: one file, read once, wrong values named with their key.

`cabinet.toml` belongs to the controller, `sync.toml` to the sync process, which runs as another
user and must not see the first. Both are small. A limit carries its unit in its name. What would
be dangerous to set is not a setting: a lease's ceiling, a PIN check's floor, the bounds of queues
stand in code.

Clinical choices are not here either: they come signed from the pharmacy (`setting` lines), so that
a technician with a text editor cannot change a rule.
"""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from cabinet.scan import ScanRules
from hal.config import HardwareConfig

FILE_BYTES_MAX = 65_536
"""The largest settings file that is read."""

AbsolutePath = Annotated[
    str, msgspec.Meta(min_length=2, max_length=200, pattern="^/[^\\x00\\r\\n]+$")
]
CabinetName = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9._-]{1,64}$")]


class ConfigError(Exception):
    """A settings file that cannot be used; the message names file, key and what is allowed."""


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every table: an unknown key is an error, not a silence."""


class CabinetTable(_Table, frozen=True, kw_only=True):
    """Who this cabinet is and where it keeps what it must not lose.

    Attributes:
        id: its name at the pharmacy; genesis says the same.
        data_dir: the journal and the keys; only the cabinet's user may read it.
        socket_path: the Unix socket where the sync process asks.
        pepper_file: 32 bytes bound to this device, on other storage than the card if there is
            any; empty: beside the keys.
    """

    id: CabinetName
    data_dir: AbsolutePath = "/var/lib/cabinet"
    socket_path: AbsolutePath = "/run/cabinet/sync.sock"
    pepper_file: str = ""


class ScanTable(_Table, frozen=True, kw_only=True):
    """What barcodes of this hospital look like; everything else is the same everywhere.

    Attributes:
        house_pattern: regular expression of in-house pack codes; empty: there are none.
        mrn_pattern: regular expression of a plain hospital number; empty: only inside (91).
        ods_code: the hospital's code, which (91) of a wristband begins with; empty: it does not.
        gsrn_prefix: company prefix of the hospital's wristbands; empty: any.
    """

    house_pattern: Annotated[str, msgspec.Meta(max_length=100)] = "[0-9]{7}"
    mrn_pattern: Annotated[str, msgspec.Meta(max_length=100)] = ""
    ods_code: Annotated[str, msgspec.Meta(pattern="^[A-Z0-9]{0,6}$")] = ""
    gsrn_prefix: Annotated[str, msgspec.Meta(pattern="^([0-9]{7})?$")] = ""

    def rules(self) -> ScanRules:
        """The grammar's rules on a real cabinet: no barcode is a badge."""
        return ScanRules(
            badge_prefix="",
            house_pattern=self.house_pattern,
            mrn_pattern=self.mrn_pattern,
            ods_code=self.ods_code,
            gsrn_prefix=self.gsrn_prefix,
        )


class CabinetConfig(_Table, frozen=True, kw_only=True):
    """`cabinet.toml`: everything the controller is told.

    Attributes:
        cabinet: who this cabinet is.
        hardware: what is wired to it.
        scans: what barcodes look like here.
    """

    cabinet: CabinetTable
    hardware: HardwareConfig
    scans: ScanTable = ScanTable()

    @property
    def data_dir(self) -> Path:
        """Where journal and keys are."""
        return Path(self.cabinet.data_dir)

    @property
    def pepper_path(self) -> Path:
        """Where the pepper is."""
        chosen = self.cabinet.pepper_file
        return Path(chosen) if chosen else self.data_dir / "keys" / "pepper"


class SyncConfig(_Table, frozen=True, kw_only=True):
    """`sync.toml`: everything the sync process is told.

    Attributes:
        cabinet: the cabinet's name, for the address only; the signed lines say who it is.
        pharmacy_url: `https://...`; plain `http://` on loopback only.
        socket_path: the controller's Unix socket.
        client_cert_file: this cabinet's TLS certificate (PEM).
        client_key_file: its key (PEM).
        server_ca_file: who may vouch for the pharmacy (PEM); empty: the system's authorities.
        timeout_s: how long one answer may take.
        long_poll_s: how long the pharmacy may wait for news before it answers.
        retry_max_s: longest pause between two tries when the pharmacy is away.
    """

    cabinet: CabinetName
    pharmacy_url: Annotated[str, msgspec.Meta(max_length=300, pattern="^https?://[^\\s]+$")]
    socket_path: AbsolutePath = "/run/cabinet/sync.sock"
    client_cert_file: str = ""
    client_key_file: str = ""
    server_ca_file: str = ""
    timeout_s: Annotated[int, msgspec.Meta(ge=2, le=120)] = 40
    long_poll_s: Annotated[int, msgspec.Meta(ge=0, le=55)] = 25
    retry_max_s: Annotated[int, msgspec.Meta(ge=5, le=900)] = 120


_Config = TypeVar("_Config", CabinetConfig, SyncConfig)


def read_cabinet_config(path: Path) -> CabinetConfig:
    """Read `cabinet.toml`.

    Raises:
        ConfigError: with a sentence that names file, key and what is allowed.
    """
    config = _read(path, CabinetConfig)
    for key in ("house_pattern", "mrn_pattern"):
        try:
            re.compile(getattr(config.scans, key))
        except re.error as error:
            raise ConfigError(f"{path}: scans.{key} is no regular expression: {error}.") from error
    if config.cabinet.pepper_file and not config.cabinet.pepper_file.startswith("/"):
        raise ConfigError(f"{path}: cabinet.pepper_file must begin with / or be empty.")
    return config


def read_sync_config(path: Path) -> SyncConfig:
    """Read `sync.toml`.

    Raises:
        ConfigError: with a sentence that names file, key and what is allowed.
    """
    config = _read(path, SyncConfig)
    if bool(config.client_cert_file) != bool(config.client_key_file):
        raise ConfigError(f"{path}: client_cert_file and client_key_file go together.")
    if config.timeout_s <= config.long_poll_s:
        raise ConfigError(
            f"{path}: timeout_s is {config.timeout_s} and must be more than long_poll_s, "
            f"which is {config.long_poll_s}."
        )
    return config


def _read(path: Path, kind: type[_Config]) -> _Config:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > FILE_BYTES_MAX:
        raise ConfigError(f"{path} is longer than {FILE_BYTES_MAX:,} bytes.")
    try:
        loaded: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start}).") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deeply.") from error
    try:
        return msgspec.convert(loaded, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        key = where.rstrip("`").lstrip(".") or "the file"
        raise ConfigError(f"{path}: {key}: {what.replace('Object', 'The table')}.") from error
