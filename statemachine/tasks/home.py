"""Choosing the patient, and what else there is to do (RULES 3, 4).

    home.patients --A, number--> (home.confirm) --> (home.birth) --> patient.opening
    patient.opening --> patient.list, or first patient.chart

**My patients**: by bed, name and date of birth. `A` opens the next one of the round; a number
shows one to be confirmed with `A`. Where somebody on the ward has a similar name, day and month of
birth are typed as four digits, whichever way was taken from the list.

**By wristband** where the site allows it here; a band of a patient of another ward never shows that
list silently: a reason is asked and journalled. **By bedside ticket** (its signature and age were
checked at the edge). **Any patient by number**, with a reason: late transfers, outliers.

`B` always goes back, `C` parks the round and frees the panel. After a minute without a key the
round parks itself.
"""

from statemachine.effects import Sound
from statemachine.refusals import Reason, Refusal
from statemachine.rounds import (
    LISTED_MAX,
    by_bed,
    day_and_month,
    my_patients,
    next_patient,
    similar_names,
)
from statemachine.table import Phase, Row
from statemachine.tasks import common as do
from statemachine.tasks import phases
from statemachine.tasks.counting import counts_due
from statemachine.tasks.patient import asked_patient
from statemachine.tasks.words import resting
from statemachine.turn import Turning
from statemachine.ward.patients_fold import resolve

REASONS = {"1": "late transfer", "2": "outlier", "3": "helping another ward", "4": "other"}
"""Why a patient of another ward is opened; the words stand in the log."""
# --- what is asked ---------------------------------------------------------------------------


def somebody_is_next(turn: Turning) -> bool:
    """The round has a next patient."""
    return _next(turn) is not None


def _next(turn: Turning) -> str | None:
    memory = turn.memory
    return turn.once(
        ("next", turn.panel),
        lambda: next_patient(turn.ward, turn.now, memory.done, memory.first or None),
    )


def the_next_has_a_namesake(turn: Turning) -> bool:
    """Somebody on the ward could be mistaken for the next patient by name."""
    patient = _next(turn)
    return patient is not None and _birth_can_tell(turn, patient)


def the_asked_has_a_namesake(turn: Turning) -> bool:
    """Somebody on the ward could be mistaken for this patient by name."""
    return _birth_can_tell(turn, turn.memory.asked)


def _birth_can_tell(turn: Turning, patient: str) -> bool:
    known = turn.ward.patients.known.get(patient)
    return (
        known is not None
        and day_and_month(known.record.born) is not None
        and similar_names(turn.ward, turn.now, patient)
    )


def the_birth_day_is_right(turn: Turning) -> bool:
    """Day and month of birth are this patient's."""
    record = asked_patient(turn)
    return record is not None and day_and_month(record.born) == getattr(turn.event, "number", -1)


def one_patient_lies_there(turn: Turning) -> bool:
    """Exactly one patient of the ward has this bed number."""
    return len(by_bed(turn.ward, turn.now, int(getattr(turn.event, "number", -1)))) == 1


def several_patients_lie_there(turn: Turning) -> bool:
    """More than one bed has this number in it."""
    return len(by_bed(turn.ward, turn.now, int(getattr(turn.event, "number", -1)))) > 1


def the_site_chooses_by_band(turn: Turning) -> bool:
    """Wristbands are scanned at this cabinet (RULES 3 c)."""
    return "wristband" in turn.ward.house.choosing


def the_site_chooses_by_ticket(turn: Turning) -> bool:
    """Bedside tickets are taken at this cabinet (RULES 3 b)."""
    return "ticket" in turn.ward.house.choosing


def the_band_is_known(turn: Turning) -> bool:
    """The band's number belongs to a patient known here."""
    return bool(_banded(turn))


def the_ticket_is_known(turn: Turning) -> bool:
    """The ticket's patient is known here."""
    return bool(_ticketed(turn))


def the_band_is_of_this_ward(turn: Turning) -> bool:
    """The band belongs to a patient of the cabinet's ward."""
    known = turn.ward.patients.known.get(_banded(turn))
    return known is not None and known.record.ward == turn.ward.house.ward


def the_number_is_known(turn: Turning) -> bool:
    """An NHS or hospital number of a patient known here."""
    return bool(_numbered(turn))


