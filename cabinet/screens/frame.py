"""What every screen shares: the time, the age of the orders, the banner, standing alarms.

Freshness is on every screen, each leg named (RULES 9): how old the orders are, and whether every
line of ours has reached the pharmacy. With no trusted time the clock says so instead of lying.
"""

from datetime import date

import msgspec

from cabinet.screens import words
from cabinet.screens.screen import Banner, Key, Line
from statemachine.instant import Instant
from statemachine.machines import Machines, Session, SessionMemory
from statemachine.refusals import Refusal
from statemachine.ward import Ward
from statemachine.ward.patients import Patient
from statemachine.ward.patients_fold import resolve

LINES_A_PAGE = 9
"""Lines that a number key can choose."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What the house knows and the machines do not.

    Attributes:
        typed: digits of a number being typed; never those of a PIN.
        unsent: lines of ours that no receipt covers yet.
        fault: a sentence about the house itself (the journal failed), or empty.
    """

    typed: str = ""
    unsent: int = 0
    fault: str = ""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a screen is made from; pure data in, `Screen` out."""

    machines: Machines
    ward: Ward
    now: Instant
    panel: int
    around: Surroundings

    @property
    def session(self) -> Session:
        """The session at this panel."""
        return self.machines.panels[self.panel]

    @property
    def memory(self) -> SessionMemory:
        """What that session remembers."""
        return self.session.memory

    @property
    def now_s(self) -> int:
        """The best single figure for the present, in seconds since 1970."""
        return self.now.lo_s

    @property
    def today(self) -> date | None:
        """The ward's date, or None while nobody knows it."""
        return words.local(self.ward, self.now_s).date() if self.now.decided else None


def time_of_day(view: View) -> str:
    """`08:02  23-Nov-2026`, or that the time is not known."""
    if not view.now.decided:
        return "time not confirmed"
    when = words.local(view.ward, view.now_s)
    return f"{words.clock(view.ward, view.now_s)}  {words.day(when.date())}"


def orders_age(view: View) -> str:
    """`orders: 1 min old`; from the last sign of life of the ePMA, end to end."""
    epma_s = view.ward.house.epma_s
    if not epma_s:
        return "orders: none received yet"
    if not view.now.decided:
        return "orders: age not known"
    return f"orders: {words.elapsed(view.now.hi_s - epma_s)} old"


def stock_leg(view: View) -> str:
    """`stock: sent`, or how many lines wait for the pharmacy."""
    return "stock: sent" if not view.around.unsent else f"stock: {view.around.unsent:,} to send"


def status(view: View) -> str:
    """Top right of every screen with somebody signed in."""
    when = f"{words.clock(view.ward, view.now_s)}" if view.now.decided else "time not confirmed"
    return f"{orders_age(view)}  {when}"


def notices(view: View) -> tuple[str, ...]:
    """Sentences that stay until settled: the house's own fault, alarms, the freshness band."""
    said = [view.around.fault] if view.around.fault else []
    said += [alarm.alarm for alarm in view.machines.alarms]
    band = view.ward.house.band
    epma_s = view.ward.house.epma_s
    age = words.elapsed(view.now.hi_s - epma_s) if epma_s and view.now.decided else "unknown age"
    if band == "downtime":
        said.append(
            f"DOWNTIME - orders {age} old, shown as last known: cannot see whether given."
            " Check the paper chart."
        )
    elif band == "check the chart":
        said.append(f"ORDERS {age} OLD - check the chart: cannot see whether given.")
    return tuple(said)


def allergy_strip(patient: Patient) -> str:
    """The strip under the banner: never silent, and "not recorded" is never "none known"."""
    if not patient.allergies_recorded and not patient.allergies:
        return "ALLERGIES NOT RECORDED - ask before giving"
    if not patient.allergies:
        return "No known allergies"
    said = [
        f"{allergy.ingredient} - {allergy.kind}"
        if allergy.kind != "allergy"
        else allergy.ingredient
        for allergy in patient.allergies
    ]
    return "ALLERGY " + "; ".join(said)


def banner(view: View, patient_id: str) -> Banner | None:
    """The banner of a patient, or None when their names are forgotten or were never here.

    A record that was merged while its list stood open is shown as the one that lives on: whose
    allergies are checked is whose allergies are shown.
    """
    known = view.ward.patients.known.get(resolve(view.ward.patients.merged, patient_id))
    if known is None:
        return None
    patient = known.record
    place = words.bed(patient.bed)
    if patient.ward and patient.ward != view.ward.house.ward:
        place = f"ward {patient.ward} {place}".strip()
    return Banner(
        name=words.patient_name(patient),
        born=words.born(patient, view.today),
        gender=patient.gender.capitalize(),
        nhs=words.nhs_number(patient.nhs),
        place=place,
        allergies=allergy_strip(patient),
    )


def refusal_lines(view: View, refusals: tuple[Refusal, ...]) -> tuple[Line, ...]:
    """Every reason as its sentence, the most telling first, none twice."""
    from cabinet.screens.sentences import sentence

    said = dict.fromkeys(sentence(view.ward, refusal, view.now_s) for refusal in refusals)
    return tuple(Line(text=text, mark="warn") for text in said)


def page_of(memory: SessionMemory, total: int) -> tuple[int, int, tuple[Key, ...]]:
    """(first, last) of the lines on this page and the key that turns it, for lists over nine."""
    pages = max((total + LINES_A_PAGE - 1) // LINES_A_PAGE, 1)
    page = memory.page % pages
    first = page * LINES_A_PAGE
    keys = (Key(key="D", meaning=f"more (page {page + 1} of {pages})"),) if pages > 1 else ()
    return first, min(first + LINES_A_PAGE, total), keys
