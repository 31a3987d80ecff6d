"""My patients: who is next, who is done, and who might be mistaken for whom.

No screen here has a banner, because it speaks of several patients; the banner appears with the one
who was chosen. A name stands with bed and birth date everywhere, never alone.
"""

from cabinet.screens import words
from cabinet.screens.frame import View, banner, notices, page_of, refusal_lines, status
from cabinet.screens.screen import Key, Line, Screen
from statemachine.doses import dose_list
from statemachine.rounds import is_due, my_patients, next_patient, similar_names
from statemachine.tasks.home import REASONS

BACK = Key(key="B", meaning="back")
LEAVE = Key(key="C", meaning="leave")
TASKS = Key(key="*", meaning="other tasks")
SAID = {
    "removed": "Recorded. Drawer closed.",
    "scanned": "Right pack.",
    "patient done": "Recorded. All that was due for this patient is taken.",
    "nothing taken": "Nothing was taken; it is not recorded as taken. A count is asked for.",
    "not opened": "The drawer was not opened; nothing is recorded as taken (not recorded).",
    "not scanned": "Recorded, marked: not scanned.",
    "counted": "Counted. Thank you.",
    "counted with difference": "Counted. The difference is open as a discrepancy.",
    "counted later": "The count was put off; it stays due.",
    "not counted": "Nothing was counted; the count stays due (not recorded).",
    "put back": "Put back. Nothing is recorded as taken; a count is asked for.",
    "put right": "Put right. What was out of use is in use again.",
    "no change": "Nothing was changed.",
    "not the same": "That is not the number asked for. Nothing was released.",
    "not believable": "That number cannot be right for this pocket. Count again.",
    "not now": "Not now. Nothing was changed.",
    "seen": "Seen.",
    "some stand": "Seen. What is not over yet still stands.",
    "fault": "A part of the drawer is faulty. Other drawers work.",
    "safe hold": "Ordinary release is stopped. Ring pharmacy.",
    "unreadable": "That could not be read. Scan it again.",
    "wrong birth day": "That is not the birth day of this patient. Nothing was opened.",
    "time confirmed": "The time is confirmed.",
    "not found": "Nobody is known here by that number.",
    "jammed": "The lock did not move. Nothing was taken; it is not recorded as taken.",
    "nothing due": "Nothing is due now.",
    "parked": "Your round was parked and goes on here.",
    "power": "Power came back. What was not closed is named below.",
}
"""What just ended, by the machine's word for it; a word with no sentence fails a test."""


def said_lines(view: View) -> tuple[Line, ...]:
    """What just ended, in a sentence: nobody has to guess whether it was recorded."""
    text = SAID.get(view.memory.said, "")
    return (Line(text=text, mark="done"),) if text else ()


def who(view: View, patient_id: str) -> str:
    """`bed 4  JONES, Ann (Mrs)  02-Feb-1950`; with a word when a name is similar."""
    known = view.ward.patients.known.get(patient_id)
    if known is None:
        return "a patient whose name is forgotten here"
    patient = known.record
    bed = f"{words.bed(patient.bed)}  " if patient.bed else ""
    text = f"{bed}{words.patient_name(patient)}  {words.iso_day(patient.born)}"
    if patient.status != "admitted":
        text += f"  {patient.status}"
    return text


def due_count(view: View, patient_id: str) -> int:
    """How many doses one key would take for this patient."""
    return sum(1 for line in dose_list(view.ward, patient_id, view.now) if is_due(line))


def _patient_line(view: View, patient_id: str, number: int) -> Line:
    due = due_count(view, patient_id)
    text = who(view, patient_id)
    if patient_id in view.memory.done and not due:
        text, mark = f"{text}   done", "done"
    elif due:
        text, mark = f"{text}   {due} due", "due"
    else:
        text, mark = f"{text}   nothing due", ""
    if similar_names(view.ward, view.now, patient_id):
        text += "   ! similar name"
    return Line(text=text, choice=str(number), mark=mark)


def _title(view: View) -> str:
    person = view.ward.people.persons.get(view.memory.actor)
    return words.person_name(person)


