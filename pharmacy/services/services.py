"""The services by name. Each method is one transaction; the work is in the module it calls."""

from collections.abc import Mapping, Sequence

from pharmacy.services import (
    cabinets,
    feed,
    maps,
    orders,
    patients,
    people,
    periodic,
    stock,
    users,
    views,
)
from pharmacy.services.inputs import DrugCode, Frequency, Prescription, StockRow
from pharmacy.services.office import Office
from statemachine.ward.orders import Administration, FulfilmentSet
from statemachine.ward.patients import Allergy, Patient
from statemachine.ward.people import Staff
from statemachine.ward.stock import Pocket, Product, Recall


class Services:
    """Everything the pharmacy does, over one `Office` (database, clock, keys, live updates)."""

    def __init__(self, office: Office) -> None:
        self.office = office

    # --- cabinets and their logs -----------------------------------------------------------

    def enrol_cabinet(
        self, cab: str, *, ward: str, hal: str, public_jwk: Mapping[str, str], seal_key: bytes
    ) -> bytes:
        """Enrol a cabinet, brief it with all that holds, and return its genesis line.

        The same key again returns the same genesis.

        Args:
            cab: the cabinet's id.
            ward: the ward where it stands.
            hal: `sim` or `real`; `sim` is refused unless this pharmacy is a demo.
            public_jwk: its Ed25519 key as a JWK (`kty`, `crv`, `x`).
            seal_key: its raw X25519 public key, 32 bytes, for credentials.

        Raises:
            ServiceError: simulated cabinet at a real pharmacy, bad key, id taken by another key.
        """
        return cabinets.enrol(
            self.office, cab, ward=ward, hal=hal, public_jwk=public_jwk, seal_key=seal_key
        )

    def accept_up(self, cab: str, batch: bytes, nonce: str | None = None) -> bytes:
        """Accept a batch of `up` lines (WIRE 1) and return a signed head: the receipt.

        Raises:
            BatchError: nothing of the batch was kept, with the reason; see `pharmacy.ledger`.
        """
        return cabinets.accept_up(self.office, cab, batch, nonce)

    def dn_after(self, cab: str, after_seq: int, nonce: str | None = None) -> bytes:
        """Return at most one batch of directives after `after_seq`, with a signed head at its end.

        Raises:
            BatchError: no such cabinet.
        """
        return cabinets.dn_after(self.office, cab, after_seq, nonce)

    def rebuild(self, cab: str) -> None:
        """Make stock and pockets of a cabinet again from its stored lines alone."""
        cabinets.rebuild(self.office, cab)

    # --- people ----------------------------------------------------------------------------

    def put_staff(self, staff: Staff) -> None:
        """Tell every cabinet of this person; the same again sends nothing."""
        people.put_staff(self.office, staff)

    def revoke(self, actor: str) -> None:
        """End a person's access; binds on each cabinet when received (I13)."""
        people.revoke(self.office, actor)

    def set_credential(self, actor: str, badge: str, pin: str, card: str = "static") -> None:
        """Give a person a badge and a PIN (6 to 12 digits); also unlocks after too many tries."""
        people.set_credential(self.office, actor, badge, pin, card)

    def withdraw_credential(self, actor: str) -> None:
        """Take a person's badge back."""
        people.withdraw_credential(self.office, actor)

    # --- patients --------------------------------------------------------------------------

    def admit(self, patient: Patient) -> str:
        """Admit (or expect, by `status`), or update; returns the id (made when `patient` is "")."""
        return patients.put(self.office, patient)

    def transfer(self, patient: str, ward: str, bed: str = "") -> None:
        """Move a patient to a ward and bed."""
        patients.transfer(self.office, patient, ward, bed)

    def discharge(self, patient: str, at_s: int | None = None) -> None:
        """Discharge; the name stays visible for the site's time (default 2 h) after `at_s`."""
        patients.discharge(self.office, patient, at_s)

    def cancel_movement(self, patient: str) -> None:
        """Take back the last admission, transfer or discharge of this patient."""
        patients.cancel(self.office, patient)

    def leave(self, patient: str, *, away: bool) -> None:
        """The patient goes on leave, or is back."""
        patients.leave(self.office, patient, away=away)

    def merge(self, patient: str, merged: str) -> None:
        """Two records are one person: `merged` lives on as `patient`."""
        patients.merge(self.office, patient, merged)

    def set_allergies(self, patient: str, allergies: Sequence[Allergy] | None) -> None:
        """Record allergies (empty: none known), or with None that they are not recorded."""
        patients.set_allergies(self.office, patient, allergies)

    # --- formulary, pockets, maps ----------------------------------------------------------

    def put_product(self, product: Product) -> None:
        """Put a product on the formulary, or change it."""
        stock.put_products(self.office, [product])

    def put_products(self, products: Sequence[Product]) -> None:
        """Put many products on the formulary in one directive."""
        stock.put_products(self.office, products)

    def retire_product(self, product: str) -> None:
        """Take a product off the formulary."""
        stock.retire_product(self.office, product)

    def put_pocket(self, cab: str, pocket: Pocket) -> None:
        """Assign a pocket; its `opening` is counted once, when the cabinet has applied it."""
        stock.put_pocket(self.office, cab, pocket)

    def retire_pocket(self, cab: str, pocket: str) -> None:
        """Take a pocket out of use; its book goes to nothing when the cabinet has applied it."""
        stock.retire_pocket(self.office, cab, pocket)

    def put_list(self, name: str, items: Sequence[str], review: str = "") -> None:
        """Send a signed list (override, emergency, verification, interaction groups)."""
        stock.put_list(self.office, name, items, review)

    def put_setting(self, key: str, value: int | str) -> None:
        """Send a site's choice to every cabinet."""
        stock.put_setting(self.office, key, value)

    def recall(self, recall: Recall) -> str:
        """Hold a lot or product everywhere (or lift it); returns the recall's id."""
        return stock.recall(self.office, recall)

    def map_drug(self, drug: DrugCode, product: str, by: str, units: int | None = None) -> int:
        """Say what a foreign drug code is; returns how many waiting orders could be sent."""
        return maps.map_drug(self.office, drug, product, by, units)

    def map_frequency(self, text: str, frequency: Frequency, by: str) -> int:
        """Say what a frequency text means; returns how many waiting orders could be sent."""
        return maps.map_frequency(self.office, text, frequency, by)

    # --- orders ----------------------------------------------------------------------------

    def prescribe(self, prescription: Prescription) -> str:
        """Take a prescription, new or changed; returns the order's id.

        What the maps do not know yet keeps it waiting, with an attention item.
        """
        return orders.prescribe(self.office, prescription)

    def verify(self, order: str, by: str) -> None:
        """A pharmacist has seen it and agrees."""
        orders.judge(self.office, order, "verified", by, "")

    def query(self, order: str, by: str, reason: str = "") -> None:
        """A pharmacist asks the prescriber first; the cabinet refuses it meanwhile."""
        orders.judge(self.office, order, "queried", by, reason)

    def reject(self, order: str, by: str, reason: str = "") -> None:
        """A pharmacist refuses it."""
        orders.judge(self.office, order, "rejected", by, reason)

    def complete_order(
        self,
        order: str,
        by: str,
        *,
        sets: Sequence[FulfilmentSet] = (),
        frequency: Frequency | None = None,
    ) -> bool:
        """A pharmacist answers an order's questions: what makes a dose, when to give it.

        Returns whether the order could be sent; what the tables still lack keeps it waiting.
        """
        return orders.complete(self.office, order, by, sets=sets, frequency=frequency)

    def stop(self, order: str, by: str, reason: str = "") -> None:
        """End an order early."""
        orders.stop(self.office, order, by, reason)

    def record_administration(self, administration: Administration) -> None:
        """The ePMA recorded a dose given, held, omitted or refused; the same again does nothing."""
        orders.administer(self.office, administration)

    # --- messages and signs of life --------------------------------------------------------

    def receive_hl7(self, raw: bytes, source: str) -> bytes:
        """Store a message, understand it, apply it once, and return the acknowledgement."""
        return feed.receive_hl7(self.office, raw, source)

    def epma_alive(self, at_s: int | None = None) -> None:
        """The ePMA gave a sign of life at `at_s` (now); the next heartbeat carries it."""
        periodic.epma_alive(self.office, at_s)

    def tick(self) -> None:
        """Do what is due: heartbeats, windows, patients to forget, old sessions."""
        periodic.tick(self.office)

    # --- what pages read -------------------------------------------------------------------

    def stock(self, cab: str | None = None) -> list[StockRow]:
        """Return the stock of one cabinet, or of all, by pocket and lot."""
        return views.stock(self.office, cab)

    def close_attention(self, item: int, by: str) -> None:
        """A person has dealt with this attention item."""
        views.close_attention(self.office, item, by)

    # --- sign-in to the pages --------------------------------------------------------------

    def first_user(self) -> tuple[str, str] | None:
        """On a new database make the first pharmacist; returns (user, password) once, else None."""
        return users.first_user(self.office)

    def put_user(self, user: str, *, name: str, role: str, password: str) -> None:
        """Make a page user, or give one a new password."""
        users.put_user(self.office, user, name=name, role=role, password=password)

    def sign_in(self, user: str, password: str) -> users.Ticket | None:
        """Check a password; returns a cookie token and CSRF token, or None (never saying why)."""
        return users.sign_in(self.office, user, password)

    def session(self, token: str) -> users.SignedIn | None:
        """Return who this cookie stands for, or None when it is unknown or over."""
        return users.session(self.office, token)

    def sign_out(self, token: str) -> None:
        """End a session."""
        users.sign_out(self.office, token)

    def change_password(self, user: str, old: str, new: str) -> None:
        """Change one's own password; ends the user's other sessions.

        Raises:
            ServiceError: the old one is wrong, or the new one is too short.
        """
        users.change_password(self.office, user, old, new)
