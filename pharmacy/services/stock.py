"""Formulary, pockets, lists, settings and recalls.

Each is said once when it changes. A pocket's opening stock is a legal origin of stock and counts
once: it is booked when the cabinet's own log says it applied the directive, never here and now.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from pharmacy.clock import new_id
from pharmacy.db import CabinetRow, ListRow, PocketRow, ProductRow, RecallRow, SettingRow
from pharmacy.services.inputs import ServiceError
from pharmacy.services.office import Office, Unit
from pharmacy.services.text import clean_struct, ident, word
from statemachine.ward.changes import QUANTITY_MAX
from statemachine.ward.stock import Pocket, Product, Recall, Retire, Setting, WardList

LIST_ITEMS_MAX = 1000
RESERVED = frozenset({"cabinet", "ward"})
"""Settings that say to one cabinet who it is."""


def put_products(office: Office, products: Sequence[Product]) -> None:
    """Put products on the formulary; see `Services.put_products`."""
    from pharmacy.services.briefing import formulary_lines

    cleaned = [_checked(product) for product in products]

    def work(unit: Unit) -> None:
        changed = [product for product in cleaned if _store(unit, product)]
        for line in formulary_lines(changed):
            unit.direct(line)
        if changed:
            unit.touch("formulary", "stock")

    office.run(work)


def retire_product(office: Office, product: str) -> None:
    """Take a product off; see `Services.retire_product`."""

    def work(unit: Unit) -> None:
        row = unit.session.get(ProductRow, product)
        if row is None or row.retired_s is not None:
            raise ServiceError("No such product is on the formulary. Nothing was changed.")
        row.retired_s = unit.now_s
        unit.direct(Retire(kind="product", ids=(product,)))
        unit.touch("formulary")

    office.run(work)


def put_pocket(office: Office, cab: str, pocket: Pocket) -> None:
    """Assign a pocket; see `Services.put_pocket`."""
    ident(pocket.pocket, "The pocket's id")
    for opening in pocket.opening:
        if not 0 <= opening.quantity <= QUANTITY_MAX:
            raise ServiceError(
                f"An opening stock is between 0 and {QUANTITY_MAX:,} units. Nothing was changed."
            )

    def work(unit: Unit) -> None:
        _cabinet(unit, cab)
        _product_known(unit, pocket.product)
        row = unit.session.get(PocketRow, (cab, pocket.pocket))
        if row is None:
            row = PocketRow(cab=cab, pocket=pocket.pocket, directed="", known="")
            unit.session.add(row)
        kept = msgspec.json.encode(msgspec.structs.replace(pocket, opening=())).decode()
        if row.directed == kept and not pocket.opening and row.retired_s is None:
            return
        row.directed, row.retired_s = kept, None
        row.drawer, row.product, row.maximum = pocket.drawer, pocket.product, pocket.maximum
        unit.direct(pocket, [cab])
        unit.touch("stock")

    office.run(work)


def retire_pocket(office: Office, cab: str, pocket: str) -> None:
    """Take a pocket out of use; see `Services.retire_pocket`."""

    def work(unit: Unit) -> None:
        row = unit.session.get(PocketRow, (cab, pocket))
        if row is None or row.retired_s is not None:
            raise ServiceError("This cabinet has no such pocket. Nothing was changed.")
        row.retired_s = unit.now_s
        unit.direct(Retire(kind="pocket", ids=(pocket,)), [cab])
        unit.touch("stock")

    office.run(work)


def put_list(office: Office, name: str, items: Sequence[str], review: str) -> None:
    """Send a list; see `Services.put_list`."""
    if len(items) > LIST_ITEMS_MAX:
        raise ServiceError(f"A list holds at most {LIST_ITEMS_MAX} items. Nothing was changed.")
    line = WardList(
        name=ident(name, "The list's name"),
        items=tuple(ident(item, "An item") for item in items),
        review=word(review, "The review date"),
    )
    text = msgspec.json.encode(line.items).decode()

    def work(unit: Unit) -> None:
        row = unit.session.get(ListRow, name)
        if row is not None and (row.items, row.review) == (text, line.review):
            return
        if row is None:
            row = ListRow(name=name)
            unit.session.add(row)
        row.items, row.review = text, line.review
        unit.direct(line)
        unit.touch("formulary")

    office.run(work)


def put_setting(office: Office, key: str, value: int | str) -> None:
    """Send a setting; see `Services.put_setting`."""
    ident(key, "The setting's name")
    if key in RESERVED:
        raise ServiceError("This name is said to each cabinet at its enrolment. It stays.")
    checked = word(value, "The setting") if isinstance(value, str) else value
    if isinstance(checked, int) and abs(checked) >= 2**53:
        raise ServiceError("This number is too large for a setting. Nothing was changed.")
    text = msgspec.json.encode(checked).decode()

    def work(unit: Unit) -> None:
        row = unit.session.get(SettingRow, key)
        if row is not None and row.value == text:
            return
        if row is None:
            row = SettingRow(key=key)
            unit.session.add(row)
        row.value = text
        unit.direct(Setting(key=key, value=checked))
        unit.touch("formulary")

    office.run(work)


def recall(office: Office, recall: Recall) -> str:
    """Recall a lot or product, or lift it; see `Services.recall`."""
    cleaned = clean_struct(recall, "The recall")

    def work(unit: Unit) -> str:
        _product_known(unit, cleaned.product)
        held = cleaned
        if not held.recall:
            held = msgspec.structs.replace(held, recall=new_id(office.clock, "r"))
        row = unit.session.get(RecallRow, held.recall)
        if row is None:
            row = RecallRow(recall=held.recall, opened_s=unit.now_s)
            unit.session.add(row)
        row.product, row.lot = held.product, held.lot
        row.recall_class, row.lifted = held.recall_class, held.lifted
        unit.direct(held)
        unit.touch("formulary", "stock")
        return held.recall

    return office.run(work)


def setting(unit: Unit, key: str, default: int) -> int:
    """Return a site's number, or the default where none (or a text) was set."""
    row = unit.session.get(SettingRow, key)
    if row is None:
        return default
    value = msgspec.json.decode(row.value, type=int | str)
    return value if isinstance(value, int) else default


