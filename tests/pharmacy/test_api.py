"""The cabinets' door over HTTP: narrow, bounded, in sentences (T10, T23)."""

import asyncio
import json

import httpx
import pytest
from sqlalchemy import select

from cabinet.wire.file import BATCH_BYTES_MAX, read_batch
from cabinet.wire.head import open_head
from cabinet.wire.line import open_line
from pharmacy.api import routes
from pharmacy.db import UpLineRow
from statemachine.ward.house import Boot

NONCE = "n" * 22


def ask(pharmacy, *requests, app=None):
    """Ask in turn; each request is (method, path, keywords)."""

    async def run():
        transport = httpx.ASGITransport(app or pharmacy.asgi, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://pharmacy") as client:
            return [await client.request(method, path, **said) for method, path, said in requests]

    answers = asyncio.run(run())
    return answers[0] if len(requests) == 1 else answers


def up(content, cab="A", query=""):
    return ("POST", f"/v1/cabinets/{cab}/up{query}", {"content": content})


def dn(query="", cab="A"):
    return ("GET", f"/v1/cabinets/{cab}/dn{query}", {})


@pytest.fixture
def cabinet(pharmacy, cabinet_of):
    return cabinet_of(pharmacy)


def test_a_batch_goes_up_and_a_receipt_with_the_nonce_comes_back(pharmacy, cabinet):
    answer = ask(pharmacy, up(cabinet.batch(Boot(reason="start")), query=f"?nonce={NONCE}"))
    head = open_head(answer.content.rstrip(b"\n"), cabinet.pharmacy_key).payload
    assert (answer.status_code, head.seq, head.head, head.nonce) == (200, 1, cabinet.prev, NONCE)


def test_directives_come_down_from_where_the_cabinet_is(pharmacy, cabinet):
    everything, rest = ask(pharmacy, dn(), dn(f"?from=2&nonce={NONCE}"))
    batch = read_batch(rest.content)
    assert [open_line(raw).payload.seq for raw in batch.lines] == [3]
    assert batch.lines == read_batch(everything.content).lines[2:]
    assert open_head(batch.head, cabinet.pharmacy_key).payload.nonce == NONCE


def test_a_gap_is_answered_with_the_seq_that_is_needed(pharmacy, cabinet):
    cabinet.line(Boot(reason="start"))
    answer = ask(pharmacy, up(cabinet.batch(Boot(reason="restart"))))
    assert (answer.status_code, answer.headers["adc-need"]) == (200, "1")


@pytest.mark.parametrize(
    ("request_", "status", "error"),
    [
        (up(b"x" * (BATCH_BYTES_MAX + 1)), 413, "batch"),
        (up(b"no line feed"), 422, "batch"),
        (up(b"a.b.c\n"), 422, "base64url"),
        (up(b"\xff\n"), 422, "parts"),
        (up(b"", cab="B"), 404, "cabinet"),
        (up(b"", cab="%00"), 404, "cabinet"),
        (up(b"", cab="A" * 4000), 404, "cabinet"),
        (up(b"", query="?nonce=short"), 422, "head"),
        (dn("?from=-1"), 400, "from"),
        (dn("?from=1e9"), 400, "from"),
        (dn("?from=99999999999999999999"), 400, "from"),
        (dn("?from=\u0661"), 400, "from"),
        (dn("?wait=x"), 400, "wait"),
        (dn("?nonce=%00"), 422, "head"),
        (dn(cab="' or 1=1"), 404, "cabinet"),
    ],
)
def test_T10_a_bad_request_is_one_sentence_and_keeps_nothing(
    pharmacy, cabinet, request_, status, error
):
    answer = ask(pharmacy, request_)
    assert answer.status_code == status, answer.text
    problem = json.loads(answer.content)
    assert problem["error"] == error
    assert problem["sentence"].endswith(".")
    assert "Traceback" not in answer.text
    with pharmacy.office.read() as session:
        assert session.scalars(select(UpLineRow)).all() == []
    assert ask(pharmacy, up(cabinet.batch(Boot(reason="start")))).status_code == 200


def test_a_long_question_is_answered_the_moment_something_is_said(pharmacy, cabinet):
    last = len(cabinet.directives())

    async def run():
        transport = httpx.ASGITransport(pharmacy.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://pharmacy") as client:
            asking = asyncio.create_task(
                client.get(f"/v1/cabinets/A/dn?from={last}&wait=50", timeout=60)
            )
            while pharmacy.live.watchers == 0:  # noqa: ASYNC110 - the door gives no event for it
                await asyncio.sleep(0)
            await asyncio.to_thread(pharmacy.services.put_setting, "early_s", 60)
            return await asyncio.wait_for(asking, 20)

    batch = read_batch(asyncio.run(run()).content)
    assert [open_line(raw).payload.type for raw in batch.lines] == ["setting"]
    assert pharmacy.live.watchers == 0


def test_a_long_question_ends_with_a_head_when_nothing_is_said(pharmacy, cabinet):
    last = len(cabinet.directives())
    answer = ask(pharmacy, dn(f"?from={last}&wait=1&nonce={NONCE}"))
    batch = read_batch(answer.content)
    assert batch.lines == ()
    assert open_head(batch.head, cabinet.pharmacy_key).payload.nonce == NONCE


def test_beyond_loopback_only_the_cabinets_own_certificate_opens_the_door(pharmacy, cabinet):
    from starlette.applications import Starlette

    inner = Starlette(routes=routes(pharmacy.services, client_certificates=True))

    def seen_as(name):
        async def app(scope, receive, send):
            await inner({**scope, "state": {"client_name": name}}, receive, send)

        return app

    batch = cabinet.batch(Boot(reason="start"))
    for name, status in ((None, 403), ("B", 403), ("A", 200)):
        assert ask(pharmacy, up(batch), app=seen_as(name)).status_code == status
        assert ask(pharmacy, dn(), app=seen_as(name)).status_code == status


def test_a_body_that_never_ends_is_cut_at_the_limit(pharmacy, cabinet):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 65_536
            yield b"a" * 65_536

    answer = ask(pharmacy, up(endless()))
    assert answer.status_code == 413
    assert sent <= BATCH_BYTES_MAX + 3 * 65_536
    del cabinet
