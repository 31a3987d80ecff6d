"""A working cabinet for tests of `step`; see `tests/desk.py`."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests import desk as desks


@pytest.fixture
def desk() -> desks.Desk:
    """Three drawers, two panels, Nina, Bea and Ian in charge, Smith and Jones, all shut."""
    return desks.furnished()


@pytest.fixture
def bare() -> Callable[..., desks.Desk]:
    """A cabinet that knows nothing yet."""
    return desks.Desk


@pytest.fixture
def words() -> SimpleNamespace:
    """Makers of directives, for tests that need more than the ward above."""
    return SimpleNamespace(
        staff=desks.staff, patient=desks.patient, order=desks.order, stocked=desks.stocked
    )