def product(unit: Unit, product_id: str) -> Product | None:
    """Return a product on the formulary."""
    row = unit.session.get(ProductRow, product_id)
    if row is None or row.retired_s is not None:
        return None
    return msgspec.json.decode(row.record, type=Product)


def alike(unit: Unit, one: Product) -> list[Product]:
    """Return every product on the formulary of the same generic name, form and brand."""
    rows = unit.session.scalars(
        select(ProductRow.record)
        .where(
            ProductRow.generic == one.generic,
            ProductRow.form == one.form,
            ProductRow.brand == one.brand,
            ProductRow.retired_s.is_(None),
        )
        .order_by(ProductRow.product)
    )
    return [msgspec.json.decode(row, type=Product) for row in rows]


def _checked(product: Product) -> Product:
    ident(product.product, "The product's id")
    cleaned = clean_struct(product, "The product")
    if not cleaned.generic:
        raise ServiceError("A product needs its generic name. Nothing was changed.")
    if len(msgspec.json.encode(cleaned)) > 20_000:
        raise ServiceError("This product's record is too large. Nothing was changed.")
    return cleaned


def _store(unit: Unit, product: Product) -> bool:
    text = msgspec.json.encode(product, order="sorted").decode()
    row = unit.session.get(ProductRow, product.product)
    if row is None:
        row = ProductRow(product=product.product, record="")
        unit.session.add(row)
    elif row.record == text and row.retired_s is None:
        return False
    row.generic, row.strength = product.generic, product.strength
    row.form, row.brand = product.form, product.brand
    row.record, row.retired_s = text, None
    return True


def _product_known(unit: Unit, product_id: str | None) -> None:
    if product_id is not None and unit.session.get(ProductRow, product_id) is None:
        raise ServiceError(
            f"The product {word(product_id, 'The product')} is not on the formulary. Nothing was "
            "changed; add the product first."
        )


def _cabinet(unit: Unit, cab: str) -> None:
    if unit.session.get(CabinetRow, cab) is None:
        raise ServiceError("No cabinet of this name is enrolled here. Nothing was changed.")
