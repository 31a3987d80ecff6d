"""MLLP: HL7 messages over TCP.

A frame is 0x0B, the message, 0x1C 0x0D. The listener hands each message to one plain function,
`receive(raw, source) -> bytes`, in a worker thread, and writes back what it returns. While a
message is being worked on nothing more is read from that connection: a sender that hurries is
slowed by TCP itself, and order is kept.

What can go wrong on a wire is decided once, in `framing.Deframer`, which does no I/O:

- bytes between frames are not a message; they are counted and dropped;
- a frame that grows past 1 MiB is given up to its end; so is one that is cut by a new 0x0B or by
  the end of the connection. A part of an order is never read as an order: it goes to `broken`,
  which stores and answers it;
- 0x1C ends a frame only when 0x0D follows, or when the sender falls silent right after it (some
  forget the 0x0D): a stray 0x1C inside a dose must not cut the message in two.

Nothing that a sender does ends the listener. When `receive` fails the connection is closed without
an answer, so that the sender keeps the message and sends it again.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import structlog

from pharmacy.hl7.framing import FRAME_BYTES_MAX, Deframer, Framed, frame

_log = structlog.get_logger()

Receive = Callable[[bytes, str], bytes]
Broken = Callable[[bytes, str, str], bytes]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of a listener; every one has its unit in its name."""

    connections: int = 32
    frame_bytes: int = FRAME_BYTES_MAX
    idle_s: float = 3_600.0
    partial_frame_s: float = 30.0
    missing_cr_s: float = 1.0
    write_s: float = 30.0
    stop_s: float = 10.0
    threads: int = 4


def say_nothing(data: bytes, source: str, why: str) -> bytes:
    """Answer a broken frame with silence; the sender sends again."""
    del data, source, why
    return b""


class Listener:
    """Listens for MLLP connections on one address, inside a running event loop."""

    def __init__(
        self,
        receive: Receive,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        broken: Broken = say_nothing,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._receive = receive
        self._broken = broken
        self._host, self._wanted_port = host, port
        self._limits = limits or Limits()
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._workers: ThreadPoolExecutor | None = None
        self._stopping = asyncio.Event()

    @property
    def port(self) -> int:
        """The port listened on (the one the system chose, when 0 was asked)."""
        if self._server is None:
            raise ValueError("The listener is not running; start it first.")
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address cannot be had.
        """
        self._stopping = asyncio.Event()
        self._workers = ThreadPoolExecutor(self._limits.threads, thread_name_prefix="mllp")
        try:
            self._server = await asyncio.start_server(
                self._connected, self._host, self._wanted_port, limit=65_536, ssl=self._tls
            )
        except BaseException:
            self._workers.shutdown(wait=False)
            raise
        _log.info("mllp.listening", host=self._host, port=self.port)

    async def stop(self) -> None:
        """Take no more; finish the message being worked on; close every connection."""
        self._stopping.set()
        if self._server is not None:
            self._server.close()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._limits.stop_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None
        if self._workers is not None:
            self._workers.shutdown(wait=False, cancel_futures=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._tasks) >= self._limits.connections or self._stopping.is_set():
            _log.warning("mllp.refused", connections=len(self._tasks))
            writer.transport.abort()
            return
        self._tasks.add(task)
        peer = writer.get_extra_info("peername") or ("?", 0)
        source = f"mllp:{peer[0]}"
        try:
            await self._serve(reader, writer, source)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ssl.SSLError) as error:
            _log.info("mllp.lost", source=source, error=type(error).__name__)
        except asyncio.CancelledError:
            _log.info("mllp.cancelled", source=source)
        except Exception as error:  # noqa: BLE001 - one connection's fault must not end the others
            _log.error("mllp.fault", source=source, error=type(error).__name__)
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(writer.wait_closed(), 1.0)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str
    ) -> None:
        deframer = Deframer(self._limits.frame_bytes)
        over = False
        while not over and not self._stopping.is_set():
            data = await self._read(reader, deframer)
            if data is None and self._stopping.is_set():
                break
            frames: Iterable[Framed | None]
            if data:
                frames = deframer.feed(data)
            elif data is None and deframer.awaits_cr:
                frames = (deframer.silence(),)
            else:  # silent for too long, or the other side closed
                frames = (deframer.close(),)
                over = True
            for framed in frames:
                if framed is not None and not await self._answer(framed, writer, source):
                    return
        if deframer.garbage:
            _log.info("mllp.garbage", source=source, bytes=deframer.garbage)

    async def _read(self, reader: asyncio.StreamReader, deframer: Deframer) -> bytes | None:
        """Read what there is; None after the silence that this moment allows, or when stopping."""
        limits = self._limits
        wait_s = limits.idle_s
        if deframer.awaits_cr:
            wait_s = limits.missing_cr_s
        elif deframer.inside:
            wait_s = limits.partial_frame_s
        reading = asyncio.ensure_future(reader.read(65_536))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            done, _ = await asyncio.wait(
                {reading, stopping}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            stopping.cancel()
            if not reading.done():
                reading.cancel()
        return reading.result() if reading in done else None

    async def _answer(self, framed: Framed, writer: asyncio.StreamWriter, source: str) -> bool:
        """Work on one frame and write the answer; False ends the connection."""
        loop = asyncio.get_running_loop()
        try:
            if framed.kind == "message":
                said = await loop.run_in_executor(self._workers, self._receive, framed.data, source)
            else:
                _log.warning("mllp.broken", source=source, why=framed.kind)
                said = await loop.run_in_executor(
                    self._workers, self._broken, framed.data, source, framed.kind
                )
        except Exception as error:  # noqa: BLE001 - see the head: no answer, the sender keeps it
            _log.error("mllp.receive_failed", source=source, error=type(error).__name__)
            return False
        if said:
            writer.write(frame(said))
            await asyncio.wait_for(writer.drain(), self._limits.write_s)
        return True
