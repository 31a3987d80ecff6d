"""What people do: keys, badges, scans and hands, as somebody standing there would use them."""

from sim.play import doses, nurse, packs, thumb
from sim.play.registry import StepFailed, later, step
from sim.play.stage import HAND_MS, Stage
from sim.play.steps_given import EVERY_TASK
from sim.world import CannotHappen
from statemachine.ward.orders import Administration
from statemachine.ward.stock import Recall

DO = 1

# --- at the panel ----------------------------------------------------------------------


@step("{who:who} signs in[ at panel {panel:int}][ with PIN {pin:text}]", chapter=DO)
def signs_in(stage: Stage, who: str, panel: int | None = None, pin: str | None = None) -> None:
    """Badge and PIN."""
    person = stage.person(who)
    if panel is not None:
        if not 1 <= panel <= stage.cabinet.world.panels:
            raise StepFailed(f"this cabinet has no panel {panel}.")
        person.panel = panel
    nurse.sign_in(stage, person, pin)


@step("{who:who} taps her badge", chapter=DO)
def taps(stage: Stage, who: str) -> None:
    """The badge alone."""
    thumb.tap(stage, stage.person(who))


@step("{who:who} signs out", chapter=DO)
def signs_out(stage: Stage, who: str) -> None:
    """Park and leave."""
    stage.person(who)
    nurse.sign_out(stage)


@step(
    "{who:who} chooses patient {patient:text}[ {by:word:by wristband|by bedside ticket}]",
    chapter=DO,
)
def chooses(stage: Stage, who: str, patient: str, by: str = "") -> None:
    """From the list, with the similar-name question answered; or by a scan of the wristband."""
    if by == "by bedside ticket":
        raise StepFailed(f'not built yet: bedside tickets come with "{EVERY_TASK}".')
    stage.person(who)
    known = stage.cabinet.patient(stage.find_patient(patient))
    if by == "by wristband":
        thumb.scan(stage, packs.wristband(known))
        return
    nurse.choose_patient(stage, known)


@step("{who:who} chooses the next patient", chapter=DO)
def chooses_next(stage: Stage, who: str) -> None:
    """One key: the next patient of the round."""
    stage.person(who)
    nurse.choose_next(stage)


@step("{who:who} takes all that is due", chapter=DO)
def takes_all(stage: Stage, who: str) -> None:
    """One key: all that is due for this patient."""
    stage.person(who)
    doses.take_all(stage)


@step("{who:who} removes {quantity:int} {product:text}", chapter=DO)
def removes(stage: Stage, who: str, quantity: int, product: str) -> None:
    """The keys to the line of this product."""
    stage.person(who)
    doses.remove(stage, doses.Wanted(product=stage.product(product), quantity=quantity))


@step("{who:who} removes order {order:text}[ as replacement because {reason:text}]", chapter=DO)
def removes_order(stage: Stage, who: str, order: str, reason: str = "") -> None:
    """The keys to the line of this order; a replacement with its reason."""
    stage.person(who)
    opaque = stage.find_order(order)
    doses.remove(stage, doses.Wanted(order=opaque, replacing=reason))


@step("{who:who} changes the quantity to {quantity:int}", chapter=DO)
def changes_quantity(stage: Stage, who: str, quantity: int) -> None:
    """Another quantity than the one shown."""
    stage.person(who)
    doses.change_quantity(stage, quantity)


@step("{who:who} answers {answer:text}", chapter=DO)
def answers(stage: Stage, who: str, answer: str) -> None:
    """The line or key that says so, or the figure a question asks for."""
    stage.person(who)
    thumb.answer(stage, answer)


@step("{who:who} presses {keys:keys}", chapter=DO)
def presses(stage: Stage, who: str, keys: str) -> None:
    """These keys, one after another."""
    stage.person(who)
    for key in keys:
        thumb.press(stage, key)


@step("{who:who} counts {number:int}", chapter=DO)
def counts(stage: Stage, who: str, number: int) -> None:
    """Types what the hand sees; goes to the count that is due first when none is asked yet."""
    stage.person(who)
    doses.count(stage, number)


@step("{who:who} cannot scan because {reason:text}", chapter=DO)
def cannot_scan(stage: Stage, who: str, reason: str) -> None:
    """The key for it, and the reason."""
    stage.person(who)
    doses.cannot_scan(stage, reason)


@step("the scanner reads {frame:text}", chapter=DO)
def scanner_reads(stage: Stage, frame: str) -> None:
    r"""These characters; `\x1D` separates GS1 data; one CR and LF at the end are the reader's."""
    thumb.scan(stage, frame.removesuffix("\n").removesuffix("\r").encode("utf-8"))


@step("{who:who} scans the pack of {product:text}[ lot {lot:text}]", chapter=DO)
def scans_pack(stage: Stage, who: str, product: str, lot: str | None = None) -> None:
    """The code printed on a pack of it: the one in her hand, or one from the shelf."""
    person = stage.person(who)
    thumb.scan(stage, packs.code_of_pack(stage.product(product), person, lot))


# --- hands -----------------------------------------------------------------------------


@step("{who:who} opens the drawer", chapter=DO)
def opens(stage: Stage, who: str) -> None:
    """Pulls the drawer released last."""
    stage.person(who)
    doses.pass_unscanned(stage)
    stage.pass_time(HAND_MS)
    stage.cabinet.world.pull(stage.drawer())
    stage.ward.settle()


