"""The world before: cabinets, people, patients, products, pockets and orders of a scenario."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec

from pharmacy.services import Prescription
from sim.people import Pack, Person
from sim.play.naming import decimal, drawer_of, in_house_gtin, name_parts, split
from sim.play.pharmacist import fill_tables
from sim.play.registry import StepFailed, later, step
from sim.play.stage import OrderNotes, Stage
from statemachine.ward.patients import Allergy, Patient
from statemachine.ward.people import Staff
from statemachine.ward.stock import Ingredient, Opening, Pocket, Product

GIVEN = 0
EVERY_TASK = "Every task at the cabinet"
REAL_HARDWARE = "Real hardware"

FLAGS = frozenset(
    [
        "custody",
        "witness",
        "count",
        "register",
        "destruction",
        "high-alert",
        "paralysing",
        "fridge",
        "time-critical",
    ]
)
ROLES = {"witness": "witness only"}
AMOUNT = "{amount:number} {amount_unit:word:mg|g|mL|micrograms|units}"


@step(
    "a cabinet {cabinet:text} with {drawers:int} drawer[s] of {pockets:int} pocket[s]"
    "[ {boards:flag:on boards}][ in ward {ward:text}][ with {panels:int} panel[s]]",
    chapter=GIVEN,
    phase=0,
)
def a_cabinet(
    stage: Stage,
    cabinet: str,
    drawers: int,
    pockets: int,
    boards: bool,
    ward: str = "7",
    panels: int = 1,
) -> None:
    """A cabinet stands enrolled and started in a ward."""
    if boards:
        raise StepFailed(f'not built yet: drawer boards come with "{REAL_HARDWARE}".')
    if not (1 <= drawers <= 64 and 1 <= pockets <= 64 and 1 <= panels <= 4):
        raise StepFailed("a cabinet has 1 to 64 drawers of 1 to 64 pockets, and 1 to 4 panels.")
    places = {
        drawer: tuple(f"{drawer}-{pocket}" for pocket in range(1, pockets + 1))
        for drawer in range(1, drawers + 1)
    }
    if cabinet in stage.ward.cabinets:
        raise StepFailed(f'there is a cabinet "{cabinet}" already.')
    stage.ward.add_cabinet(cabinet, places, ward=ward, panels=panels)


@step("the time is {at:moment}", chapter=GIVEN, phase=0)
def the_time_is(stage: Stage, at: dt.datetime) -> None:
    """Before anything happened: the start. Later: time passes until then."""
    if not stage.begun:
        return  # the runner has read it: the last one before anything happens is the start
    ahead_ms = stage.epoch(at) * 1000 - stage.timeline.true_ms
    if ahead_ms < 0:
        raise StepFailed("time does not run backwards; it is later than that already.")
    stage.pass_time(ahead_ms)


@step(
    "{role:word:nurse|nurse in charge|midwife|student|pharmacist|technician|anaesthetist|witness}"
    " {name:text} with badge {badge:text} and PIN {pin:text}",
    chapter=GIVEN,
    phase=3,
)
def a_person(stage: Stage, role: str, name: str, badge: str, pin: str) -> None:
    """Somebody with a badge and a PIN, known to every cabinet of the scenario."""
    actor = stage.handles.new("staff", name)
    wards = sorted({cabinet.ward for cabinet in stage.ward.cabinets.values()} or {"7"})
    services = stage.ward.services
    services.put_staff(
        Staff(
            actor=actor,
            family="",
            given=name,
            privileges=(ROLES.get(role, role),),
            wards=tuple(wards),
        )
    )
    services.set_credential(actor, badge, pin)
    stage.people[name] = Person(name=name, badge=badge, pin=pin)


@step(
    "patient {handle:text} {name:rest}[ born {born:date}]"
    "[ {gender:word:male|female|other|unknown}][ NHS number {nhs:digits}]"
    "[ in ward {ward:text}][ bed {bed:text}]",
    chapter=GIVEN,
    phase=4,
)
def a_patient(
    stage: Stage,
    handle: str,
    name: str,
    born: dt.date | None = None,
    gender: str = "unknown",
    nhs: str = "",
    ward: str = "7",
    bed: str = "",
) -> None:
    """Somebody admitted, with no allergies (recorded as none)."""
    family, _, rest = name.partition(",")
    given, _, title = rest.strip().partition("(")
    patient = stage.handles.new("patient", handle)
    stage.ward.services.admit(
        Patient(
            patient=patient,
            family=family.strip(),
            given=given.strip(),
            title=title.rstrip(") "),
            born=born.isoformat() if born else "",
            gender=gender,
            nhs=nhs,
            mrn=handle,
            ward=ward,
            bed=bed,
            allergies_recorded=True,
        )
    )


@step(
    "{patient:text} is allergic to {substance:text}[ {kind:word:anaphylaxis|intolerance}]",
    chapter=GIVEN,
    phase=5,
)
def is_allergic(stage: Stage, patient: str, substance: str, kind: str = "allergy") -> None:
    """One more recorded allergy."""
    opaque = stage.handles.get("patient", patient)
    known = stage.allergies.setdefault(opaque, [])
    known.append(Allergy(ingredient=substance.casefold(), kind=kind))  # type: ignore[arg-type]
    stage.ward.services.set_allergies(opaque, tuple(known))


@step("the allergies of {patient:text} are not recorded", chapter=GIVEN, phase=5)
def allergies_not_recorded(stage: Stage, patient: str) -> None:
    """Nobody has asked yet; never shown as "none known"."""
    stage.ward.services.set_allergies(stage.handles.get("patient", patient), None)


@step(
    "product {product:text}"
    f"[ ingredient {{ingredient:text}}[ {AMOUNT}]]"
    "[ strength {strength:number} {unit:word:mg|g|mL|micrograms|units} per unit]"
    "[ unit of issue {issue:word:unit|whole pack|bottle|single-use container}]"
    "[ flags {flags:rest}][ GTIN {gtin:digits}]",
    chapter=GIVEN,
    phase=1,
)
def a_product(stage: Stage, product: str, flags: str = "", gtin: str = "", **said: Any) -> None:
    """A medicine of the formulary; a pack without a GTIN gets one of the in-house range."""
    wrong = [flag for flag in split(flags) if flag not in FLAGS]
    if wrong:
        raise StepFailed(f"no such flag: {', '.join(wrong)}; known are {', '.join(sorted(FLAGS))}.")
    generic, strength, form = name_parts(product)
    amount = said.get("amount")
    inside = said.get("ingredient") or generic
    strength_said = said.get("strength")
    opaque = stage.handles.new("product", product)
    stage.gtins += 1
    made = Product(
        product=opaque,
        generic=generic,
        strength=strength,
        form=form,
        issue=said.get("issue", "unit"),
        per_unit=decimal(strength_said, said["unit"]) if strength_said else None,
        ingredients=(
            Ingredient(
                name=inside.casefold(),
                amount=decimal(amount, said["amount_unit"]) if amount else None,
            ),
        ),
        flags=tuple(split(flags)),
        gtins=(gtin.zfill(14) if gtin else in_house_gtin(stage.gtins),),
    )
    stage.products[opaque] = made
    stage.ward.services.put_product(made)


@step(
    "{product:text} is early by {early:int} min[ and late until {late:int} min]",
    chapter=GIVEN,
    phase=2,
)
def is_early(stage: Stage, product: str, early: int, late: int | None = None) -> None:
    """Its window around each due time."""
    change_product(stage, product, early_s=early * 60, late_s=None if late is None else late * 60)


@step("{product:text} demands verification", chapter=GIVEN, phase=2)
def demands_verification(stage: Stage, product: str) -> None:
    """It is on the list that a pharmacist must have seen."""
    change_product(stage, product, verify_first=True)


@step(
    "pocket {pocket:text} of {cabinet:text} holds {quantity:int} {product:text}"
    "[ lot {lot:text} expiring {expires:date}][ {unknown:flag:lot unknown}][ in truth {truth:int}]",
    chapter=GIVEN,
    phase=6,
)
def a_pocket(
    stage: Stage,
    pocket: str,
    cabinet: str,
    quantity: int,
    product: str,
    unknown: bool,
    lot: str = "",
    expires: dt.date | None = None,
    truth: int | None = None,
) -> None:
    """A pocket with stock in the book, and packs really in it."""
    if cabinet not in stage.ward.cabinets:
        raise StepFailed(f'there is no cabinet "{cabinet}".')
    there = stage.ward.cabinets[cabinet]
    drawer = drawer_of(pocket)
    if pocket not in there.world.contents:
        raise StepFailed(f'cabinet "{cabinet}" has no pocket {pocket}.')
    stage.put_pocket(
        cabinet,
        Pocket(pocket=pocket, drawer=drawer, product=stage.handles.get("product", product)),
        Opening(
            quantity=quantity,
            lot="" if unknown else lot or f"L{stage.seed % 90 + 10}{drawer}",
            expires="" if unknown else (expires or a_good_year(stage)).isoformat(),
        ),
    )
    opening = stage.openings[cabinet, pocket][1][-1]
    pack = Pack(stage.handles.get("product", product), opening.lot, opening.expires)
    there.world.fill(pocket, [pack] * (quantity if truth is None else truth))


@step(
    "an order {order:text} for {patient:text}: {quantity:int} {product:text}"
    "[ + {second_quantity:int} {second:text}][ at {times:clocks}]"
    "[ kind {kind:word:regular|STAT|as-required}[ every {every:int} min]"
    "[ at most {most:int} in 24 h]][ dose {dose:number} {unit:word:mg|g|mL|micrograms|units}]",
    chapter=GIVEN,
    phase=7,
)
def an_order(
    stage: Stage,
    order: str,
    patient: str,
    quantity: int,
    product: str,
    times: tuple[tuple[int, int], ...] = (),
    **said: Any,
) -> None:
    """A verified order that starts today; a STAT one, or one without times, is due now."""
    patient_id = stage.find_patient(patient)
    parts = [(stage.handles.get("product", product), quantity)]
    if "second" in said:
        parts.append((stage.handles.get("product", said["second"]), said["second_quantity"]))
    kind = {"STAT": "stat"}.get(said.get("kind", "regular"), said.get("kind", "regular"))
    dose, unit = said.get("dose"), said.get("unit", "mg")
    now_s = stage.timeline.true_s
    if kind == "regular" and not times:
        local = dt.datetime.fromtimestamp(now_s, stage.zone)
        times = ((local.hour, local.minute),)
    every = said.get("every")
    asked = Prescription(
        order=stage.handles.new("order", order),
        placer=order,
        patient=patient_id,
        kind=kind,
        sets=(tuple(parts),),
        dose=decimal(dose, unit) if dose else None,
        times=tuple(f"{hour:02}:{minute:02}" for hour, minute in times),
        starts_s=now_s if kind != "regular" else stage.at_clock((0, 0)),
        interval_s=every * 60 if every else None,
        max_per_24h=said.get("most"),
        seen=True,
        verdict="verified",
    )
    stage.orders[order] = OrderNotes(patient_id, parts[0][0], times)
    stage.prescriptions[order] = asked
    stage.handles.bind("order", order, stage.ward.services.prescribe(asked))


@step(
    "{order:text} is {verdict:word:unseen|verified|queried|rejected|stopped}",
    chapter=GIVEN,
    phase=8,
)
def order_is(stage: Stage, order: str, verdict: str) -> None:
    """What the pharmacist said of it, if anything."""
    opaque = stage.find_order(order)
    services = stage.ward.services
    match verdict:
        case "unseen":
            asked = msgspec.structs.replace(
                stage.prescriptions[order], order=opaque, seen=False, verdict="none"
            )
            services.prescribe(asked)
        case "verified":
            services.verify(opaque, "scene")
        case "queried":
            services.query(opaque, "scene")
        case "rejected":
            services.reject(opaque, "scene")
        case _:
            services.stop(opaque, "scene")
    stage.ward.settle()


@step("the HL7 message {path:text} has been received", chapter=GIVEN, phase=9)
def hl7_received(stage: Stage, path: str) -> None:
    """A message file, looked for beside the feature file and then from where we were started."""
    tried = [stage.base / path, Path(path)]
    for place in tried:
        if place.is_file():
            answer = stage.ward.services.receive_hl7(place.read_bytes(), "play")
            stage.acks.append(answer)
            fill_tables(stage.ward.services, stage.products)
            stage.ward.settle()
            return
    raise StepFailed(f"there is no HL7 message at {' or '.join(map(str, tried))}.")


later(
    EVERY_TASK,
    GIVEN,
    "the override list of ward {ward:text} holds {products:texts}",
    "the emergency drawers are {drawers:ints}",
)


# --- helpers ---


def a_good_year(stage: Stage) -> dt.date:
    """The default expiry."""
    return stage.today() + dt.timedelta(days=365)


def change_product(stage: Stage, handle: str, **changed: Any) -> None:
    """Send the product again with something changed."""
    made = msgspec.structs.replace(stage.product(handle), **changed)
    stage.products[made.product] = made
    stage.ward.services.put_product(made)
