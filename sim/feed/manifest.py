"""Third-party messages in the demo: shifted in time, re-addressed, and otherwise as found.

The messages are read from a folder the person names; none of them is part of this project. A
manifest lists, message by message and field by field, what is changed and why. Whoever wants to
know what the demo proves on real messages reads that list.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.feed.messages import STARTED_S
from sim.feed.ward import HERE, read, stamp

MANIFEST_FILE = HERE / "manifest.toml"
FOLDER = "hl7v2"
"""The folder of HL7 version 2 messages inside the corpora."""


class ManifestError(Exception):
    """The manifest and a message do not fit; the text is a sentence."""


class CorpusMessages:
    """Third-party messages, changed as the manifest says.

    Args:
        corpora: the folder that holds `hl7v2`.
        opened_s: when the demo opened.
        say: told, in a sentence, of each file that is missing.
        path: the manifest.
    """

    every_s = 0

    def __init__(
        self,
        corpora: Path,
        opened_s: int,
        say: Callable[[str], None],
        path: Path = MANIFEST_FILE,
    ) -> None:
        self.opened_s = opened_s
        self._folder = corpora / FOLDER
        self._data = read(path)
        self._patients: dict[str, Mapping[str, str]] = {
            patient["key"]: patient for patient in self._data["patient"]
        }
        self._say = say
        self._sent = 0

    def admissions(self, now_s: int) -> Iterator[bytes]:
        """The ADT messages of the manifest."""
        return self._those(now_s, adt=True)

    def orders(self, now_s: int) -> Iterator[bytes]:
        """The pharmacy orders of the manifest."""
        return self._those(now_s, adt=False)

    def heartbeat(self, now_s: int) -> bytes:
        """No third party's heartbeat was found: ours says that the sender is alive."""
        self._sent += 1
        return (
            f"MSH|^~\\&|CORPORA|DEMO|OPEN-DRUG-CABINET|PHARMACY|{stamp(now_s)}||NMD^N02^NMD_N02|"
            f"C{now_s}-{self._sent}|T|2.5\rNCK|{stamp(now_s)}\r"
        ).encode("ascii")

    def _those(self, now_s: int, *, adt: bool) -> Iterator[bytes]:
        for item in self._data["message"]:
            if Path(item["file"]).name.startswith("ADT") is not adt:
                continue
            place = self._folder / item["file"]
            if not place.is_file():
                self._say(f"{item['file']} is not in {self._folder}; this message is skipped.")
                continue
            yield self._changed(place.read_bytes(), item, now_s)

    def _changed(self, raw: bytes, item: Mapping[str, Any], now_s: int) -> bytes:
        self._sent += 1
        values = {
            "now": stamp(now_s),
            "start": stamp(self.opened_s - STARTED_S),
            "control": f"C{now_s}-{self._sent}",
            "ward": self._data["ward"],
            **self._patients[item["patient"]],
        }
        for change in item["changes"]:
            put = str(change["put"]).format_map(values).encode("ascii")
            raw = put_field(raw, change["segment"], change["field"], put)
        return raw


def put_field(raw: bytes, segment: str, field: int, value: bytes) -> bytes:
    """Put `value` into one field of the first such segment; every other byte stays.

    Raises:
        ManifestError: the message has no such segment.
    """
    start = _segment_start(raw, segment)
    end = start
    while end < len(raw) and raw[end] not in b"\r\n":
        end += 1
    fields = raw[start:end].split(b"|")
    index = field - 1 if segment == "MSH" else field
    fields += [b""] * (index + 1 - len(fields))
    fields[index] = value
    return raw[:start] + b"|".join(fields) + raw[end:]


def _segment_start(raw: bytes, segment: str) -> int:
    name = segment.encode("ascii") + b"|"
    at = raw.find(name)
    while at > 0 and raw[at - 1] not in b"\r\n\xbf":  # \xbf ends a byte order mark
        at = raw.find(name, at + 1)
    if at < 0:
        raise ManifestError(f"The message has no segment {segment}, which the manifest changes.")
    return at
