"""A disk that remembers every write and sync, so that the power can be cut at each of them.

`Recorder` is an SQLite VFS over the real one. It writes through, and keeps the list of what was
done to which file in which order. `image` then rebuilds what an honest disk may hold after a power
cut behind operation n:

- everything before a file's last sync is there;
- what came after it may be there or not: `none`, `all`, `prefix` (in order, up to a point), `some`
  (any subset: a disk may reorder), `torn` (a subset, and the last write only in part, by sectors).

Creating, deleting and truncating a file are taken as durable at once, which is what ext4 with
journalled metadata gives. A lying disk is not modelled here: nothing in one file can notice it.

`Failing` is a VFS whose n-th write or sync fails, once or from then on.
"""

import random
from pathlib import Path
from typing import Literal, TypeAlias

import apsw
import msgspec

SECTOR = 512
Mode: TypeAlias = Literal["none", "all", "prefix", "some", "torn"]
MODES: tuple[Mode, ...] = ("none", "all", "prefix", "some", "torn")


class Op(msgspec.Struct, frozen=True):
    """One thing done to one file; `acked` is how many turns had been confirmed before it."""

    kind: Literal["write", "truncate", "sync", "delete"]
    name: str
    offset: int
    data: bytes
    acked: int


class Recorder(apsw.VFS):
    """Writes through and remembers. `acked` is set by the test after each confirmed turn."""

    def __init__(self, vfs_name: str) -> None:
        self.vfs_name = vfs_name
        self.ops: list[Op] = []
        self.acked = 0
        super().__init__(vfs_name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "RecordedFile":
        return RecordedFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.note("delete", Path(filename).name, 0, b"")
        super().xDelete(filename, syncdir)

    def note(
        self,
        kind: Literal["write", "truncate", "sync", "delete"],
        name: str,
        offset: int,
        data: bytes,
    ) -> None:
        """Remember one operation."""
        self.ops.append(Op(kind, name, offset, data, self.acked))


class RecordedFile(apsw.VFSFile):
    """A file whose writes, truncations and syncs are remembered."""

    def __init__(
        self, recorder: Recorder, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        self._name = Path(path).name
        self._recorder = recorder

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._recorder.note("write", self._name, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self._recorder.note("truncate", self._name, newsize, b"")

    def xSync(self, _flags: int) -> None:
        # Nothing is really synced: the image is what counts, and the test must be quick.
        self._recorder.note("sync", self._name, 0, b"")


class Quiet(apsw.VFS):
    """The real disk without waiting for it, to look at images with."""

    def __init__(self, vfs_name: str) -> None:
        self.vfs_name = vfs_name
        super().__init__(vfs_name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return QuietFile("", name, flags)


class QuietFile(apsw.VFSFile):
    """Syncs nothing."""

    def xSync(self, _flags: int) -> None:
        return


def image(ops: list[Op], cut: int, mode: Mode, dice: random.Random) -> dict[str, bytes]:
    """What the files hold when the power is cut behind the first `cut` operations."""
    files: dict[str, bytearray] = {}
    waiting: dict[str, list[Op]] = {}
    for op in ops[:cut]:
        if op.kind == "sync":
            for write in waiting.pop(op.name, []):
                _apply(files, write)
        elif op.kind == "delete":
            files.pop(op.name, None)
            waiting.pop(op.name, None)
        elif op.kind == "truncate":
            for write in waiting.pop(op.name, []):
                _apply(files, write)
            _apply(files, op)
        else:
            files.setdefault(op.name, bytearray())
            waiting.setdefault(op.name, []).append(op)
    for writes in waiting.values():
        for write in _survivors(writes, mode, dice):
            _apply(files, write)
    return {name: bytes(data) for name, data in files.items()}


def _survivors(writes: list[Op], mode: Mode, dice: random.Random) -> list[Op]:
    if mode == "none":
        return []
    if mode == "all":
        return writes
    if mode == "prefix":
        return writes[: dice.randint(0, len(writes))]
    kept = [write for write in writes if dice.random() < 0.5]
    if mode == "torn" and kept:
        last = kept[-1]
        sectors = dice.randint(0, len(last.data) // SECTOR)
        kept[-1] = msgspec.structs.replace(last, data=last.data[: sectors * SECTOR])
    return kept


def _apply(files: dict[str, bytearray], op: Op) -> None:
    data = files.setdefault(op.name, bytearray())
    if op.kind == "truncate":
        del data[op.offset :]
        return
    if len(data) < op.offset:
        data.extend(bytes(op.offset - len(data)))
    data[op.offset : op.offset + len(op.data)] = op.data


class Failing(apsw.VFS):
    """Counts writes and syncs; from `fails_at` on the chosen ones fail, once or for good."""

    def __init__(self, vfs_name: str) -> None:
        self.vfs_name = vfs_name
        self.count = 0
        self.fails_at = 0
        self.sticky = False
        self.error: type[apsw.Error] = apsw.IOError
        super().__init__(vfs_name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "FailingFile":
        return FailingFile(self, name, flags)

    def step(self) -> None:
        """One write or sync is asked for."""
        self.count += 1
        due = self.count >= self.fails_at if self.sticky else self.count == self.fails_at
        if self.fails_at and due:
            raise self.error("the test's disk fails here")


class FailingFile(apsw.VFSFile):
    """A file on a failing disk; reading always works."""

    def __init__(
        self, disk: Failing, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        super().__init__("", name, flags)
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.step()
        super().xWrite(data, offset)

    def xSync(self, _flags: int) -> None:
        self._disk.step()
