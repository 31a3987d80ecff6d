"""The oracle: what must be true whatever the product believes.

It compares the ground truth of the world with the journals and the pharmacy, and it checks the logs
as a stranger would. It shares no code with the product: base64, JSON, hashes, signatures, the chain
and the book of a pocket are read here again from the published description (WIRE 1, RULES 8), in
the plainest way, so that one mistake cannot hide in both.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

GENESIS_TYPE = "adc-genesis+jws"
LINE_TYPES = {"up": "adc-event+jws", "dn": "adc-directive+jws"}
LINE_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of either log, read with nothing but base64 and JSON.

    Attributes:
        raw: the compact JWS, without its line end.
        body: the body's JSON, None where it is forgotten.
    """

    log: str
    ep: int
    seq: int
    type: str
    raw: str
    wall: int | None
    body: dict[str, Any] | None

    def short(self) -> str:
        """For a person to read."""
        body = "forgotten" if self.body is None else json.dumps(self.body, separators=(", ", ": "))
        return f"{self.log} {self.seq} {self.type} {body[:300]}"


@dataclass(frozen=True, slots=True)
class Export:
    """What `--artifacts` leaves of one cabinet's logs, as files a stranger can check.

    Attributes:
        up, dn: lines, the genesis line first.
        bodies: body records, `~digest.salt.data`.
        cabinet_pem, pharmacy_pem: public keys.
    """

    up: tuple[str, ...]
    dn: tuple[str, ...]
    bodies: tuple[str, ...]
    cabinet_pem: bytes
    pharmacy_pem: bytes


def unbase64(text: str) -> bytes:
    """base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base64url(data: bytes) -> str:
    """The same, the other way."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# --- reading a journal ------------------------------------------------------------------


