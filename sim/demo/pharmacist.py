"""What the demo's pharmacist does once the first orders have arrived: a query, a locker noted.

Everything else about orders comes over HL7. These two are a pharmacist's own acts, which on a ward
are done on the pharmacy's pages.
"""

from sqlalchemy import select

from pharmacy.app import Pharmacy
from pharmacy.db import OrderRow, PatientRow
from pharmacy.services import Prescription
from sim.feed.ward import Setup

NAME = "pharmacist"


def go_round(pharmacy: Pharmacy, setup: Setup) -> None:
    """Query and note what the set-up says; what was done already is left alone."""
    _query(pharmacy, setup)
    _lockers(pharmacy, setup)


def _query(pharmacy: Pharmacy, setup: Setup) -> None:
    reasons = dict(setup.queries)
    with pharmacy.office.read() as session:
        rows = session.execute(select(OrderRow.order, OrderRow.placer, OrderRow.verdict)).all()
    for order, placer, verdict in rows:
        if placer in reasons and verdict in {"", "none"}:
            pharmacy.services.query(order, NAME, reasons[placer])


def _lockers(pharmacy: Pharmacy, setup: Setup) -> None:
    with pharmacy.office.read() as session:
        people = session.execute(select(PatientRow.mrn, PatientRow.patient)).all()
        away = select(OrderRow.patient, OrderRow.text).where(OrderRow.elsewhere != "")
        noted = {(row.patient, row.text) for row in session.execute(away)}
    patient_of = {row.mrn: row.patient for row in people}
    for mrn, text, place in setup.lockers:
        patient = patient_of.get(mrn)
        if patient is not None and (patient, text) not in noted:
            pharmacy.services.prescribe(
                Prescription(patient=patient, text=text, elsewhere=place, seen=True)
            )
