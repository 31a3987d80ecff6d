"""A small ward with something on every page, and a browser without a screen."""

import asyncio
import html
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from pharmacy.app import Pharmacy
from tests.pharmacy.web.small_ward import SmallWard

PASSWORD = "correct horse battery"


class Client:
    """Requests to the application in this process, one after the other, with cookies."""

    def __init__(self, app, base_url: str = "http://pharmacy.test") -> None:
        self._runner = asyncio.Runner()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=True),
            base_url=base_url,
            follow_redirects=True,
        )
        self.cookies = self._http.cookies

    def get(self, path: str, **said) -> httpx.Response:
        return self._runner.run(self._http.get(path, **said))

    def post(self, path: str, **said) -> httpx.Response:
        return self._runner.run(self._http.post(path, **said))

    def request(self, method: str, path: str, **said) -> httpx.Response:
        return self._runner.run(self._http.request(method, path, **said))

    def close(self) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()


class Browser:
    """Gets pages and sends forms as a person does; keeps cookies, fills in the CSRF token."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def sign_in(self, user: str = "pia", password: str = PASSWORD) -> httpx.Response:
        page = self.client.get("/sign-in")
        form = re.search(r'name="form" value="([0-9a-f]+)"', page.text)
        sent = {"form": form.group(1) if form else "", "user": user, "password": password}
        return self.client.post("/sign-in", data=sent, follow_redirects=False)

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path, follow_redirects=False)
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    def raw(self, path: str) -> str:
        return self.client.get(path, follow_redirects=False).text

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/stock").text)
        assert found is not None
        return found.group(1)

    def send(self, path: str, **fields: object) -> httpx.Response:
        sent = {"csrf": self.csrf()} | fields
        return self.client.post(path, data=sent, follow_redirects=False)

    def sent(self, path: str, **fields: object) -> str:
        """Send a form that must succeed, and return where it leads."""
        answer = self.send(path, **fields)
        assert answer.status_code == 303, html.unescape(answer.text)
        return answer.headers["location"]

    def refused(self, path: str, **fields: object) -> tuple[int, str]:
        answer = self.send(path, **fields)
        return answer.status_code, html.unescape(answer.text)


@pytest.fixture
def browser_of(pharmacy: Pharmacy) -> Iterator[Callable[..., Browser]]:
    """Opens browsers that are not signed in."""
    pharmacy.services.put_user("pia", name="Pia Hart", role="pharmacist", password=PASSWORD)
    pharmacy.services.put_user("tom", name="Tom Rye", role="technician", password=PASSWORD)
    pharmacy.services.put_user("vic", name="Vic Low", role="viewer", password=PASSWORD)
    opened: list[Client] = []

    def open_one(app=None, base_url: str = "http://pharmacy.test") -> Browser:
        opened.append(Client(app or pharmacy.asgi, base_url))
        return Browser(opened[-1])

    yield open_one
    for client in opened:
        client.close()


@pytest.fixture
def browser(browser_of: Callable[..., Browser]) -> Browser:
    """A browser with a pharmacist signed in."""
    opened = browser_of()
    assert opened.sign_in().status_code == 303
    return opened


@pytest.fixture
def ward(pharmacy: Pharmacy, cabinet_of) -> SmallWard:
    """A small ward with something on every page."""
    return SmallWard(pharmacy, cabinet_of(pharmacy))
