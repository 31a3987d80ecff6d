"""The one error of the wire: a code from a closed set for programs, a sentence for people."""

from typing import Literal

Code = Literal[
    "size",
    "parts",
    "base64url",
    "header",
    "key",
    "role",
    "revoked",
    "signature",
    "json",
    "schema",
    "cabinet",
    "epoch",
    "body missing",
    "body digest",
    "body json",
    "body schema",
    "head",
    "batch",
    "seal",
]
"""Why bytes were refused. The first fifteen stand in the order in which a line is checked."""


class WireError(Exception):
    """Bytes from outside that break a rule of the wire.

    Attributes:
        code: which rule, from a closed set.
        sentence: what is wrong, fit for a person; never quotes the content of a body.
    """

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code: Code = code
        self.sentence = sentence
