r"""What a scanner reads from things that lie about on a ward: packs and wristbands.

Packs carry GS1 DataMatrix (`]d2`, fields 01, 17, 10, the last of variable length) when their lot is
printed in the code, and a plain EAN-13 or GTIN-14 otherwise. Wristbands carry the plain
NHS number, or the hospital number where there is none.
"""

from sim.people import Person
from statemachine.ward.patients import Patient
from statemachine.ward.stock import Product

GS = "\x1d"


def code_of_pack(product: Product, person: Person, lot: str | None) -> bytes:
    """The code on a pack: of the one in hand where there is one, else of one from the shelf."""
    held = [pack for pack, _ in person.hands if pack.product == product.product]
    gtin = product.gtins[0]
    expires = held[-1].expires if held else ""
    if lot is None:
        lot = held[-1].lot if held else ""
    if not lot:
        return f"]E0{gtin[1:]}".encode() if gtin.startswith("0") else f"]d201{gtin}".encode()
    day = f"17{expires[2:4]}{expires[5:7]}{expires[8:10]}" if expires else ""
    return f"]d201{gtin}{day}10{lot}".encode()


def wristband(patient: Patient) -> bytes:
    """What a wristband of this patient holds: the NHS number, or the hospital number."""
    if patient.nhs:
        return f"]C0{patient.nhs}".encode()
    return f"]C0{patient.mrn}".encode()
