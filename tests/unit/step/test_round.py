"""A round is fast (RULES 4): next patient one key, all that is due one key, closing means next."""

from statemachine.ward.orders import RemovalRecorded
from statemachine.ward.stock import Formulary, Opening, Pocket, Product

NAMES = ("ADAMS", "BROWN", "CLARK", "DAVIES", "EVANS", "FOSTER")
MEDICINES = ("amlodipine", "bisoprolol", "citalopram", "doxazosin")


def _stock(desk):
    products = tuple(
        Product(product=name, generic=name, gtins=(f"0501234567{n}000",))
        for n, name in enumerate(MEDICINES)
    )
    desk.directs(
        Formulary(products=products),
        *(
            Pocket(
                pocket=f"{n % 3 + 1}-9{n}",
                drawer=n % 3 + 1,
                product=name,
                opening=(Opening(quantity=50),),
            )
            for n, name in enumerate(MEDICINES)
        ),
    )


def test_four_medicines_for_six_patients_take_at_most_49_keys_and_scans(desk, words):
    _stock(desk)
    desk.directs(
        words.patient("P1", "SMITH", "3", ward="8"), words.patient("P2", "JONES", "4", ward="8")
    )
    for bed, name in enumerate(NAMES, start=1):
        desk.directs(words.patient(name, name, str(bed)))
        for medicine in MEDICINES:
            desk.directs(*words.order(f"{name}-{medicine}", name, (medicine, 1)))
    done = len("246810#") + 1  # the badge and the PIN
    desk.signs_in()
    codes = {name: f"0501234567{n}000" for n, name in enumerate(MEDICINES)}
    for name in NAMES:
        desk.press("AA")
        done += 2
        assert desk.memory().patient == name
        while desk.state() == "remove.release":
            visit = desk.memory().visit
            desk.opens(visit.drawer)
            desk.scan(codes[visit.product])
            done += 1
            desk.closes(visit.drawer)
        assert desk.state() == "home.patients"
    removed = [entry for entry in desk.entries if isinstance(entry, RemovalRecorded)]
    assert len(removed) == 24
    assert all(entry.scan == "scanned" for entry in removed)
    assert done <= 49
    print(done, "keys and scans for 24 removals")
