"""The inbox: the only door from hardware threads into the turn, and it is bounded.

Readings arrive from any thread and are taken by one. Nothing is decided here but what to lose when
somebody holds a scanner's trigger for a minute or a switch chatters: the oldest scan of that panel
(a nurse looks at the last pack she held up), the newest key (the display has not answered the
earlier ones), the oldest reading of the same drawer. Every loss is counted and told with the next
item taken, so that it becomes an event and never a silence (F15, I14). What the cabinet posts to
itself is never dropped: it is refused, and the poster says so.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable

import msgspec

from hal.readings import DrawerReading, KeyReading, Reading, ScanReading
from statemachine.events import Event

INBOX_MAX = 1024
"""Items of all kinds."""
SCANS_MAX = 16
"""Waiting scans of one panel."""
KEYS_MAX = 64
"""Waiting keys of one panel."""
DRAWER_READINGS_MAX = 32
"""Waiting readings of one drawer."""


class Call(msgspec.Struct, frozen=True):
    """Something to be run on the controller's thread: how the sync socket reaches the journal."""

    run: Callable[[], None]


Item = Reading | Event | Call


class InboxFull(Exception):  # noqa: N818 - a fact about the queue, not a defect
    """The inbox holds INBOX_MAX items; this one was not taken."""


def _kind(item: Item) -> tuple[str, int] | None:
    """What a reading is counted as, and how many of it may wait; None: only INBOX_MAX bounds it."""
    match item:
        case ScanReading(panel=panel):
            return f"scanner {panel}", SCANS_MAX
        case KeyReading(panel=panel):
            return f"keypad {panel}", KEYS_MAX
        case DrawerReading(drawer=drawer):
            return f"drawer {drawer}", DRAWER_READINGS_MAX
        case _:
            return None


class Inbox:
    """A bounded queue that many threads fill and one empties."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._waiting: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._items)

    def report(self, reading: Reading) -> None:
        """Take a reading; never blocks and never raises (hal.ports.Report). Loss is counted."""
        kind = _kind(reading)
        with self._changed:
            if kind is not None and self._waiting[kind[0]] >= kind[1]:
                self._lost[kind[0]] += 1
                if isinstance(reading, KeyReading):
                    return
                self._drop_oldest(kind[0])
            elif len(self._items) >= INBOX_MAX:
                self._lost["inbox" if kind is None else kind[0]] += 1
                return
            self._put(reading, kind)

    def post(self, item: Event | Call) -> None:
        """Take something the cabinet says to itself.

        Raises:
            InboxFull: INBOX_MAX items are waiting.
        """
        with self._changed:
            if len(self._items) >= INBOX_MAX:
                raise InboxFull(f"The inbox holds {INBOX_MAX} items and took no more.")
            self._put(item, None)

    def take(self, wait_ms: int = 0) -> Item | None:
        """Take the oldest item, waiting at most `wait_ms` for one."""
        with self._changed:
            if not self._items and wait_ms > 0:
                self._changed.wait(wait_ms / 1000)
            if not self._items:
                return None
            item = self._items.popleft()
            kind = _kind(item)
            if kind is not None:
                self._waiting[kind[0]] -= 1
            return item

    def take_losses(self) -> dict[str, int]:
        """How many readings of which part were dropped since the last call."""
        with self._changed:
            lost = dict(sorted(self._lost.items()))
            self._lost.clear()
            return lost

    def wake(self) -> None:
        """Make a waiting `take` return."""
        with self._changed:
            self._changed.notify_all()

    def _put(self, item: Item, kind: tuple[str, int] | None) -> None:
        self._items.append(item)
        if kind is not None:
            self._waiting[kind[0]] += 1
        self._changed.notify()

    def _drop_oldest(self, part: str) -> None:
        for place, waiting in enumerate(self._items):
            kind = _kind(waiting)
            if kind is not None and kind[0] == part:
                del self._items[place]
                self._waiting[part] -= 1
                return
