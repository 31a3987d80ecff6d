"""A small ward with something on every page, for tests with and without a screen."""

from pharmacy.app import Pharmacy
from pharmacy.services import DrugCode, Prescription
from statemachine.ward.drawers import DrawerForced
from statemachine.ward.entry import Decimal10
from statemachine.ward.house import Boot, DirectivesApplied
from statemachine.ward.orders import Administration, RemovalRecorded
from statemachine.ward.patients import Allergy, Patient
from statemachine.ward.people import Staff
from statemachine.ward.stock import DiscrepancyOpened, Opening, Pocket, Product

PRODUCTS = (
    Product(
        product="para",
        generic="paracetamol",
        strength="500 mg",
        form="tablets",
        unit="tablet",
        per_unit=Decimal10(n=500, unit="mg"),
    ),
    Product(
        product="levo",
        generic="levothyroxine",
        strength="50 micrograms",
        form="tablets",
        unit="tablet",
        per_unit=Decimal10(n=50, unit="microgram"),
    ),
)


class SmallWard:
    """Ward 7 with cabinet A, Ann Jones, and orders by name: `seen`, `unseen`, `waiting`."""

    def __init__(self, pharmacy: Pharmacy, cabinet) -> None:
        services = self.services = pharmacy.services
        self.pharmacy, self.cabinet = pharmacy, cabinet
        services.put_products(PRODUCTS)
        services.put_staff(
            Staff(actor="u1", given="Nina", family="BELL", privileges=("nurse",), wards=("7",))
        )
        for pocket, product, quantity in (("3-2", "para", 40), ("3-3", "levo", 4)):
            services.put_pocket(
                "A",
                Pocket(
                    pocket=pocket,
                    drawer=3,
                    product=product,
                    maximum=50,
                    opening=(Opening(quantity=quantity, lot="L1", expires="2027-01-31"),),
                ),
            )
        self.patient = services.admit(
            Patient(
                patient="",
                family="JONES",
                given="Ann",
                title="Mrs",
                born="1950-02-02",
                gender="female",
                nhs="9990000018",
                ward="7",
                bed="4",
                allergies_recorded=True,
                allergies=(Allergy(ingredient="penicillin", kind="anaphylaxis"),),
            )
        )
        self.seen = self._order("RX1", product="para", times=("08:00", "20:00"), seen=True)
        self.unseen = self._order("RX2", product="levo", times=("08:30",), dose=50, unit="mcg")
        self.waiting = self._order(
            "RX3",
            drug=DrugCode(system="LOC", code="D9", text="Paracetamol 500 mg tablets"),
            frequency="twice a day",
        )
        cabinet.send(Boot(reason="start"), *self.applied())

    def _order(self, placer: str, dose: int = 1000, unit: str = "mg", **said) -> str:
        return self.services.prescribe(
            Prescription(
                patient=self.patient,
                placer=placer,
                dose=Decimal10(n=dose, unit=unit),
                route="oral",
                **said,
            )
        )

    def applied(self) -> tuple[DirectivesApplied]:
        self.cabinet.applied = len(self.cabinet.directives())
        return (DirectivesApplied(to=(1, self.cabinet.applied)),)

    def remove(self, quantity: int = 2, pocket: str = "3-2") -> RemovalRecorded:
        now_s = self.pharmacy.office.clock.now_s()
        removed = RemovalRecorded(
            actor="u1", patient=self.patient, order=self.seen, dose=f"{self.seen}@{now_s}",
            product="para", drawer=3, pocket=pocket, quantity=quantity, panel=1, intent=3,
            lot="L1", marks=("not yet seen",),
        )  # fmt: skip
        self.cabinet.send(removed)
        return removed

    def given(self) -> None:
        self.services.record_administration(
            Administration(
                patient=self.patient,
                outcome="given",
                at_s=self.pharmacy.office.clock.now_s(),
                order=self.seen,
            )
        )

    def trouble(self) -> None:
        """A forced drawer, and a hand that found less than the book."""
        self.cabinet.send(
            DrawerForced(drawer=3),
            DiscrepancyOpened(
                discrepancy="d1", pocket="3-2", product="para", quantity=-3, actor="u1"
            ),
        )

    def status(self, order: str) -> tuple[str, str, bool]:
        from pharmacy.db import OrderRow

        with self.pharmacy.office.read() as session:
            row = session.get_one(OrderRow, order)
            return row.status, row.verdict, row.seen