def patients(view: View) -> Screen:
    """My patients, by bed; the next one of the round on one key."""
    listed = view.memory.listed or my_patients(view.ward, view.now)
    upcoming = next_patient(view.ward, view.now, view.memory.done, view.memory.first or None)
    start, end, keys = page_of(view.memory, len(listed))
    lines = [*said_lines(view), *refusal_lines(view, view.memory.refusals)]
    if upcoming:
        warn = "   ! similar name" if similar_names(view.ward, view.now, upcoming) else ""
        due = due_count(view, upcoming)
        lines.append(
            Line(text=f"next: {who(view, upcoming)}   {due} due{warn}", choice="A", mark="strong")
        )
        lines.append(Line(text="", mark="rule"))
    lines += [_patient_line(view, p, n) for n, p in enumerate(listed[start:end], 1)]
    if not listed:
        lines.append(Line(text="No patients of this ward are known yet."))
    first_key = (Key(key="A", meaning="next patient"),) if upcoming else ()
    return Screen(
        id="home.patients",
        title=_title(view),
        status=status(view),
        notices=notices(view),
        lines=tuple(lines),
        prompt="" if listed else "Wait for orders, or press * for other tasks.",
        keys=(
            *first_key,
            *((Key(key="1-9", meaning="choose"),) if listed else ()),
            Key(key="#", meaning="search by bed"),
            *keys,
            TASKS,
            LEAVE,
        ),
    )


def _asking(view: View, title: str, prompt: str, lines: tuple[Line, ...] = ()) -> Screen:
    """A screen that asks for a number."""
    return Screen(
        id=view.session.state,
        title=title,
        status=status(view),
        notices=notices(view),
        lines=(
            *lines,
            Line(text=f"[{view.around.typed:<10}]", mark="strong"),
            *said_lines(view),
            *refusal_lines(view, view.memory.refusals),
        ),
        prompt=prompt,
        keys=(Key(key="#", meaning="OK"), BACK),
    )


def bed(view: View) -> Screen:
    """Search by bed number."""
    return _asking(view, "Search by bed", "Type the bed number, then #")


def number(view: View) -> Screen:
    """Any patient of the hospital by number."""
    return _asking(view, "Any patient", "Type the NHS or hospital number, then #")


def confirm(view: View) -> Screen:
    """Is this the patient? One key."""
    return Screen(
        id=view.session.state,
        status=status(view),
        banner=banner(view, view.memory.asked),
        notices=notices(view),
        lines=(
            *refusal_lines(view, view.memory.refusals),
            Line(text=_due_text(due_count(view, view.memory.asked))),
        ),
        prompt="Is this the patient?",
        keys=(Key(key="A", meaning="yes"), BACK),
    )


def _due_text(due: int) -> str:
    return f"{due} due" if due else "nothing due now"


def birth(view: View) -> Screen:
    """Another patient has a similar name: day and month of birth, as four digits."""
    known = view.ward.patients.known.get(view.memory.asked)
    name = words.patient_name(known.record) if known else "this patient"
    place = words.bed(known.record.bed) if known else ""
    return _asking(
        view,
        "Similar name on this ward",
        "Day and month of birth, four digits (02-Feb is 0202), then #",
        (Line(text=f"{name}   {place}", mark="strong"),),
    )


def reason(view: View) -> Screen:
    """A patient who is not on this ward's list: opened with a reason, which is logged."""
    return Screen(
        id=view.session.state,
        status=status(view),
        banner=banner(view, view.memory.asked),
        notices=notices(view),
        lines=(
            Line(text="Not on this ward's list. Why is the list opened here?"),
            *(Line(text=text, choice=key) for key, text in REASONS.items()),
        ),
        prompt="Choose the reason.",
        keys=(Key(key=f"1-{len(REASONS)}", meaning="reason"), BACK),
    )


def tasks(view: View) -> Screen:
    """Other tasks that this cabinet does today."""
    due = sum(1 for pocket in view.ward.stock.pockets.values() if pocket.count_due)
    return Screen(
        id=view.session.state,
        title=_title(view),
        status=status(view),
        notices=notices(view),
        lines=(
            Line(text=f"count a pocket   {due} due", choice="1"),
            Line(text="any patient by number", choice="2"),
            Line(text="alarms seen", choice="3"),
            Line(text="sign out", choice="4"),
            *said_lines(view),
            *refusal_lines(view, view.memory.refusals),
        ),
        prompt="Which task?",
        keys=(Key(key="1-4", meaning="choose"), BACK, LEAVE),
    )


def alarms(view: View) -> Screen:
    """What stands, and how it is taken off."""
    standing = [Line(text=each.alarm, mark="warn") for each in view.machines.alarms]
    return Screen(
        id=view.session.state,
        title="Alarms",
        status=status(view),
        lines=(
            *(standing or [Line(text="Nothing stands.")]),
            *said_lines(view),
            *refusal_lines(view, view.memory.refusals),
        ),
        prompt="",
        keys=(
            Key(key="A", meaning="seen"),
            Key(key="D", meaning="put back into use (nurse in charge)"),
            BACK,
            LEAVE,
        ),
    )
