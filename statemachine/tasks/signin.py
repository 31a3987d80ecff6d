"""Signing in: a badge says who, a PIN proves it, and neither alone opens anything (RULES 2).

    signin.badge --badge--> signin.pin --#--> signin.checking --right--> home.patients
                                                               --wrong--> signin.badge

Every badge is asked for a PIN, also one that nobody here knows: the check of an unknown badge runs
against a decoy and is never right, so no answer tells which of the two was wrong. A try inside the
delay after a wrong PIN is refused and not counted, and is not even checked.

PIN digits never enter: the edge holds them, this table sees how many there are, and asks for a
check that happens off the turn. Until the answer comes the panel is in `signin.checking`; an answer
that comes after she went back is thrown away.

**Tap alone** resumes one's own parked round within 30 minutes of a PIN at this cabinet, and only
with a card that answers a challenge. The demo's badges are not such cards.

**Two at one panel** (F28): a badge at a panel in use is an explicit question - "is she taking
over?" - and then badge and PIN as ever, in phases of the same rows named `handover`. Only when the
new PIN is right does the first session end.

**One person, one panel**: whoever signs in elsewhere has her idle session parked there; with a
drawer in hand she is refused with a sentence.
"""

from statemachine.effects import CheckCredential, ForgetDigits, Sound
from statemachine.refusals import Reason, Refusal
from statemachine.rounds import my_patients, still_done
from statemachine.rules.signin import check_try, may_resume_by_tap
from statemachine.table import Action, Phase, Row
from statemachine.tasks import access
from statemachine.tasks import common as do
from statemachine.tasks.words import resting
from statemachine.turn import Turning
from statemachine.ward.people import Handover, SessionClosed, SessionOpened, SessionRefused

_WAIT = frozenset({Reason.DELAY, Reason.PANEL_SLOW})

# --- what is asked ---------------------------------------------------------------------------


def enough_digits(turn: Turning) -> bool:
    """At least as many digits as any PIN has."""
    return bool(getattr(turn.event, "count", 0) >= access.PIN_DIGITS_MIN)


def no_delay_runs(turn: Turning) -> bool:
    """The delay after the last wrong PIN of this person (or of strangers) is over."""
    return not any(one.reason in _WAIT for one in _against_the_try(turn))


def not_locked(turn: Turning) -> bool:
    """Not locked after ten wrong PINs."""
    return not any(one.reason is Reason.LOCKED for one in _against_the_try(turn))


def _against_the_try(turn: Turning) -> tuple[Refusal, ...]:
    return check_try(turn.ward, turn.now, turn.memory.candidate)


def the_answer_is_about_this_badge(turn: Turning) -> bool:
    """The credential that was checked belongs to the badge that waits."""
    return bool(getattr(turn.event, "actor", None) == turn.memory.candidate)


def the_candidate_may_work_here(turn: Turning) -> bool:
    """Not revoked, within their time, on this ward, with a privilege for drawers."""
    return access.may_work(turn.ward, turn.memory.candidate, turn.now)


def no_drawer_in_hand_elsewhere(turn: Turning) -> bool:
    """The candidate is not in the middle of a visit at another panel."""
    return _free_elsewhere(turn, turn.memory.candidate)


def _free_elsewhere(turn: Turning, actor: str) -> bool:
    return not any(
        number != turn.panel
        and session.memory.actor == actor
        and session.state.partition(".")[0] in {"remove", "count"}
        for number, session in turn.machines.panels.items()
    )


def a_challenge_card_may_resume(turn: Turning) -> bool:
    """A challenge card of a person with a parked round and a PIN here in the last 30 minutes."""
    actor = _owner(turn)
    return may_resume_by_tap(turn.ward, turn.now, actor) and access.may_work(
        turn.ward, actor, turn.now
    )


def no_drawer_in_hand_elsewhere_for_the_tap(turn: Turning) -> bool:
    """Whoever taps is not in the middle of a visit at another panel."""
    return _free_elsewhere(turn, _owner(turn))


def the_answer_is_for_another_badge(turn: Turning) -> bool:
    """A late answer: the badge it belongs to does not wait any more."""
    return not the_answer_is_about_this_badge(turn)


def the_candidate_is_known(turn: Turning) -> bool:
    """The badge belongs to a person that the pharmacy vouches for."""
    return turn.memory.candidate in turn.ward.people.persons


def it_is_her_own_badge(turn: Turning) -> bool:
    """The badge of whoever is signed in here."""
    return _owner(turn) == turn.memory.actor


