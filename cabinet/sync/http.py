"""Bytes to the pharmacy and back over HTTP/1.1, from the standard library, trusting nothing.

TLS with this cabinet's client certificate; plain HTTP only to this same machine. Redirects are not
followed, cookies not kept, encodings not asked for. An answer has a size limit while it is read and
one deadline for the whole of it, so that a server that sends one byte a second is a failure and
not a hang.
"""

import contextlib
import http.client
import ssl
import time
from typing import Protocol
from urllib.parse import urlsplit

ANSWER_BYTES_MAX = 512 * 1024
"""A batch (WIRE 1)."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class TransportFailed(Exception):  # noqa: N818 - the world's fault, not ours
    """No usable answer.

    Attributes:
        code: `unreachable`, `slow`, `tls`, `too long`, `status 503`, `http`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Transport(Protocol):
    """Carries bytes; whether they mean anything is judged elsewhere."""

    def post(self, path: str, body: bytes) -> bytes:
        """Post bytes, get the answer's. Raises TransportFailed."""

    def get(self, path: str) -> bytes:
        """Get bytes. Raises TransportFailed."""


class Https:
    """One pharmacy by its address; a fresh connection for each question.

    Args:
        url: `https://host[:port][/prefix]`, or `http://` on loopback.
        timeout_s: for connecting, and for the whole answer.
        cert_file, key_file: the cabinet's client certificate and its key (PEM), or empty.
        ca_file: who may vouch for the pharmacy (PEM), or empty for the system's authorities.

    Raises:
        ValueError: plain HTTP to another machine, or no host.
        OSError: a certificate file cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: int,
        cert_file: str = "",
        key_file: str = "",
        ca_file: str = "",
    ) -> None:
        parts = urlsplit(url)
        if not parts.hostname or parts.scheme not in ("http", "https"):
            raise ValueError(f"{url} is no address of a pharmacy: https://host is.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError(f"{url} is plain HTTP to another machine: use https://.")
        if parts.username or parts.query or parts.fragment:
            raise ValueError(f"{url} holds more than scheme, host, port and path.")
        self._host, self._port = parts.hostname, parts.port
        self._prefix = parts.path.rstrip("/")
        self._timeout_s = timeout_s
        self._tls: ssl.SSLContext | None = None
        if parts.scheme == "https":
            self._tls = ssl.create_default_context(cafile=ca_file or None)
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
            if cert_file:
                self._tls.load_cert_chain(cert_file, key_file)

    def post(self, path: str, body: bytes) -> bytes:
        """Post bytes, get the answer's."""
        return self._ask("POST", path, body)

    def get(self, path: str) -> bytes:
        """Get bytes."""
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: bytes | None) -> bytes:
        connection = self._connection()
        try:
            headers = {"Accept-Encoding": "identity", "Connection": "close"}
            if body is not None:
                headers["Content-Type"] = "application/octet-stream"
            connection.request(method, self._prefix + path, body=body, headers=headers)
            with contextlib.closing(connection.getresponse()) as answer:
                if answer.status != http.HTTPStatus.OK:
                    raise TransportFailed(f"status {answer.status}")
                return self._read(answer)
        except TimeoutError as error:
            raise TransportFailed("slow") from error
        except ssl.SSLError as error:
            raise TransportFailed("tls") from error
        except OSError as error:
            raise TransportFailed("unreachable") from error
        except (http.client.HTTPException, ValueError) as error:
            raise TransportFailed("http") from error
        finally:
            connection.close()

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        """The whole answer; each part may take `timeout_s`, and so may all of them together."""
        deadline = time.monotonic() + self._timeout_s
        parts: list[bytes] = []
        size = 0
        while part := answer.read1(65_536):
            size += len(part)
            if size > ANSWER_BYTES_MAX:
                raise TransportFailed("too long")
            if time.monotonic() > deadline:
                raise TransportFailed("slow")
            parts.append(part)
        if answer.length:
            raise TransportFailed("http")  # the answer was cut off
        return b"".join(parts)

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout_s, context=self._tls
        )
