"""A listener with an event loop and a thread of its own, for programs without a loop."""

import asyncio
import threading
from functools import partial
from typing import Self

from pharmacy.hl7.mllp import Broken, Limits, Listener, Receive, say_nothing


class ListenerThread:
    """Starts a `Listener` in a thread; use it in a `with` statement, or `start` and `stop`."""

    def __init__(
        self,
        receive: Receive,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        broken: Broken = say_nothing,
        limits: Limits | None = None,
    ) -> None:
        self._make = partial(Listener, receive, host, port, broken=broken, limits=limits)
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._finish: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="mllp-listener", daemon=True)
        self.host, self.port = host, port

    def start(self) -> None:
        """Start and wait until it listens.

        Raises:
            OSError: the address cannot be had.
        """
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed

    def stop(self) -> None:
        """Stop and wait until every connection is closed."""
        if self._loop is not None and self._finish is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._finish.set)
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits in start()
            self._failed = error
        finally:
            self._ready.set()

    async def _live(self) -> None:
        listener = self._make()
        self._loop, self._finish = asyncio.get_running_loop(), asyncio.Event()
        await listener.start()
        self.port = listener.port
        self._ready.set()
        await self._finish.wait()
        await listener.stop()