def _owner(turn: Turning) -> str:
    badge = str(getattr(turn.event, "badge", ""))
    actor = turn.ward.people.badges.get(badge, "")
    return actor if actor in turn.ward.people.persons else ""


# --- what is done ----------------------------------------------------------------------------


def hold_the_badge(turn: Turning) -> None:
    """Remember whose badge waits for a PIN; an unknown one is asked all the same."""
    turn.remember(candidate=_owner(turn), digits=0, tried=False, refusals=(), said="")
    turn.effect(ForgetDigits(panel=turn.panel), Sound(pattern="accepted"))


def show_digits(turn: Turning) -> None:
    """So many digits are typed."""
    turn.remember(digits=int(getattr(turn.event, "count", 0)))


def never_mind(turn: Turning) -> None:
    """Back: nobody's badge waits any more."""
    turn.remember(digits=0, tried=False, refusals=(), said="")
    turn.effect(ForgetDigits(panel=turn.panel))


def wipe(turn: Turning) -> None:
    """An idle screen says nothing of whoever was here before."""
    turn.forget()


def check(turn: Turning) -> None:
    """Have the digits checked off the turn; an unknown badge against a decoy."""
    turn.remember(refusals=(), said="", digits=0)
    turn.effect(CheckCredential(panel=turn.panel, actor=turn.memory.candidate))


def refuse_the_try(turn: Turning) -> None:
    """A try that is not even checked: too early, locked, or too short. Not counted."""
    found = _against_the_try(turn) or (Refusal(reason=Reason.SIGN_IN),)
    _refused(turn, found, counted=False)


def wrong_pin(turn: Turning) -> None:
    """Not right: counted, and nobody is told which of the two was wrong."""
    _refused(turn, (Refusal(reason=Reason.SIGN_IN),), counted=True)


def refuse_the_person(turn: Turning) -> None:
    """The PIN was right, and every reason why it still opens nothing."""
    memory = turn.memory
    reasons = list(access.why_not(turn.ward, memory.candidate, turn.now))
    if not no_drawer_in_hand_elsewhere(turn):
        reasons.append(Refusal(reason=Reason.ANOTHER_OPEN, actor=memory.candidate))
    if not reasons:
        reasons.append(Refusal(reason=Reason.SIGN_IN))
    _refused(turn, tuple(reasons), counted=False)


def _refused(turn: Turning, reasons: tuple[Refusal, ...], *, counted: bool) -> None:
    candidate = turn.memory.candidate
    turn.add(
        SessionRefused(
            panel=turn.panel,
            reason=reasons[0].reason.value,
            actor=candidate or None,
            counted=counted,
        )
    )
    turn.effect(ForgetDigits(panel=turn.panel))
    do.refuse(turn, reasons)
    turn.remember(tried=True, digits=0)


def drop_the_badge(turn: Turning) -> None:
    """The next try begins with the badge."""
    turn.remember(candidate="")


def open_session(turn: Turning) -> None:
    """Badge and PIN were right."""
    _open(turn, turn.memory.candidate, resumed=False)


def resume_session(turn: Turning) -> None:
    """A tap of a challenge card, within half an hour of a PIN, resumes one's own round."""
    _open(turn, _owner(turn), resumed=True)


def _open(turn: Turning, actor: str, *, resumed: bool) -> None:
    for number, session in sorted(turn.machines.panels.items()):
        if number != turn.panel and session.memory.actor == actor:
            turn.signal("session", number, "moved")
    parked = turn.ward.people.rounds.get(actor)
    person = turn.ward.people.persons[actor]
    turn.add(
        SessionOpened(actor=actor, panel=turn.panel, staff_line=person.staff_line, resumed=resumed)
    )
    turn.forget(
        actor=actor,
        done=still_done(parked, turn.now),
        first=(parked.patient or "") if parked is not None else "",
        listed=my_patients(turn.ward, turn.now),
    )
    turn.effect(ForgetDigits(panel=turn.panel), Sound(pattern="accepted"))


def hand_over(turn: Turning) -> None:
    """The second person is proved: the first session of this panel ends, the second begins."""
    memory = turn.memory
    turn.add(Handover(actor=memory.actor, to=memory.candidate, panel=turn.panel))
    turn.add(SessionClosed(actor=memory.actor, panel=turn.panel, reason="handed over"))
    _open(turn, memory.candidate, resumed=False)


