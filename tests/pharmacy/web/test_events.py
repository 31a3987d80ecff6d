"""Live updates: a change reaches a watching page within a second, and only a signed-in one."""

import asyncio
import time

import pytest
from starlette.requests import Request

from pharmacy.web.events import Events
from pharmacy.web.site import COOKIE


def request(token: str, topics: str = "stock") -> Request:
    scope = {
        "type": "http", "method": "GET", "path": "/live", "scheme": "http", "server": ("p", 80),
        "query_string": f"topics={topics}".encode(),
        "headers": [(b"cookie", f"{COOKIE}={token}".encode())],
    }  # fmt: skip
    return Request(scope)


async def until(stream, wanted: bytes, within_s: float = 10) -> float:
    """Read events until one begins with `wanted`; returns how long it took."""
    began = time.monotonic()
    async with asyncio.timeout(within_s):
        async for chunk in stream:
            if chunk.startswith(wanted):
                return time.monotonic() - began
    raise AssertionError(f"the stream ended before {wanted!r}")


def test_a_removal_reaches_a_watching_page_within_a_second(pharmacy, browser, ward):
    token = browser.client.cookies["adc_session"]

    async def watch() -> float:
        response = await Events(pharmacy.services).stream(request(token))
        stream = response.body_iterator
        await until(stream, b"event: watching")
        removing = asyncio.create_task(asyncio.to_thread(ward.remove, 2))
        took_s = await until(stream, b"event: changed\ndata: stock")
        await removing
        await stream.aclose()
        return took_s

    took_s = asyncio.run(watch())
    assert took_s < 1.0
    assert "38 tablets" in browser.get("/stock")
    assert pharmacy.live.watchers == 0


def test_what_a_page_did_not_ask_for_does_not_wake_it(pharmacy, browser, ward):
    token = browser.client.cookies["adc_session"]

    async def watch() -> None:
        response = await Events(pharmacy.services).stream(request(token, "users,nothing,dn:A"))
        stream = response.body_iterator
        await until(stream, b"event: watching")
        await asyncio.to_thread(ward.remove, 1)
        await asyncio.to_thread(
            pharmacy.services.put_user, "new", name="N", role="viewer", password="x" * 12
        )
        await until(stream, b"event: changed\ndata: users\n")
        await stream.aclose()

    asyncio.run(watch())


@pytest.mark.usefixtures("ward")
def test_nobody_watches_without_a_session(pharmacy):
    async def ask() -> int:
        return (await Events(pharmacy.services).stream(request("made-up"))).status_code

    assert asyncio.run(ask()) == 401


@pytest.mark.usefixtures("ward")
def test_T20_the_stream_ends_with_the_session(pharmacy, browser, clock, monkeypatch):
    monkeypatch.setattr("pharmacy.web.events.BEAT_S", 0.05)
    token = browser.client.cookies["adc_session"]

    async def watch() -> list[bytes]:
        response = await Events(pharmacy.services).stream(request(token))
        stream = response.body_iterator
        await until(stream, b"event: watching")
        await until(stream, b": still here")
        clock.advance(3700)
        await until(stream, b"event: over")
        return [chunk async for chunk in stream]

    assert asyncio.run(watch()) == []
    assert pharmacy.live.watchers == 0


@pytest.mark.usefixtures("ward")
def test_more_pages_than_can_be_served_are_told_so(pharmacy, browser, monkeypatch):
    monkeypatch.setattr("pharmacy.live.WATCHERS_MAX", 0)
    token = browser.client.cookies["adc_session"]

    async def watch() -> None:
        response = await Events(pharmacy.services).stream(request(token))
        await until(response.body_iterator, b"event: full")

    asyncio.run(watch())
