"""What may stand in a text: nothing that changes how the text around it is read (T23).

Order texts, names and notes come from other systems and end on a nurse's screen. Control
characters, characters that turn the direction of writing, and invisible ones are taken out; lengths
are bounded by saying so, never by cutting, because half a name is another name.
"""

import unicodedata
from typing import TypeVar

import msgspec

from pharmacy.services.inputs import ServiceError

WORD_MAX = 250
PROSE_MAX = 4000
ID_MAX = 128

_KEPT_FORMAT = {"\u200d", "\u200c"}
"""Joiners that belong to the spelling of some names."""

S = TypeVar("S", bound=msgspec.Struct)


def clean(text: str) -> str:
    """Return `text` on one line, without control, direction and invisible characters."""
    kept = (
        " " if char in "\t\r\n\u2028\u2029\u0085" else char
        for char in text
        if char in "\t\r\n\u2028\u2029\u0085" or not _unsafe(char)
    )
    return " ".join("".join(kept).split())


def _unsafe(char: str) -> bool:
    category = unicodedata.category(char)
    return category in {"Cc", "Cs", "Co", "Cn"} or (category == "Cf" and char not in _KEPT_FORMAT)


def word(text: str, what: str, limit: int = WORD_MAX) -> str:
    """Return a cleaned short text.

    Raises:
        ServiceError: it is too long.
    """
    cleaned = clean(text)
    if len(cleaned) > limit:
        raise ServiceError(
            f"{what} is {len(cleaned)} characters long; {limit} fit. Nothing was changed. "
            "Shorten it and try again."
        )
    return cleaned


def ident(text: str, what: str) -> str:
    """Return an id: 1 to 128 printable characters without spaces at the ends.

    Raises:
        ServiceError: empty, too long, or with characters that cannot be seen.
    """
    if not text or len(text) > ID_MAX or clean(text) != text:
        raise ServiceError(f"{what} must be 1 to {ID_MAX} visible characters. Nothing was changed.")
    return text


def clean_struct(struct: S, what: str) -> S:
    """Return a struct whose own texts, and tuples of texts, are cleaned and bounded.

    Raises:
        ServiceError: one of them is too long.
    """
    changed: dict[str, object] = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        limit = PROSE_MAX if name in {"text", "reason", "allergy_reason"} else WORD_MAX
        if isinstance(value, str):
            changed[name] = word(value, f"{what}: {name}", limit)
        elif isinstance(value, tuple) and value and all(isinstance(v, str) for v in value):
            changed[name] = tuple(word(v, f"{what}: {name}") for v in value)
    return msgspec.structs.replace(struct, **changed)
