"""Opening one patient's list: every guard of access, the chart, the time (RULES 3, 9).

`patient.opening` only decides: there every guard of access to a patient stands, and nowhere else.
It leads to the list, or first to `patient.chart` where the orders are older than the site's first
limit ("check the chart", one confirming key per patient and session).

**No trusted time**: after a restart far from the pharmacy the cabinet knows only how late it is at
least. `patient.time` shows that; the nurse moves it on to what her watch says and confirms it, once
(RULES 9). It is journalled, holds for this boot, and nobody is locked out by a clock.
"""

from statemachine.refusals import Reason, Refusal
from statemachine.rounds import is_listed
from statemachine.rules.freshness import band
from statemachine.table import Phase, Row
from statemachine.tasks import common as do
from statemachine.tasks.lines import lines_of
from statemachine.tasks.words import deciding, resting
from statemachine.turn import Turning
from statemachine.ward.house import TimeConfirmed
from statemachine.ward.patients import Patient, PatientChosen

LATER_S = {"1": 86_400, "2": 3_600, "3": 600, "4": 60}
"""Steps by which the time shown is moved on: a day, an hour, ten minutes, one minute."""
LATER_MAX_S = 400 * 86_400
"""A cabinet that slept longer than this is commissioned anew."""
LINES_MAX = 99
"""Most lines of one patient's list: eleven pages of nine."""

# --- what is asked ---------------------------------------------------------------------------


def asked_patient(turn: Turning) -> Patient | None:
    """The patient who is asked for and not open yet; None when nobody here knows them."""
    known = turn.ward.patients.known.get(turn.memory.asked)
    return None if known is None else known.record


def the_patient_is_known(turn: Turning) -> bool:
    """The pharmacy has told us of this patient."""
    return asked_patient(turn) is not None


def the_patient_is_not_gone(turn: Turning) -> bool:
    """Not cancelled, not gone longer than the site keeps names on the lists."""
    record = asked_patient(turn)
    return record is not None and is_listed(record, turn.now)


def this_ward_or_a_reason(turn: Turning) -> bool:
    """A patient of the cabinet's ward, or a reason was given."""
    record = asked_patient(turn)
    return record is not None and (record.ward == turn.ward.house.ward or bool(turn.memory.why))


def the_chart_need_not_be_checked(turn: Turning) -> bool:
    """The orders are fresh, or this person has confirmed it for this patient."""
    return turn.memory.asked in turn.memory.charts or band(turn.ward, turn.now) == "normal"


def the_time_is_known(turn: Turning) -> bool:
    """Trusted, or confirmed by a person in this boot, closely enough to decide doses by."""
    return turn.now.decided


def it_moves_the_time_on(turn: Turning) -> bool:
    """The key is one of the steps shown, and the time stays within reason."""
    step_s = LATER_S.get(getattr(turn.event, "key", ""))
    return step_s is not None and turn.memory.later_s + step_s <= LATER_MAX_S


# --- what is done ----------------------------------------------------------------------------


def refuse_patient(turn: Turning) -> None:
    """Every reason why this patient's list does not open."""
    reasons = []
    if not do.the_person_may_work_here(turn):
        reasons.append(Refusal(reason=Reason.NOT_SIGNED_IN))
    if not the_patient_is_known(turn):
        reasons.append(Refusal(reason=Reason.UNKNOWN_PATIENT))
    elif not the_patient_is_not_gone(turn):
        reasons.append(Refusal(reason=Reason.DISCHARGED))
    elif not this_ward_or_a_reason(turn):
        reasons.append(Refusal(reason=Reason.OTHER_WARD))
    do.show_patients(turn)
    do.refuse(turn, reasons)


def open_patient(turn: Turning) -> None:
    """Open this patient's list, and write down by what proof."""
    memory = turn.memory
    turn.add(
        PatientChosen(
            actor=memory.actor,
            patient=memory.asked,
            panel=turn.panel,
            by=memory.by,
            reason=memory.why,
        )
    )
    turn.remember(patient=memory.asked, first="", asked="")
    show_lines(turn)


def show_lines(turn: Turning) -> None:
    """The patient's lines as they are now; numbers mean what is shown."""
    # The same lines in the same order for everybody; what is asked of a person moves none of them.
    turn.remember(
        listed=tuple(line.dose for line in lines_of(turn)[:LINES_MAX]),
        page=0,
        chosen="",
        queue=(),
        visit=None,
        index=0,
        total=0,
        intent=None,
    )


def chart_checked(turn: Turning) -> None:
    """One confirming key per patient (RULES 9)."""
    memory = turn.memory
    turn.remember(charts=(*memory.charts, memory.asked)[-99:])


def begin_time(turn: Turning) -> None:
    """Show the earliest time it can be; the patient asked for waits."""
    turn.remember(later_s=0, asked=turn.memory.asked or turn.memory.patient)


def move_time_on(turn: Turning) -> None:
    """It is later than the time shown."""
    turn.remember(later_s=turn.memory.later_s + LATER_S[getattr(turn.event, "key", "")])


def confirm_time(turn: Turning) -> None:
    """The time shown is right: an entry of its own, which the clock takes for this boot."""
    memory = turn.memory
    wall_s = turn.now.lo_s + memory.later_s
    turn.add(TimeConfirmed(actor=memory.actor, wall_s=wall_s, panel=turn.panel))
    turn.remember(later_s=0, refusals=(), said="time confirmed")


# --- the table -------------------------------------------------------------------------------

PHASES: tuple[Phase, ...] = (
    deciding("patient.opening", "every guard of access to a patient"),
    resting("patient.chart", "orders are old: check the chart, then A"),
    resting("patient.time", "no trusted time: 1 to 4 move the time shown on, A confirms it"),
)

OPENING = (
    do.the_person_may_work_here,
    the_patient_is_known,
    the_patient_is_not_gone,
    this_ward_or_a_reason,
)
"""Guards of access to a patient."""

ROWS: tuple[Row, ...] = (
    # --- opening -----------------------------------------------------------------------------
    Row(
        "go",
        "patient.opening",
        "patient.list",
        (*OPENING, the_time_is_known, the_chart_need_not_be_checked),
        (open_patient,),
        "open",
    ),
    Row(
        "go",
        "patient.opening",
        "patient.chart",
        (*OPENING, the_time_is_known),
        (),
        "orders are old: check the chart first",
    ),
    Row(
        "go",
        "patient.opening",
        "patient.time",
        OPENING,
        (begin_time,),
        "nobody knows the time: she says it, once",
    ),
    Row("go", "patient.opening", "home.patients", (), (refuse_patient,), "refused, every reason"),
    Row("key A", "patient.chart", "patient.opening", (), (chart_checked, do.go), "seen"),
    Row(
        "key number",
        "patient.time",
        None,
        (it_moves_the_time_on,),
        (move_time_on,),
        "it is later than that",
    ),
    Row("key number", "patient.time", None, (), (do.tick,), "no such step"),
    Row("key 0", "patient.time", None, (), (begin_time,), "from the beginning"),
    Row("key A", "patient.time", "home.confirm", (), (confirm_time,), "confirmed, journalled"),
)
