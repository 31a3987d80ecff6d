"""The ward: all the cabinet knows, as a fold over its two logs.

Nothing here is asked of hardware, clock or network: a ward is what the lines say, no more. The same
lines in the same order (directives interleaved by `directives.applied`) always give the same ward,
on the cabinet after a power cut, at the pharmacy, and in a test.
"""

import msgspec

from statemachine.ward.drawers import Drawers
from statemachine.ward.entry import LineRef
from statemachine.ward.house import House
from statemachine.ward.orders import Orders
from statemachine.ward.patients import Patients
from statemachine.ward.people import People
from statemachine.ward.stock import Stock


class Ward(msgspec.Struct, frozen=True, kw_only=True):
    """The known world, by chapter.

    Attributes:
        up: the last `up` line folded, (epoch, seq); the next entry stands at seq + 1.
        dn: the last `dn` line folded.
    """

    up: LineRef = (1, 0)
    dn: LineRef = (1, 0)
    house: House = msgspec.field(default_factory=House)
    people: People = msgspec.field(default_factory=People)
    patients: Patients = msgspec.field(default_factory=Patients)
    orders: Orders = msgspec.field(default_factory=Orders)
    stock: Stock = msgspec.field(default_factory=Stock)
    drawers: Drawers = msgspec.field(default_factory=Drawers)
