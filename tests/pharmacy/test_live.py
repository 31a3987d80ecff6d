"""Pages hear of a change within a second, whichever process made it."""

import asyncio

import pytest

from pharmacy import live
from pharmacy.live import TooManyWatchersError
from statemachine.ward.stock import Product


def change(pharmacy, name="paracetamol"):
    pharmacy.services.put_product(Product(product="d1", generic=name))


def test_a_page_hears_of_a_change_of_its_own_server_and_of_another(open_pharmacy):
    one, two = open_pharmacy(), open_pharmacy()

    async def run():
        heard = []
        watch = one.live.watch({"stock", "formulary"})
        try:
            assert await anext(watch) == frozenset()
            for maker, name in ((one, "a"), (two, "b")):
                started = asyncio.get_running_loop().time()
                await asyncio.to_thread(change, maker, name)
                heard.append(await asyncio.wait_for(anext(watch), 10))
                heard.append(asyncio.get_running_loop().time() - started < 5)
        finally:
            await watch.aclose()
        return heard

    both = frozenset({"stock", "formulary"})
    assert asyncio.run(run()) == [both, True, both, True]
    assert one.live.watchers == 0


def test_a_page_hears_nothing_of_what_it_does_not_show(pharmacy):
    async def run():
        watch = pharmacy.live.watch({"patients"}, timeout_s=0.2)
        try:
            await anext(watch)
            await asyncio.to_thread(change, pharmacy)
            return await asyncio.wait_for(anext(watch), 10)
        finally:
            await watch.aclose()

    assert asyncio.run(run()) == frozenset()


def test_a_change_between_two_looks_is_never_missed(pharmacy):
    async def run():
        watch = pharmacy.live.watch({"formulary"}, timeout_s=5)
        try:
            await anext(watch)
            heard = []
            for name in "abc":
                await asyncio.to_thread(change, pharmacy, name)
                heard.append(await asyncio.wait_for(anext(watch), 10))
            return heard
        finally:
            await watch.aclose()

    assert asyncio.run(run()) == [frozenset({"formulary"})] * 3


def test_I14_more_pages_than_the_server_can_serve_are_told_to_come_back(pharmacy, monkeypatch):
    monkeypatch.setattr(live, "WATCHERS_MAX", 1)

    async def run():
        first, second = (pharmacy.live.watch({"stock"}) for _ in range(2))
        try:
            await anext(first)
            with pytest.raises(TooManyWatchersError):
                await anext(second)
        finally:
            await first.aclose()
            await second.aclose()

    asyncio.run(run())
    assert pharmacy.live.watchers == 0
