"""Messages written here in the shapes real ones have: a UK ward, NHS numbers of the 999 range."""

from collections.abc import Callable

import pytest

MSH = "MSH|^~\\&|PAS|RDEMO|CABINET|PHARM|20260401083000||{kind}|{control}|P|{version}"
PID = (
    "PID|1||D100001^^^RDEMO^MR~999 000 0018^^^NHS^NH||SMITH^John^Paul^^Mr^^L||19450714|1"
    "|||1 High Street^^^^AB1 2CD|||||||10012589^^^RDEMO^AN"
)
PV1 = "PV1|1|I|7^Bay A^A1^RDEMO^^BED^Main^2|||5^^C2||||300|||||||||V100001^^^RDEMO^VN"


def build(kind: str, *segments: str, control: str = "M1", version: str = "2.5") -> bytes:
    """A message as it goes over the wire, UTF-8."""
    head = MSH.format(kind=kind, control=control, version=version)
    return ("\r".join((head, *segments)) + "\r").encode()


@pytest.fixture
def message() -> Callable[..., bytes]:
    """Build a message from its type and segments."""
    return build


@pytest.fixture
def pid() -> str:
    """The patient most tests are about."""
    return PID


@pytest.fixture
def pv1() -> str:
    """Where that patient lies."""
    return PV1
