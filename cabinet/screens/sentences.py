"""Every refusal as one plain sentence that says what can be done instead.

The table is the whole of it: a code with no sentence here fails a test. A sentence names the
medicine and the times it rests on, so that a tired nurse need not ask why, and never says which of
badge and PIN was wrong.
"""

from collections.abc import Callable

from cabinet.screens import words
from statemachine.refusals import Reason, Refusal
from statemachine.ward import Ward

Say = Callable[["_Facts"], str]


class _Facts:
    """What a sentence may draw on: the refusal, with its product, people and times in words."""

    def __init__(self, ward: Ward, refusal: Refusal, now_s: int) -> None:
        self.ward, self.refusal, self.now_s = ward, refusal, now_s

    @property
    def medicine(self) -> str:
        """The product, or `it`."""
        if not self.refusal.product:
            return "this medicine"
        return words.medicine(self.ward.stock.products.get(self.refusal.product))

    @property
    def at(self) -> str:
        """When it happened."""
        at_s = self.refusal.at_s
        return "earlier" if at_s is None else "at " + self._time(at_s)

    @property
    def until(self) -> str:
        """From when it is possible."""
        until_s = self.refusal.until_s
        return "later" if until_s is None else "from " + self._time(until_s)

    @property
    def who(self) -> str:
        """Who did it."""
        if not self.refusal.actor:
            return ""
        return " by " + words.person_name(self.ward.people.persons.get(self.refusal.actor))

    @property
    def note(self) -> str:
        """A further word from the record, in brackets."""
        return f" ({self.refusal.note})" if self.refusal.note else ""

    def _time(self, at_s: int) -> str:
        return words.clock_and_day(self.ward, at_s, self.now_s)


