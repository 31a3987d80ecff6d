"""Why not: the codes of every refusal, and the facts a sentence needs to say it plainly.

A refusal is a normal answer, never an exception. The code is journalled; the sentence is made in
`cabinet/screens/sentences.py` from the code and the facts, and says what can be done instead.
"""

from enum import StrEnum

import msgspec


class Reason(StrEnum):
    """One code a reason; the value is what the log holds."""

    # the order (RULES 4)
    NO_ORDER = "no order"
    OTHER_PATIENT = "order of another patient"
    STOPPED = "stopped"
    REJECTED = "rejected by pharmacist"
    QUERIED = "queried by pharmacist"
    NOT_VERIFIED = "verification demanded"
    NOT_STARTED = "not started"
    ENDED = "ended"
    ELSEWHERE = "not kept in this cabinet"
    NO_SUCH_DOSE = "no such dose"
    # the dose
    GIVEN = "recorded given"
    OMITTED = "recorded omitted"
    HELD = "recorded held"
    REMOVED = "already removed"
    TOO_EARLY = "too early"
    PAST_CUTOFF = "past its cut-off"
    LATE_WITH_NEXT = "late with next"
    NOTHING_DUE = "nothing due"
    NOT_IN_ORDER = "not what is ordered"
    # the amount
    TOO_MUCH = "more than the dose"
    CEILING = "above the hard ceiling"
    INTERVAL = "minimum interval by ingredient"
    MAX_24H = "maximum in 24 h by ingredient"
    # the patient
    ALLERGY = "allergy"
    DISCHARGED = "patient discharged"
    OTHER_WARD = "patient of another ward"
    UNKNOWN_PATIENT = "patient not known"
    # the product and its pocket
    UNKNOWN_PRODUCT = "product not known"
    NOT_STOCKED = "not stocked here"
    EXPIRED = "expired"
    RECALLED = "recalled"
    CONTROLLED = "controlled drug"
    DRAWER_FAULT = "drawer out of use"
    # the person
    PRIVILEGE = "privilege"
    NOT_SIGNED_IN = "not signed in"
    REVOKED = "revoked"
    WRONG_WARD = "not this ward"
    ANOTHER_PERSON = "another person is needed"
    # time and freshness
    ORDERS_TOO_OLD = "orders too old"
    CHART_NOT_CHECKED = "check the chart"
    TIME_UNKNOWN = "time not known"
    # signing in
    SIGN_IN = "badge or PIN not right"
    DELAY = "wait before the next try"
    LOCKED = "locked after ten wrong PINs"
    PANEL_SLOW = "panel slowed"
    # scans
    WRONG_PACK = "wrong pack"
    SCAN_TOO_LONG = "scan too long"
    SCAN_CONTROL = "control characters in scan"
    SCAN_NO_PREFIX = "no symbology prefix"
    SCAN_CHECK_DIGIT = "check digit wrong"
    SCAN_UNKNOWN = "code not known"
    SCAN_NOT_NOW = "nothing to scan for now"
    SCAN_UNREADABLE = "not readable"
    # the cabinet
    NOT_COMMISSIONED = "not commissioned"
    SAFE_HOLD = "ordinary release stopped"
    ANOTHER_OPEN = "another drawer in hand"
    GATE = "gate refused"


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reason and what the sentence needs.

    Attributes:
        reason: the code.
        product: the product it is about, or empty.
        ingredient: for interval, maximum and allergy.
        at_s: when it happened (given, removed), seconds since 1970.
        until_s: from when it is possible, seconds since 1970.
        actor: who did it.
        amount: a figure in units of issue.
        note: a further word from the record.
    """

    reason: Reason
    product: str = ""
    ingredient: str = ""
    at_s: int | None = None
    until_s: int | None = None
    actor: str = ""
    amount: int | None = None
    note: str = ""