def read_lines(journal: Path, log: str | None = None) -> tuple[LogLine, ...]:
    """Every line of a journal's file, `up` then `dn`, each in order."""
    db = apsw.Connection(str(journal), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        lines: list[LogLine] = []
        for one in ("up", "dn") if log is None else (log,):
            rows = db.execute(
                f"SELECT l.raw, b.data FROM {one}_line l LEFT JOIN {one}_body b ON b.id = l.id"  # noqa: S608 - two fixed names
                " ORDER BY l.id"
            )
            for raw, data in rows:
                lines.append(_line(bytes(raw).decode("ascii"), data))
        return tuple(lines)
    finally:
        db.close()


def _line(raw: str, data: Any) -> LogLine:
    payload = json.loads(unbase64(raw.split(".")[1]))
    body = None if data is None else json.loads(bytes(data))
    return LogLine(
        log=payload["log"],
        ep=payload["ep"],
        seq=payload["seq"],
        type=payload["type"],
        raw=raw,
        wall=payload.get("wall"),
        body=body,
    )


def read_export(journal: Path, cabinet_pem: bytes, pharmacy_pem: bytes) -> Export:
    """Both logs and their bodies out of a journal's file."""
    db = apsw.Connection(str(journal), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        genesis = [bytes(raw).decode() for (raw,) in db.execute("SELECT raw FROM genesis")]
        bodies: dict[str, None] = {}
        for log in ("up", "dn"):
            for salt, data in db.execute(f"SELECT salt, data FROM {log}_body ORDER BY id"):  # noqa: S608 - two fixed names
                salt_bytes, data_bytes = bytes(salt), bytes(data)
                digest = base64url(hashlib.sha256(salt_bytes + data_bytes).digest())
                bodies[f"~{digest}.{base64url(salt_bytes)}.{base64url(data_bytes)}"] = None
    finally:
        db.close()
    lines = read_lines(journal)
    return Export(
        up=tuple(genesis[:1]) + tuple(line.raw for line in lines if line.log == "up"),
        dn=tuple(genesis[:1]) + tuple(line.raw for line in lines if line.log == "dn"),
        bodies=tuple(bodies),
        cabinet_pem=cabinet_pem,
        pharmacy_pem=pharmacy_pem,
    )


def intent_is_durable(journal: Path, intent: int, drawer: int) -> bool:
    """Whether a committed `release.intent` with this number for this drawer is in the file now."""
    db = apsw.Connection(str(journal), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = db.execute(
            "SELECT l.raw, b.data FROM up_line l JOIN up_body b ON b.id = l.id"
            " WHERE l.type = 'release.intent' AND l.id & ((1 << 40) - 1) = ?",
            (intent,),
        )
        return any(json.loads(bytes(data))["drawer"] == drawer for _, data in rows)
    finally:
        db.close()


# --- checks -----------------------------------------------------------------------------


def verify_logs(export: Export) -> list[str]:
    """What is wrong with both logs: signatures, chain, numbers, digests. Empty: nothing."""
    digests = {record[1:].split(".")[0] for record in export.bodies}
    wrong = [
        f"body {record[:12]} is not what its name says"
        for record in export.bodies
        if not _body_holds(record)
    ]
    cabinet = _public(export.cabinet_pem)
    pharmacy = _public(export.pharmacy_pem)
    wrong += _verify_log("up", export.up, cabinet, pharmacy)
    wrong += _verify_log("dn", export.dn, pharmacy, pharmacy)
    named = {_payload(raw).get("body") for raw in (*export.up[1:], *export.dn[1:])}
    strangers = digests - {name for name in named if isinstance(name, str)}
    return wrong + [f"body {digest[:12]} belongs to no line" for digest in sorted(strangers)]


def _verify_log(
    log: str, lines: Sequence[str], key: Ed25519PublicKey, genesis_key: Ed25519PublicKey
) -> list[str]:
    if not lines:
        return [f"{log}: there is no genesis line"]
    wrong = []
    prev = _hash(lines[0])
    if not _signed(lines[0], genesis_key, GENESIS_TYPE):
        wrong.append(f"{log}: the genesis line is not signed by the pharmacy")
    for number, raw in enumerate(lines[1:], 1):
        payload = _payload(raw)
        if len(raw) + 1 > LINE_BYTES_MAX:
            wrong.append(f"{log} {number}: longer than {LINE_BYTES_MAX} bytes")
        if not _signed(raw, key, LINE_TYPES[log]):
            wrong.append(f"{log} {number}: the signature does not hold")
        if payload.get("seq") != number or payload.get("log") != log:
            wrong.append(f"{log} {number}: says it is {payload.get('log')} {payload.get('seq')}")
        if payload.get("prev") != prev:
            wrong.append(f"{log} {number}: does not follow the line before it")
        prev = _hash(raw)
    return wrong


def _payload(raw: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(unbase64(raw.split(".")[1]))
    return payload


def _hash(raw: str) -> str:
    return base64url(hashlib.sha256(raw.rsplit(".", 1)[0].encode()).digest())


def _signed(raw: str, key: Ed25519PublicKey, typ: str) -> bool:
    parts = raw.split(".")
    if len(parts) != 3:
        return False
    kid = _thumbprint(key)
    if unbase64(parts[0]).decode() != f'{{"alg":"EdDSA","kid":"{kid}","typ":"{typ}"}}':
        return False
    try:
        key.verify(unbase64(parts[2]), f"{parts[0]}.{parts[1]}".encode())
    except InvalidSignature:
        return False
    return True


def _thumbprint(key: Ed25519PublicKey) -> str:
    jwk = f'{{"crv":"Ed25519","kty":"OKP","x":"{base64url(key.public_bytes_raw())}"}}'
    return base64url(hashlib.sha256(jwk.encode()).digest())


def _public(pem: bytes) -> Ed25519PublicKey:
    key = load_pem_public_key(pem)
    assert isinstance(key, Ed25519PublicKey)
    return key


def _body_holds(record: str) -> bool:
    digest, salt, data = record[1:].split(".")
    return digest == base64url(hashlib.sha256(unbase64(salt) + unbase64(data)).digest())


def leases_without_intent(
    lines: Iterable[LogLine], witnessed: Sequence[tuple[Any, bool]]
) -> list[str]:
    """Leases whose intent was not in the file when they came, or that name no such intent."""
    intents = {line.seq: line.body for line in lines if line.type == "release.intent" and line.body}
    wrong = []
    for lease, durable in witnessed:
        intent = intents.get(lease.intent)
        if not durable or intent is None or intent["drawer"] != lease.drawer:
            wrong.append(f"drawer {lease.drawer}, intent {lease.intent}")
        elif lease.milliseconds > intent.get("lease_ms", 5000):
            wrong.append(f"drawer {lease.drawer}: {lease.milliseconds} ms is more than intended")
    return wrong


def books(lines: Iterable[LogLine]) -> dict[str, int]:
    """Book of each pocket: openings, less removals, plus differences between hand and book.

    `dn` lines count only as far as a `directives.applied` line says so, and the opening of a pocket
    counts once.
    """
    book: Counter[str] = Counter()
    lines = [line for line in lines if line.body is not None]
    applied = [line.body["to"] for line in lines if line.type == "directives.applied" and line.body]
    to = max((tuple(one) for one in applied), default=(0, 0))
    opened: set[str] = set()
    for line in lines:
        body = line.body or {}
        if line.type == "pocket" and (line.ep, line.seq) <= to and body.get("opening"):
            if body["pocket"] not in opened:
                book[body["pocket"]] += sum(one["quantity"] for one in body["opening"])
            opened.add(body["pocket"])
        elif line.type == "removal.recorded":
            book[body["pocket"]] -= body["quantity"]
        elif line.type == "discrepancy.opened":
            book[body["pocket"]] += body["quantity"]
    return {pocket: book[pocket] for pocket in sorted(opened | set(book))}


def field_says(body: dict[str, Any] | None, field: str, values: tuple[str, ...]) -> bool:
    """Whether a field of a body says one of these, as words, number, or one of a list."""
    if body is None or field not in body:
        return False
    found = body[field]
    said = found if isinstance(found, list) else [found]
    return any(_said(one).casefold() in {value.casefold() for value in values} for one in said)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
