"""Signing in to the pharmacy's pages.

Passwords rest as Argon2id texts; a browser holds a random token of which only the SHA-256 rests
here, so a copy of the database signs nobody in. Guessing is slowed per person (1, 2, 4 ... 300 s)
and no answer says whether the name or the password was wrong. The first pharmacist is made once,
with a random password that is printed once and must be changed.
"""

import base64
import hashlib

import msgspec
from sqlalchemy import delete, select

from pharmacy.clock import Clock, constant_time_equal
from pharmacy.db import SessionRow, UserRow
from pharmacy.services import verifier
from pharmacy.services.inputs import ServiceError
from pharmacy.services.office import Office, Unit
from pharmacy.services.text import clean, ident, word

ROLES = ("pharmacist", "technician", "viewer")
PASSWORD_MIN = 12
PASSWORD_MAX = 200
SESSION_S = 12 * 3600
"""A sign-in ends with the working day."""
IDLE_S = 3600
DELAY_S_MAX = 300
FIRST_USER = "pharmacist"


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A new sign-in: `token` is for the cookie, `csrf` must come back with every form."""

    token: str
    csrf: str
    must_change: bool


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who a cookie stands for."""

    user: str
    name: str
    role: str
    csrf: str
    must_change: bool


def first_user(office: Office) -> tuple[str, str] | None:
    """Make the first pharmacist on a new database; see `Services.first_user`."""
    password = new_password(office.clock)
    text = verifier.make(password, office.clock, demo=office.demo)

    def work(unit: Unit) -> tuple[str, str] | None:
        if unit.session.scalars(select(UserRow.user).limit(1)).first() is not None:
            return None
        unit.session.add(
            UserRow(
                user=FIRST_USER,
                name="First pharmacist",
                role="pharmacist",
                password=text,
                must_change=True,
            )
        )
        unit.touch("users")
        return FIRST_USER, password

    return office.run(work)


def put_user(office: Office, user: str, *, name: str, role: str, password: str) -> None:
    """Make a page user; see `Services.put_user`."""
    ident(user, "The user's name")
    if role not in ROLES:
        raise ServiceError(f"A role is one of {', '.join(ROLES)}. Nothing was changed.")
    _check_password(password)
    text = verifier.make(password, office.clock, demo=office.demo)

    def work(unit: Unit) -> None:
        row = unit.session.get(UserRow, user)
        if row is None:
            row = UserRow(user=user)
            unit.session.add(row)
        row.name, row.role, row.password = word(name, "The name"), role, text
        row.must_change, row.failures, row.failed_s = False, 0, None
        unit.session.execute(delete(SessionRow).where(SessionRow.user == user))
        unit.touch("users")

    office.run(work)


def sign_in(office: Office, user: str, password: str) -> Ticket | None:
    """Check a password; see `Services.sign_in`."""
    with office.read() as session:
        row = session.get(UserRow, user) if clean(user) == user and len(user) <= 128 else None
        text = row.password if row is not None else ""
    known = bool(text)
    short = password[:PASSWORD_MAX]
    if known:
        fits = verifier.fits(short, text) and short == password
    else:
        # The same work for a name nobody has: the time taken tells nothing either.
        verifier.make(short, office.clock, demo=office.demo)
        fits = False
    token = office.clock.random_bytes(32)
    csrf = office.clock.random_bytes(32)

    def work(unit: Unit) -> Ticket | None:
        row = unit.session.get(UserRow, user, with_for_update=True) if known else None
        if row is None or row.disabled or row.password != text:
            return None
        if _waits(row, unit.now_s):
            return None
        if not fits:
            row.failures, row.failed_s = row.failures + 1, unit.now_s
            return None
        row.failures, row.failed_s = 0, None
        session_csrf = _text(csrf)
        unit.session.add(
            SessionRow(
                digest=_digest(_text(token)),
                user=user,
                csrf=session_csrf,
                created_s=unit.now_s,
                seen_s=unit.now_s,
                expires_s=unit.now_s + SESSION_S,
            )
        )
        return Ticket(token=_text(token), csrf=session_csrf, must_change=row.must_change)

    return office.run(work)


def session(office: Office, token: str, *, touch: bool = True) -> SignedIn | None:
    """Return who a cookie stands for; see `Services.session`.

    Without `touch` the look does not count as being at work: pages that refresh themselves must not
    keep a session alive.
    """
    if not token or len(token) > 128:
        return None
    now_s = office.clock.now_s()
    with office.read() as database:
        row = database.get(SessionRow, _digest(token))
        user = database.get(UserRow, row.user) if row is not None else None
        if row is None or user is None or user.disabled:
            return None
        if now_s >= row.expires_s or now_s - row.seen_s > IDLE_S:
            return None
        signed_in = SignedIn(
            user=user.user,
            name=user.name,
            role=user.role,
            csrf=row.csrf,
            must_change=user.must_change,
        )
        stale = now_s - row.seen_s > 60
    if stale and touch:
        office.run(lambda unit: _seen(unit, token))
    return signed_in


def sign_out(office: Office, token: str) -> None:
    """End a session; see `Services.sign_out`."""

    def work(unit: Unit) -> None:
        unit.session.execute(delete(SessionRow).where(SessionRow.digest == _digest(token)))

    office.run(work)


def change_password(office: Office, user: str, old: str, new: str) -> None:
    """Change one's own password; see `Services.change_password`."""
    _check_password(new)
    with office.read() as database:
        row = database.get(UserRow, user)
        text = row.password if row is not None else ""
    if not text or len(old) > PASSWORD_MAX or not verifier.fits(old, text):
        raise ServiceError("The old password is not right. Nothing was changed.")
    made = verifier.make(new, office.clock, demo=office.demo)

    def work(unit: Unit) -> None:
        row = unit.session.get_one(UserRow, user, with_for_update=True)
        if row.password != text:
            raise ServiceError("The password was changed meanwhile. Nothing was changed.")
        row.password, row.must_change = made, False
        unit.session.execute(delete(SessionRow).where(SessionRow.user == user))
        unit.touch("users")

    office.run(work)


def csrf_fits(signed_in: SignedIn, sent: str) -> bool:
    """Return whether a form came from a page of this session."""
    return constant_time_equal(signed_in.csrf.encode(), sent.encode())


def new_password(clock: Clock) -> str:
    """Return a password of 80 random bits that can be read out: `abcd-efgh-...`."""
    text = base64.b32encode(clock.random_bytes(10)).decode().lower()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def _seen(unit: Unit, token: str) -> None:
    row = unit.session.get(SessionRow, _digest(token))
    if row is not None:
        row.seen_s = unit.now_s


def _waits(row: UserRow, now_s: int) -> bool:
    """A try within the delay is refused and not counted."""
    if row.failures == 0 or row.failed_s is None:
        return False
    delay_s = min(1 << min(row.failures - 1, 16), DELAY_S_MAX)
    return row.failed_s <= now_s < row.failed_s + delay_s


def _check_password(password: str) -> None:
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise ServiceError(
            f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters. Nothing was changed."
        )


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