def the_reason_is_one_of_these(turn: Turning) -> bool:
    """The key chooses one of the reasons shown."""
    return getattr(turn.event, "key", "") in REASONS


def _lives_on(turn: Turning, patient: str) -> str:
    patient = resolve(turn.ward.patients.merged, patient)
    return patient if patient in turn.ward.patients.known else ""


def _banded(turn: Turning) -> str:
    nhs, mrn = getattr(turn.event, "nhs", ""), getattr(turn.event, "mrn", "")
    patients = turn.ward.patients
    by_nhs = patients.by_nhs.get(nhs) if nhs else None
    by_mrn = patients.by_mrn.get(mrn) if mrn else None
    if by_nhs is not None and by_mrn is not None and by_nhs != by_mrn:
        return ""
    return _lives_on(turn, by_nhs or by_mrn or "")


def _ticketed(turn: Turning) -> str:
    return _lives_on(turn, str(getattr(turn.event, "patient", "")))


def _numbered(turn: Turning) -> str:
    number = int(getattr(turn.event, "number", -1))
    patients = turn.ward.patients
    found = patients.by_nhs.get(f"{number:010d}") or patients.by_mrn.get(str(number))
    return _lives_on(turn, found or "")


# --- what is done ----------------------------------------------------------------------------


def add_new_patients(turn: Turning) -> None:
    """Patients who arrived while the list is shown come below; no number changes its meaning."""
    listed = turn.memory.listed
    new = tuple(one for one in my_patients(turn.ward, turn.now) if one not in listed)
    turn.remember(listed=(*listed, *new)[:LISTED_MAX])


def ask_for_next(turn: Turning) -> None:
    """The next patient of the round."""
    turn.remember(asked=_next(turn) or "", by="list", why="", refusals=(), said="")


def ask_for_line(turn: Turning) -> None:
    """The patient this number chooses."""
    turn.remember(asked=do.chosen_line(turn) or "", by="list", why="", refusals=(), said="")


def ask_for_bed(turn: Turning) -> None:
    """The one patient of this bed."""
    found = by_bed(turn.ward, turn.now, int(getattr(turn.event, "number", -1)))
    turn.remember(asked=found[0], by="list", why="", refusals=(), said="")


def list_beds(turn: Turning) -> None:
    """Show only these beds; a number chooses."""
    found = by_bed(turn.ward, turn.now, int(getattr(turn.event, "number", -1)))
    turn.remember(listed=found, page=0, refusals=(), said="")


def ask_for_band(turn: Turning) -> None:
    """The patient of the band."""
    turn.remember(asked=_banded(turn), by="wristband", why="", refusals=(), said="")
    turn.effect(Sound(pattern="accepted"))


def ask_for_ticket(turn: Turning) -> None:
    """The patient of the ticket."""
    turn.remember(asked=_ticketed(turn), by="ticket", why="", refusals=(), said="")
    turn.effect(Sound(pattern="accepted"))


def ask_for_number(turn: Turning) -> None:
    """The patient of the number."""
    turn.remember(asked=_numbered(turn), by="number", why="", refusals=(), said="")


def take_reason(turn: Turning) -> None:
    """Why a patient of another ward is opened."""
    turn.remember(why=REASONS[getattr(turn.event, "key", "")])


def show_counts(turn: Turning) -> None:
    """The counts that are due."""
    turn.remember(listed=counts_due(turn), page=0, refusals=(), said="")


def refuse_way(turn: Turning) -> None:
    """This way of choosing is not for this cabinet, or nobody is known by it."""
    do.refuse(turn, (Refusal(reason=Reason.UNKNOWN_PATIENT),))


# --- the table -------------------------------------------------------------------------------

PHASES: tuple[Phase, ...] = (
    resting("home.patients", "my patients by bed; A opens the next of the round"),
    resting("home.confirm", "one patient, shown with name and date of birth: A opens"),
    resting("home.birth", "a similar name is on the ward: type day and month of birth"),
    resting("home.bed", "type a bed number"),
    resting("home.number", "type an NHS or hospital number"),
    resting("home.reason", "a patient of another ward: why?"),
    resting("home.tasks", "other tasks: 1 counts, 2 patient by number, 3 alarms, 4 sign out"),
)

_HOME = (
    *(phase.name for phase in PHASES if phase.name.startswith("home.")),
    "patient.chart",
    "patient.time",
    "patient.list",
)

