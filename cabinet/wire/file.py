"""Batches: lines and body records, one a row, each row with its line feed.

The same bytes travel over HTTP, over the socket to `cabinet sync`, and on a stick. A batch holds
at most 256 lines and at most 512 KiB; what does not fit goes into the next one. A head may stand as
the last line. The transport carries no trust, so only the shape is looked at here: each line is
judged by itself in `accept`, and one bad row does not hide the good rows before it.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from cabinet.wire import b64
from cabinet.wire.body import BODY_BYTES_MAX, claimed_digest
from cabinet.wire.errors import WireError
from cabinet.wire.line import LINE_BYTES_MAX

BATCH_LINES_MAX: Final = 256
BATCH_BYTES_MAX: Final = 512 * 1024


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Rows sorted by kind, in their order, unverified.

    Attributes:
        lines: lines of a log, without line feeds.
        bodies: body records by the digest each claims.
        head: the head line, if the batch ends with one.
    """

    lines: tuple[bytes, ...]
    bodies: dict[str, bytes]
    head: bytes | None = None


def read_batch(data: bytes) -> Batch:
    """Sort the rows of a batch.

    Raises:
        WireError: `batch`: too long, too many lines, a row too long, a last row cut off, a record
            twice with different content.
    """
    if len(data) > BATCH_BYTES_MAX:
        raise WireError("batch", f"The batch is {len(data)} bytes long; 524,288 are allowed.")
    if data and not data.endswith(b"\n"):
        raise WireError("batch", "The last row of the batch is cut off.")
    lines: list[bytes] = []
    bodies: dict[str, bytes] = {}
    for row in data.split(b"\n")[:-1]:
        if row.startswith(b"~"):
            _keep_body(bodies, row)
        elif len(row) >= LINE_BYTES_MAX:
            raise WireError("batch", f"A line of the batch is {len(row)} bytes long.")
        else:
            lines.append(row)
    head = lines.pop() if lines and _is_head(lines[-1]) else None
    if len(lines) > BATCH_LINES_MAX:
        raise WireError("batch", f"The batch holds {len(lines)} lines; 256 are allowed.")
    return Batch(lines=tuple(lines), bodies=bodies, head=head)


def write_batch(
    items: Iterable[tuple[bytes, bytes | None]], head: bytes | None = None
) -> tuple[bytes, int]:
    """Write as many (line, body record or None) as one batch holds.

    Returns:
        The batch, and how many lines went into it; the rest waits for the next batch.
    """
    rows: list[bytes] = []
    written: set[bytes] = set()
    room = BATCH_BYTES_MAX - (len(head) + 1 if head is not None else 0)
    count = 0
    for line, record in items:
        new = [] if record is None or record in written else [record]
        needed = len(line) + 1 + sum(len(row) + 1 for row in new)
        if count == BATCH_LINES_MAX or needed > room:
            break
        rows += [line, *new]
        written.update(new)
        room -= needed
        count += 1
    if head is not None:
        rows.append(head)
    return b"".join(row + b"\n" for row in rows), count


def _keep_body(bodies: dict[str, bytes], row: bytes) -> None:
    if len(row) > BODY_BYTES_MAX:
        raise WireError("batch", f"A body record of the batch is {len(row)} bytes long.")
    try:
        digest = claimed_digest(row)
    except WireError as error:
        raise WireError("batch", "A row of the batch is neither a line nor a body.") from error
    if bodies.setdefault(digest, row) != row:
        raise WireError("batch", "A body stands twice in the batch, with different content.")


def _is_head(row: bytes) -> bool:
    try:
        return b64.dec(row.split(b".", 1)[0].decode("ascii")).endswith(b'"typ":"adc-head+jws"}')
    except (WireError, UnicodeDecodeError):
        return False
