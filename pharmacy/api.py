"""The cabinets' door over HTTP (WIRE 1): `/v1/cabinets/{id}/up` and `/v1/cabinets/{id}/dn`.

The transport carries no trust: what counts is signed. Still the door is narrow. A body is read only
as far as 512 KiB; over TLS a cabinet shows a certificate with its own id as common name, because
directives hold patients' names; every refusal is one JSON object with a code from a closed set and
a sentence, and nothing a caller sends can end the process.
"""

import asyncio
import re
from collections.abc import Sequence

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cabinet.wire.file import BATCH_BYTES_MAX, read_batch
from pharmacy.ledger.up import Accepted, BatchError
from pharmacy.live import TooManyWatchersError
from pharmacy.services import Services
from pharmacy.services.cabinets import take_up

WAIT_S_MAX = 55
"""A question for directives waits at most so long for an answer; proxies cut at 60 s."""
BODY_SECONDS_MAX = 60
LINES = "text/plain; charset=us-ascii"

_SEQ = re.compile(r"(0|[1-9][0-9]{0,15})\Z")
_STATUS = {"cabinet": 404}

_log = structlog.get_logger("pharmacy.api")


class Problem(msgspec.Struct, frozen=True):
    """What a refusal looks like: `error` for programs, `sentence` for people."""

    error: str
    sentence: str


class _RefusedError(Exception):
    def __init__(self, status: int, error: str, sentence: str) -> None:
        super().__init__(sentence)
        self.response = problem(status, error, sentence)


def routes(services: Services, *, client_certificates: bool = False) -> Sequence[BaseRoute]:
    """Return the routes of the cabinets' door.

    Args:
        services: what stands behind it.
        client_certificates: whether a caller must show a certificate (everywhere but on loopback).
    """
    door = _Door(services, client_certificates=client_certificates)
    return [
        Route("/v1/cabinets/{cab}/up", door.up, methods=["POST"]),
        Route("/v1/cabinets/{cab}/dn", door.dn, methods=["GET"]),
        Route("/v1/alive", door.alive, methods=["GET"]),
    ]


def problem(status: int, error: str, sentence: str) -> Response:
    """Return a refusal."""
    body = msgspec.json.encode(Problem(error, sentence))
    return Response(body, status, media_type="application/json")


class _Door:
    def __init__(self, services: Services, *, client_certificates: bool) -> None:
        self._services = services
        self._client_certificates = client_certificates

    async def up(self, request: Request) -> Response:
        """Take a batch of lines and answer the receipt."""
        try:
            cab = self._cabinet(request)
            nonce = _nonce(request)
            data = await _body(request)
            accepted, head = await asyncio.to_thread(
                take_up, self._services.office, cab, data, nonce
            )
        except _RefusedError as error:
            return error.response
        except BatchError as error:
            return _refused(error)
        return Response(head + b"\n", media_type=LINES, headers=_told(accepted))

    async def dn(self, request: Request) -> Response:
        """Answer directives after `from`, waiting up to `wait` seconds for one."""
        try:
            cab = self._cabinet(request)
            after = _number(request, "from", 0)
            wait_s = min(_number(request, "wait", 0), WAIT_S_MAX)
            nonce = _nonce(request)
            batch = await self._batch(cab, after, nonce)
            if wait_s and not read_batch(batch).lines:
                batch = await self._waited(cab, after, nonce, wait_s)
        except _RefusedError as error:
            return error.response
        except BatchError as error:
            return _refused(error)
        return Response(batch, media_type=LINES)

    async def alive(self, _request: Request) -> Response:
        """Say that this process answers; says nothing about anybody."""
        return Response(b'{"alive":true}', media_type="application/json")

    async def _batch(self, cab: str, after: int, nonce: str | None) -> bytes:
        return await asyncio.to_thread(self._services.dn_after, cab, after, nonce)

    async def _waited(self, cab: str, after: int, nonce: str | None, wait_s: int) -> bytes:
        """Wait for a directive; the head is signed when the answer goes out, not before."""
        live = self._services.office.live
        try:
            watch = live.watch({f"dn:{cab}"}, timeout_s=wait_s)
            try:
                first = True
                async for changed in watch:
                    batch = await self._batch(cab, after, nonce)
                    if read_batch(batch).lines or not (first or changed):
                        return batch
                    first = False
            finally:
                await watch.aclose()
        except TooManyWatchersError:
            _log.warning("too many long polls", watchers=live.watchers)
        return await self._batch(cab, after, nonce)

    def _cabinet(self, request: Request) -> str:
        cab = str(request.path_params["cab"])
        if not self._client_certificates:
            return cab
        shown = request.scope.get("state", {}).get("client_name")
        if shown != cab:
            raise _RefusedError(
                403,
                "certificate",
                "This door opens only for the cabinet's own client certificate. Nothing was kept. "
                "Check which certificate the cabinet's sync was given.",
            )
        return cab


async def _body(request: Request) -> bytes:
    """Read a body as far as the wire allows."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for chunk in request.stream():
                size += len(chunk)
                if size > BATCH_BYTES_MAX:
                    raise _RefusedError(
                        413,
                        "batch",
                        "The batch is longer than 524,288 bytes. Nothing of it was kept. Send "
                        "fewer lines at once.",
                    )
                chunks.append(chunk)
    except TimeoutError:
        raise _RefusedError(
            408, "slow", "The batch did not arrive in time. Nothing was kept. Send it again."
        ) from None
    except ClientDisconnect:
        raise _RefusedError(400, "batch", "The batch was cut off. Nothing was kept.") from None
    return b"".join(chunks)


def _nonce(request: Request) -> str | None:
    return request.query_params.get("nonce") or None


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if _SEQ.fullmatch(text) is None:
        raise _RefusedError(
            400, name, f"`{name}` is a whole number from 0. Nothing was kept. Ask again."
        )
    return int(text)


def _refused(error: BatchError) -> Response:
    return problem(_STATUS.get(error.code, 422), error.code, error.sentence)


def _told(accepted: Accepted) -> dict[str, str]:
    """Say beside the receipt why a batch ended early; the head alone is what counts."""
    told: dict[str, str] = {}
    if accepted.need is not None:
        told["adc-need"] = str(accepted.need)
    if accepted.stopped is not None:
        told["adc-refused"] = accepted.stopped.code
    if accepted.forks:
        told["adc-fork"] = str(len(accepted.forks))
    return told