SENTENCES: dict[Reason, Say] = {
    Reason.NO_ORDER: lambda f: (
        f"There is no order for {f.medicine} for this patient. Ask the prescriber."
    ),
    Reason.OTHER_PATIENT: lambda _: (
        "That order belongs to another patient. Go back and choose the patient again."
    ),
    Reason.STOPPED: lambda f: (
        f"The order for {f.medicine} was stopped {f.at}{f.note}."
        " Ask the prescriber if it is needed."
    ),
    Reason.REJECTED: lambda f: (
        f"The pharmacist rejected the order for {f.medicine}{f.note}."
        " Ask the prescriber or pharmacy."
    ),
    Reason.QUERIED: lambda f: (
        f"The pharmacist queried the order for {f.medicine}{f.note}."
        " It waits for the prescriber's answer; ring pharmacy if it is urgent."
    ),
    Reason.NOT_VERIFIED: lambda f: (
        f"{_upper(f.medicine)} must be verified by a pharmacist first. Ring the pharmacist on call."
    ),
    Reason.NOT_STARTED: lambda f: f"The order for {f.medicine} starts {f.until}.",
    Reason.ENDED: lambda f: f"The order for {f.medicine} ended {f.at}. Ask the prescriber.",
    Reason.ELSEWHERE: lambda f: f"{_upper(f.medicine)} is not kept in this cabinet{f.note}.",
    Reason.NO_SUCH_DOSE: lambda f: (
        f"No dose of {f.medicine} is due at this time. Choose another line, or check the chart."
    ),
    Reason.GIVEN: lambda f: f"{_upper(f.medicine)} was recorded given {f.at}{f.who}.",
    Reason.OMITTED: lambda f: (
        f"This dose of {f.medicine} was recorded omitted {f.at}{f.note}."
        " If it is to be given after all, correct the chart first."
    ),
    Reason.HELD: lambda f: (
        f"This dose of {f.medicine} is recorded held {f.at}{f.note}. Ask the prescriber."
    ),
    Reason.REMOVED: lambda f: (
        f"This dose of {f.medicine} was already removed {f.at}{f.who}."
        " Was it dropped, vomited, broken or lost? Then take a replacement."
    ),
    Reason.TOO_EARLY: lambda f: f"It is too early for {f.medicine}: possible {f.until}.",
    Reason.PAST_CUTOFF: lambda f: (
        f"The time for this dose of {f.medicine} has passed: it was possible until"
        f" {_bare(f.at)}. Ask the prescriber; the next dose stays as planned."
    ),
    Reason.LATE_WITH_NEXT: lambda f: (
        f"Another dose of {f.medicine} was taken {f.at};"
        f" late and next dose are never given together. The next is possible {f.until}."
    ),
    Reason.NOTHING_DUE: lambda _: "Nothing is due for this patient now.",
    Reason.TOO_MUCH: lambda f: (
        f"{f.refusal.amount or 0} is the most for this dose of {f.medicine}."
    ),
    Reason.NOT_IN_ORDER: lambda f: (
        f"{_upper(f.medicine)} is not what is ordered here. Choose the line again."
    ),
    Reason.CEILING: lambda f: (
        f"No more than {f.refusal.amount or 0} of {f.medicine} can be taken at once, whatever is"
        " ordered. Ring pharmacy."
    ),
    Reason.INTERVAL: lambda f: (
        f"{_inside(f)} was given or taken {f.at}; the next {f.refusal.ingredient} is possible"
        f" {f.until}."
    ),
    Reason.MAX_24H: lambda f: (
        f"{_upper(f.refusal.ingredient)}: the most for 24 h has been given or taken"
        f" ({f.refusal.amount or 0} doses); the next is possible {f.until}."
    ),
    Reason.ALLERGY: lambda f: (
        f"ALLERGY: the patient is allergic to {f.refusal.ingredient}{f.note} and {f.medicine}"
        " may contain it. Ask the prescriber; a recorded reason makes it possible."
    ),
    Reason.DISCHARGED: lambda _: "The patient is discharged. Returns and waste are still possible.",
    Reason.OTHER_WARD: lambda f: (
        f"The patient is on another ward{f.note}. Open them by number, with a reason."
    ),
    Reason.UNKNOWN_PATIENT: lambda _: (
        "That patient is not known here. Check the wristband, or ask admissions."
    ),
    Reason.UNKNOWN_PRODUCT: lambda _: "That medicine is not in this cabinet's list. Ring pharmacy.",
    Reason.NOT_STOCKED: lambda f: (
        f"{_upper(f.medicine)} is not stocked in this cabinet{f.note}. Ring pharmacy."
    ),
    Reason.EXPIRED: lambda f: (
        f"All {f.medicine} in this cabinet has expired{f.note}. Do not use it; ring pharmacy."
    ),
    Reason.RECALLED: lambda f: (
        f"{_upper(f.medicine)} is under recall{f.note}. Leave it here; ring pharmacy for another."
    ),
    Reason.CONTROLLED: lambda f: (
        f"{_upper(f.medicine)} is a controlled drug, and this cabinet does not release controlled"
        " drugs yet. Use the ward's controlled-drug cupboard."
    ),
    Reason.DRAWER_FAULT: lambda f: (
        f"The drawer with {f.medicine} is out of use{f.note}. Other drawers work;"
        " ring pharmacy or use another cabinet."
    ),
    Reason.PRIVILEGE: lambda _: (
        "Your role does not allow this. Ask a nurse or another person who may."
    ),
    Reason.NOT_SIGNED_IN: lambda _: "Nobody is signed in here. Tap your badge.",
    Reason.ANOTHER_PERSON: lambda f: (
        f"{_upper(f.medicine)} needs another person now{f.note}: a second nurse must sign for it."
    ),
    Reason.REVOKED: lambda _: "Your access has been withdrawn. Ask the nurse in charge.",
    Reason.WRONG_WARD: lambda _: (
        "You are not on this ward's list. The nurse in charge can give you access."
    ),
    Reason.ORDERS_TOO_OLD: lambda f: (
        f"DOWNTIME: the orders here are older than {f.refusal.amount or 168} h and can no longer be"
        " used. Work from the paper chart and ring pharmacy."
    ),
    Reason.CHART_NOT_CHECKED: lambda _: "The orders here are old: check the chart, then press A.",
    Reason.TIME_UNKNOWN: lambda _: "The cabinet is not sure of the time. Press A to confirm it.",
    Reason.SIGN_IN: lambda _: "Badge or PIN is not right. Tap your badge and try again.",
    Reason.DELAY: lambda f: (
        f"Please wait {words.elapsed_s(f.refusal.amount or 0)} before the next try."
    ),
    Reason.LOCKED: lambda _: (
        "Sign-in is locked after ten wrong tries. The nurse in charge or pharmacy can reset it."
    ),
    Reason.PANEL_SLOW: lambda f: (
        f"Unknown badges must wait {words.elapsed_s(f.refusal.amount or 0)} here."
        " People with a known badge can sign in now."
    ),
    Reason.WRONG_PACK: lambda f: (
        f"WRONG PACK{f.note}: put it back. Take {f.medicine} and scan that."
    ),
    Reason.SCAN_TOO_LONG: lambda _: "That code is too long to be a pack. Scan the pack's own code.",
    Reason.SCAN_CONTROL: lambda _: (
        "That code holds characters no pack has. Scan the pack's own code, or press D: cannot scan."
    ),
    Reason.SCAN_NO_PREFIX: lambda _: (
        "The scanner did not say which kind of code this is, so it cannot be trusted."
        " Press D: cannot scan, and tell pharmacy that the scanner needs its settings."
    ),
    Reason.SCAN_CHECK_DIGIT: lambda _: "The code was read wrongly. Scan it again.",
    Reason.SCAN_UNKNOWN: lambda _: (
        "This code is not known here. Check the name on the pack; press D if it cannot be scanned."
    ),
    Reason.SCAN_NOT_NOW: lambda _: "Nothing is to be scanned now. Nothing was changed.",
    Reason.SCAN_UNREADABLE: lambda _: "That could not be read. Scan it again.",
    Reason.NOT_COMMISSIONED: lambda _: (
        "This cabinet is not in service yet. Use another cabinet;"
        " pharmacy must finish setting it up."
    ),
    Reason.SAFE_HOLD: lambda f: (
        f"Ordinary release is stopped in this cabinet{f.note}. Use another cabinet, ring pharmacy."
    ),
    Reason.ANOTHER_OPEN: lambda f: (
        f"{_drawer(f)} is open or in use. Close it first, or wait until its user has."
    ),
    Reason.GATE: lambda f: (
        f"The drawer was not released: a safety check did not hold{f.note}."
        " Nothing was taken. Try again; if it happens twice, ring pharmacy."
    ),
}


def _drawer(f: _Facts) -> str:
    """The drawer a refusal is about, by its number where it names one."""
    return "A drawer" if f.refusal.amount is None else f"Drawer {f.refusal.amount}"


def _upper(text: str) -> str:
    """First letter in capitals, the rest as it is."""
    return text[:1].upper() + text[1:]


def _bare(at: str) -> str:
    """`at 08:00` without its preposition."""
    return at.removeprefix("at ")


def _inside(facts: _Facts) -> str:
    """`co-codamol (paracetamol inside)` when the product is not called after the ingredient."""
    product = facts.ward.stock.products.get(facts.refusal.product)
    ingredient = facts.refusal.ingredient
    if product is None or product.generic == ingredient:
        return _upper(ingredient)
    return _upper(f"{product.generic} ({ingredient} inside)")


def sentence(ward: Ward, refusal: Refusal, now_s: int) -> str:
    """The refusal as one or two plain sentences.

    Args:
        ward: for names of products and people.
        refusal: the code and its facts.
        now_s: the present in seconds since 1970, so that other days are named.
    """
    return SENTENCES[refusal.reason](_Facts(ward, refusal, now_s))