def back_to_her(turn: Turning) -> None:
    """No hand-over: whoever was here goes on."""
    turn.remember(candidate="", digits=0, tried=False)
    turn.effect(ForgetDigits(panel=turn.panel))
    do.show_patients(turn)


# --- the table -------------------------------------------------------------------------------

PHASES: tuple[Phase, ...] = (
    resting("signin.badge", "nobody is here: tap your badge"),
    resting("signin.pin", "a badge was read: type the PIN, then #"),
    resting("signin.checking", "the PIN is being checked, off the turn"),
    resting("handover.ask", "a second badge at a panel in use: is this person taking over?"),
    resting("handover.pin", "taking over: type the PIN, then #"),
    resting("handover.checking", "taking over: the PIN is being checked"),
)


def _pin_rows(task: str, back: str, off: tuple[Action, ...]) -> tuple[Row, ...]:
    """The rows from a badge to the check of its PIN, for signing in and for taking over."""
    pin, checking = f"{task}.pin", f"{task}.checking"
    return (
        Row("pin digits", pin, None, (), (show_digits,), "digits are held at the edge"),
        Row(
            "pin entered",
            pin,
            checking,
            (enough_digits, no_delay_runs, not_locked),
            (check,),
            "have it checked",
        ),
        Row("pin entered", pin, back, (), (refuse_the_try, *off), "not even checked"),
        Row(("key B", "key C"), (pin, checking), back, (), (never_mind, *off), "never mind"),
        Row("badge", pin, None, (), (hold_the_badge,), "another badge"),
        Row(
            "credential wrong",
            checking,
            back,
            (the_answer_is_about_this_badge,),
            (wrong_pin, *off),
            "counted",
        ),
        Row("credential wrong", checking, None, (), (), "a late answer for an earlier badge"),
    )


_ALLOWED = (
    the_answer_is_about_this_badge,
    the_candidate_is_known,
    the_candidate_may_work_here,
    no_drawer_in_hand_elsewhere,
)

ROWS: tuple[Row, ...] = (
    Row(
        "badge",
        "signin.badge",
        "home.patients",
        (a_challenge_card_may_resume, no_drawer_in_hand_elsewhere_for_the_tap),
        (resume_session,),
        "tap alone: own parked round, within 30 min",
    ),
    Row("badge", "signin.badge", "signin.pin", (), (hold_the_badge,), "known or not"),
    *_pin_rows("signin", "signin.badge", (drop_the_badge,)),
    Row("credential right", "signin.checking", "home.patients", _ALLOWED, (open_session,), "in"),
    Row(
        "credential right",
        "signin.checking",
        None,
        (the_answer_is_for_another_badge,),
        (),
        "a late answer for an earlier badge",
    ),
    Row(
        "credential right",
        "signin.checking",
        "signin.badge",
        (),
        (refuse_the_person, drop_the_badge),
        "right PIN, but may not work here",
    ),
    Row(
        "idle",
        ("signin.pin", "signin.checking"),
        "signin.badge",
        (),
        (never_mind, drop_the_badge),
        "gone away",
    ),
    Row("idle", "signin.badge", None, (), (wipe,), "what was said last is not said for ever"),
    # --- a second badge at a panel in use (F28) ----------------------------------------------
    Row("key A", "handover.ask", "handover.pin", (), (do.say(""),), "yes, taking over"),
    Row(("key B", "key C"), "handover.ask", "home.patients", (), (back_to_her,), "no"),
    *_pin_rows("handover", "home.patients", (back_to_her,)),
    Row(
        "credential right",
        "handover.checking",
        "home.patients",
        _ALLOWED,
        (hand_over,),
        "the first session ends, the second begins",
    ),
    Row(
        "credential right",
        "handover.checking",
        None,
        (the_answer_is_for_another_badge,),
        (),
        "a late answer for an earlier badge",
    ),
    Row(
        "credential right",
        "handover.checking",
        "home.patients",
        (),
        (refuse_the_person, back_to_her),
        "right PIN, but may not work here",
    ),
)


def second_badge(sources: tuple[str, ...], visits: tuple[str, ...]) -> tuple[Row, ...]:
    """The rows for a badge at a panel in use: a question when no drawer is in hand (F28)."""
    return (
        Row("badge", sources, None, (it_is_her_own_badge,), (do.tick,), "here already"),
        Row("badge", sources, "handover.ask", (), (hold_the_badge,), "F28: taking over?"),
        Row("badge", visits, None, (), (do.tick, do.say("not now")), "not with a drawer in hand"),
    )