@step("{who:who} takes {quantity:int}", chapter=DO)
def takes(stage: Stage, who: str, quantity: int) -> None:
    """Out of the open drawer into her hand."""
    person = stage.person(who)
    stage.pass_time(HAND_MS)
    stage.cabinet.world.take(person, quantity, stage.drawer())


@step("{who:who} puts back {quantity:int}", chapter=DO)
def puts_back(stage: Stage, who: str, quantity: int) -> None:
    """From her hand into the open drawer."""
    person = stage.person(who)
    stage.pass_time(HAND_MS)
    stage.cabinet.world.put_back(person, quantity, stage.drawer())


@step("{who:who} closes the drawer", chapter=DO)
def closes(stage: Stage, who: str) -> None:
    """Pushes the drawer released last."""
    stage.person(who)
    stage.opened_for_count = None
    stage.pass_time(HAND_MS)
    stage.cabinet.world.push(stage.drawer())
    stage.ward.settle()


@step("{who:who} leaves it open {seconds:int} s", chapter=DO)
def leaves_open(stage: Stage, who: str, seconds: int) -> None:
    """Nobody touches anything for so long."""
    stage.person(who)
    drawer = stage.drawer()
    if stage.cabinet.world.state(drawer) != "open":
        raise CannotHappen(f"Drawer {drawer} is not open.")
    stage.pass_time(seconds * 1000)


@step("somebody forces drawer {drawer:int}", chapter=DO)
def forces(stage: Stage, drawer: int) -> None:
    """A screwdriver."""
    stage.cabinet.world.force(drawer)
    stage.ward.settle()


@step("drawer {drawer:int} opens by itself", chapter=DO)
def opens_by_itself(stage: Stage, drawer: int) -> None:
    """A broken catch."""
    stage.cabinet.world.force(drawer)
    stage.ward.settle()


# --- pharmacists, prescribers, the wards' office -----------------------------------------


@step(
    "{who:text} the pharmacist {verdict:word:verifies|queries|rejects|stops} {order:text}",
    chapter=DO,
)
def judges(stage: Stage, who: str, verdict: str, order: str) -> None:
    """At the pharmacy's desk."""
    by = stage.handles.find("staff", who) or who
    services = stage.ward.services
    opaque = stage.find_order(order)
    match verdict:
        case "verifies":
            services.verify(opaque, by)
        case "queries":
            services.query(opaque, by)
        case "rejects":
            services.reject(opaque, by)
        case _:
            services.stop(opaque, by)
    stage.ward.settle()


@step("{who:text} the pharmacist recalls lot {lot:text} of {product:text}", chapter=DO)
def recalls(stage: Stage, who: str, lot: str, product: str) -> None:
    """Held at once and everywhere."""
    del who
    stage.ward.services.recall(Recall(recall="", product=stage.product(product).product, lot=lot))
    stage.ward.settle()


@step("{who:text} the pharmacist revokes {name:text}", chapter=DO)
def revokes(stage: Stage, who: str, name: str) -> None:
    """Ends somebody's access."""
    del who
    stage.ward.services.revoke(stage.handles.get("staff", name))
    stage.ward.settle()


@step(
    "the ePMA records {order:text} at {clock:clock} {outcome:word:given|held|omitted|refused}",
    chapter=DO,
)
def epma_records(stage: Stage, order: str, clock: tuple[int, int], outcome: str) -> None:
    """What became of the dose due then; for one without due times, what was done then."""
    notes = stage.order_notes(order)
    opaque = stage.find_order(order)
    at_s = stage.at_clock(clock)
    dose = f"{opaque}@{at_s}" if clock in notes.times else ""
    stage.ward.services.record_administration(
        Administration(
            patient=notes.patient,
            outcome=outcome,  # type: ignore[arg-type]  # the wording allows no other word
            at_s=min(at_s, stage.timeline.true_s),
            order=opaque,
            dose=dose,
            product=notes.product,
        )
    )
    stage.ward.settle()


@step("{patient:text} is transferred to ward {ward:text}[ bed {bed:text}]", chapter=DO)
def is_transferred(stage: Stage, patient: str, ward: str, bed: str = "") -> None:
    """The wards' office moves a patient."""
    stage.ward.services.transfer(stage.find_patient(patient), ward, bed)
    stage.ward.settle()


@step("{patient:text} is discharged", chapter=DO)
def is_discharged(stage: Stage, patient: str) -> None:
    """The patient goes home."""
    opaque = stage.find_patient(patient)
    stage.ward.services.discharge(opaque, stage.timeline.true_s)
    stage.ward.settle()


@step("{patient:text} is merged into {other:text}", chapter=DO)
def is_merged(stage: Stage, patient: str, other: str) -> None:
    """Two records are one person."""
    stage.ward.services.merge(stage.find_patient(other), stage.find_patient(patient))
    stage.ward.settle()


@step("a count of pocket {pocket:text} is asked", chapter=DO)
def count_is_asked(stage: Stage, pocket: str) -> None:
    """The pharmacy asks for it."""
    stage.ask_count(pocket)


later(
    EVERY_TASK,
    DO,
    "{who:who} overrides for {quantity:int} {product:text} because {reason:text}"
    "[ indication {indication:text}]",
    "{who:who} witnesses",
    "{who:who} confirms",
    "{who:who} returns {quantity:int} {product:text}",
    "{who:who} wastes {quantity:number}[ mg] of order {order:text}, given {given:number}[ mg]",
    "{who:who} restocks pocket {pocket:text} with {quantity:int}"
    "[ lot {lot:text} expiring {expires:date}]",
    "the emergency button is pressed",
)
