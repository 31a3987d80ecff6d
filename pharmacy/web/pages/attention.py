"""Messages and other things a person looks at and closes with a note."""

from starlette.responses import Response

from pharmacy.services import ServiceError, feed
from pharmacy.web.reading import messages as reading
from pharmacy.web.site import Visit, not_found

NOTE_MAX = 150


def items(visit: Visit) -> Response:
    """Open items of one kind."""
    kind = visit.query.get("kind", "message")
    if kind not in reading.KINDS:
        kind = "message"
    return visit.page(
        "attention.html",
        kind=kind,
        kinds=reading.KINDS,
        counts=reading.counts(visit.office),
        items=reading.items(visit.office, kind),
    )


def item(visit: Visit) -> Response:
    """One item, with the message it is about."""
    return _item(visit, "", 200)


def close(visit: Visit) -> Response:
    """Close an item with a note of what was done."""
    visit.demand("attention")
    number = visit.number("item")
    found = reading.item(visit.office, number)
    if found is None or not found.by_hand:
        raise not_found("There is no such item to close.")
    note = visit.field("note")
    if not note or len(note) > NOTE_MAX:
        return _item(
            visit,
            f"Write in 1 to {NOTE_MAX} characters what was done. Nothing was closed.",
            422,
        )
    if len(f"{visit.by}: {note}") > 250:
        return _item(visit, "The note is too long. Nothing was closed. Shorten it.", 422)
    visit.services.close_attention(number, f"{visit.by}: {note}")
    kind = next((key for key, (_, kinds) in reading.KINDS.items() if found.kind in kinds), "")
    return visit.go(f"/attention?kind={kind}&said=closed")


def messages(visit: Visit) -> Response:
    """Every message, newest first."""
    status = visit.query.get("status", "")
    found = reading.listed(visit.office, status, visit.asked("page", 1) or 1)
    return visit.page("messages.html", found=found, chosen=status, statuses=reading.STATUS)


def message(visit: Visit) -> Response:
    """One message exactly as it came."""
    view = reading.message(visit.office, visit.number("message"))
    if view is None:
        raise not_found("No message of this number is kept here.")
    return visit.page("message.html", view=view)


def again(visit: Visit) -> Response:
    """Try again to apply a message that was kept and not applied."""
    visit.demand("judge")
    number = visit.number("message")
    view = reading.message(visit.office, number)
    if view is None:
        raise not_found("No message of this number is kept here.")
    if not view.again:
        raise ServiceError("This message was applied already. Nothing was changed.")
    feed.take_again(visit.office, number)
    after = reading.message(visit.office, number)
    applied = after is not None and after.plain_status == "applied"
    return visit.go(f"/messages/{number}?said={'again' if applied else 'again-waits'}")


def _item(visit: Visit, wrong: str, status: int) -> Response:
    found = reading.item(visit.office, visit.number("item"))
    if found is None:
        raise not_found("There is no such item.")
    about = None if found.message is None else reading.message(visit.office, found.message)
    return visit.page(
        "item.html",
        status=status,
        item=found,
        view=about,
        wrong=wrong,
        note=visit.field("note"),
        note_max=NOTE_MAX,
    )
