"""Signing in and out, and changing one's password.

The answer to a wrong try never says what was wrong, nor whether it came too soon. Guessing at one
name is slowed by the service, for that name only; here the work of checking is bounded, so that
strangers cannot make the server busy with nothing else.
"""

import contextlib
import threading
from collections.abc import Iterator

from starlette.responses import Response

from pharmacy.clock import constant_time_equal
from pharmacy.services import ServiceError
from pharmacy.services.users import PASSWORD_MIN, SESSION_S
from pharmacy.web.site import COOKIE, PageError, Site, Visit

FORM_COOKIE = "adc_form"
CHECKS_AT_ONCE = 2
CHECKS_WAITING = 8
"""Of so many that wait for their check no more are taken: a crowd of strangers at the door must
leave worker threads for those inside."""
BUSY = "Too many people sign in at this moment. Nothing was changed. Try again in a moment."
WRONG = (
    "You are not signed in: name and password do not fit, or it was tried too soon after a wrong "
    "try. Wait a little, then try again. A pharmacist can give you a new password."
)


class Door:
    """The pages of sign-in."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._checks = threading.BoundedSemaphore(CHECKS_AT_ONCE)
        self._waiting = threading.BoundedSemaphore(CHECKS_AT_ONCE + CHECKS_WAITING)

    def show(self, visit: Visit) -> Response:
        """The sign-in form."""
        if visit.person is not None:
            return visit.go("/")
        return self._form(visit, "", 200)

    def take(self, visit: Visit) -> Response:
        """Check a name and a password."""
        token = visit.cookies.get(FORM_COOKIE, "")
        sent = visit.form.get("form", "")
        if not token or not constant_time_equal(token.encode(), sent.encode()):
            return self._form(visit, "The form was too old. Nothing was tried. Send it again.", 403)
        user, password = visit.form.get("user", "").strip(), visit.form.get("password", "")
        with self._check():
            ticket = visit.services.sign_in(user, password)
        if ticket is None:
            return self._form(visit, WRONG, 403)
        ask = ticket.must_change and not visit.office.demo
        response = visit.go("/password" if ask else "/")
        self._cookie(response, COOKIE, ticket.token, SESSION_S, secure=visit.secure)
        response.delete_cookie(FORM_COOKIE)
        return response

    def leave(self, visit: Visit) -> Response:
        """End the session."""
        visit.services.sign_out(visit.cookies.get(COOKIE, ""))
        response = visit.go("/sign-in?said=out")
        response.delete_cookie(COOKIE)
        return response

    def show_password(self, visit: Visit) -> Response:
        """The form to change one's password."""
        return self._password(visit, "", 200)

    def change_password(self, visit: Visit) -> Response:
        """Change it; every session of this person ends."""
        new = visit.form.get("new", "")
        if new != visit.form.get("again", ""):
            return self._password(
                visit, "The two new passwords differ. Nothing was changed. Type both again.", 422
            )
        try:
            with self._check():
                visit.services.change_password(visit.by, visit.form.get("old", ""), new)
        except ServiceError as error:
            return self._password(visit, str(error), 422)
        response = visit.go("/sign-in?said=password")
        response.delete_cookie(COOKIE)
        return response

    @contextlib.contextmanager
    def _check(self) -> Iterator[None]:
        """Take one's turn at checking a password.

        Raises:
            PageError: too many wait already.
        """
        if not self._waiting.acquire(blocking=False):
            raise PageError(503, "Busy", BUSY)
        try:
            with self._checks:
                yield
        finally:
            self._waiting.release()

    def _form(self, visit: Visit, wrong: str, status: int) -> Response:
        token = visit.cookies.get(FORM_COOKIE, "")
        if not 16 <= len(token) <= 64 or not token.isalnum():
            token = visit.office.clock.random_bytes(16).hex()
        response = visit.page("sign_in.html", status=status, form=token, wrong=wrong)
        self._cookie(response, FORM_COOKIE, token, 3600, secure=visit.secure)
        return response

    def _password(self, visit: Visit, wrong: str, status: int) -> Response:
        return visit.page("password.html", status=status, wrong=wrong, least=PASSWORD_MIN)

    def _cookie(
        self, response: Response, name: str, value: str, seconds: int, *, secure: bool
    ) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path="/", httponly=True, samesite="strict", secure=secure
        )