ROWS: tuple[Row, ...] = (
    Row(
        "key A", "home.patients", "home.birth", (the_next_has_a_namesake,), (ask_for_next,), "who?"
    ),
    Row(
        "key A",
        "home.patients",
        "patient.opening",
        (somebody_is_next,),
        (ask_for_next, do.go),
        "next of the round",
    ),
    Row("key A", "home.patients", None, (), (do.tick, do.say("nothing due")), "nobody is next"),
    Row(
        "key number",
        "home.patients",
        "home.confirm",
        (do.the_number_chooses_a_line,),
        (ask_for_line,),
        "show who it is",
    ),
    Row("key number", "home.patients", None, (), (do.tick,), "no such line"),
    *phases.pages("home.patients"),
    Row("key B", "home.patients", None, (), (do.show_patients, do.say("")), "the whole list"),
    Row(
        "ward changed",
        "home.patients",
        None,
        (do.the_person_may_work_here,),
        (add_new_patients,),
        "who is new comes below",
    ),
    Row("ward changed", "home.patients", "signin.badge", (), (do.revoked,), "I13: revoked"),
    Row("key #", "home.patients", "home.bed", (), (do.say(""),), "search by bed"),
    Row("key *", "home.patients", "home.tasks", (), (do.say(""),), "other tasks"),
    Row("key A", "home.confirm", "home.birth", (the_asked_has_a_namesake,), (), "similar name"),
    Row("key A", "home.confirm", "patient.opening", (), (do.go,), "this one"),
    Row(
        "number",
        "home.birth",
        "patient.opening",
        (the_birth_day_is_right,),
        (do.go,),
        "the right one",
    ),
    Row("number", "home.birth", None, (), (do.say("wrong birth day"), do.tick), "not this one"),
    Row("number", "home.bed", "home.confirm", (one_patient_lies_there,), (ask_for_bed,), "found"),
    Row(
        "number", "home.bed", "home.patients", (several_patients_lie_there,), (list_beds,), "which?"
    ),
    Row("number", "home.bed", None, (), (do.say("not found"), do.tick), "nobody there"),
    Row("number", "home.number", "home.reason", (the_number_is_known,), (ask_for_number,), "why?"),
    Row("number", "home.number", None, (), (do.say("not found"), do.tick), "nobody known"),
    *phases.reasons(
        "home.reason",
        the_reason_is_one_of_these,
        ("patient.opening", (), (take_reason, do.go), "journalled"),
    ),
    Row(
        "key B",
        (
            "home.confirm",
            "home.birth",
            "home.bed",
            "home.number",
            "home.reason",
            "home.tasks",
            "patient.chart",
            "patient.time",
        ),
        "home.patients",
        (),
        (do.show_patients, do.say("")),
        "back",
    ),
    # --- by wristband, by ticket: from wherever no drawer is in hand --------------------------
    Row(
        "band",
        _HOME,
        "patient.opening",
        (the_site_chooses_by_band, the_band_is_known, the_band_is_of_this_ward),
        (ask_for_band, do.go),
        "wristband",
    ),
    Row(
        "band",
        _HOME,
        "home.reason",
        (the_site_chooses_by_band, the_band_is_known),
        (ask_for_band,),
        "a band of another ward never shows that list silently",
    ),
    Row("band", _HOME, "home.patients", (), (do.show_patients, refuse_way), "not known, not here"),
    Row(
        "ticket",
        _HOME,
        "patient.opening",
        (the_site_chooses_by_ticket, the_ticket_is_known),
        (ask_for_ticket, do.go),
        "bedside ticket",
    ),
    Row(
        "ticket", _HOME, "home.patients", (), (do.show_patients, refuse_way), "not known, not here"
    ),
    # --- other tasks -------------------------------------------------------------------------
    Row("key number", "home.tasks", "count.list", (do.key_is("1"),), (show_counts,), "counts"),
    Row("key number", "home.tasks", "home.number", (do.key_is("2"),), (), "any patient by number"),
    Row("key number", "home.tasks", "home.alarms", (do.key_is("3"),), (), "alarms"),
    Row(
        "key number",
        "home.tasks",
        "signin.badge",
        (do.key_is("4"),),
        (do.close_session("signed out"),),
        "the round is finished",
    ),
    Row("key number", "home.tasks", None, (), (do.tick,), "no such task"),
)
