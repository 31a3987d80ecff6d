"""Strict I-JSON (RFC 7493) in, RFC 8785 out, for the small part of JSON a log may hold.

Two programs that read the same bytes must read the same thing. Ordinary JSON readers differ on
duplicate keys, on integers above 2**53, on floats, on lone surrogates and on NUL, and fast ones let
all of these through in silence. So every received text passes here first, and only then goes to a
typed reader. Nothing is ever re-serialised in order to be verified.
"""

import json
import re
from typing import Final, NoReturn, TypeAlias

import msgspec

from cabinet.wire.errors import WireError

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"
"""What a log may say: no floats."""

INTEGER_MAX: Final = 2**53 - 1
"""The largest magnitude every JSON reader keeps exactly."""
DEPTH_MAX: Final = 6
"""Nested objects and arrays, the outermost counted as one."""
_INTEGER_DIGITS_MAX: Final = 17

_ENCODER: Final = msgspec.json.Encoder(order="sorted")


_LONG_NUMBER: Final = re.compile(rb"[0-9]{16}")


class _Rule(ValueError):  # noqa: N818 - carries a rule's sentence from a json hook to `strict_json`
    pass


def strict_json(data: bytes, depth_max: int = DEPTH_MAX) -> Json:
    """Read one JSON text and refuse whatever two readers could understand differently.

    Raises:
        WireError: `json`, naming the rule: UTF-8, duplicate key, float, integer above 2**53,
            control character, surrogate or noncharacter, key not ASCII, too deep.
    """
    try:
        value: Json = _DECODER.decode(data.decode("utf-8"))
        _walk(value, depth_max)
    except UnicodeDecodeError as error:
        raise WireError("json", "The text is not UTF-8.") from error
    except _Rule as error:
        raise WireError("json", str(error)) from error
    except (ValueError, RecursionError) as error:
        raise WireError("json", "The text is not one well-formed JSON value.") from error
    return value


def plain(data: bytes) -> bool:
    """Whether JSON from a typed encoder certainly passes `strict_json`, told without parsing it.

    Printable ASCII without any escape, and no number long enough to reach 2**53. False says
    nothing: then ask `strict_json`.
    """
    return (
        data.isascii()
        and data.decode("ascii").isprintable()
        and b"\\" not in data
        and _LONG_NUMBER.search(data) is None
    )


def surely_strict(data: bytes, value: object) -> bool:
    """Whether JSON is certainly strict, because writing what was read gives the same bytes.

    Cheaper than `strict_json` where a typed reader has read the text already: what a writer of ours
    would not write (a key twice, a float, other spellings) comes out differently. False says
    nothing: then ask `strict_json`. Whether a signature holds is never decided this way.
    """
    return plain(data) and _ENCODER.encode(value) == data


def canonical(value: object, depth_max: int = DEPTH_MAX) -> bytes:
    """Write RFC 8785 form: keys sorted, no spaces, shortest escapes.

    Refuses to write what `strict_json` would refuse to read, so a producer never signs a line that
    the other end cannot accept.

    Raises:
        WireError: `json`, naming the rule.
    """
    try:
        _walk(value, depth_max)
    except _Rule as error:
        raise WireError("json", str(error)) from error
    return _ENCODER.encode(value)


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Rule("A key stands twice in one object.")
    return members


def _integer(text: str) -> int:
    if len(text) > _INTEGER_DIGITS_MAX or text == "-0":
        raise _Rule("A number is not an integer below 2**53.")
    return int(text)


def _no_float(_text: str) -> NoReturn:
    raise _Rule("A number is a float; logs hold integers only.")


def _walk(value: object, depth: int) -> None:
    """Check every key, string and number below `value`; the depth left bounds the recursion."""
    kind = type(value)
    if kind is str:
        _check_text(value)  # type: ignore[arg-type] # `kind` says str; a subclass is refused below
    elif kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:  # type: ignore[operator] # `kind` says int
            raise _Rule("A number is not an integer below 2**53.")
    elif value is None or kind is bool:
        return
    elif isinstance(value, dict | list | tuple):
        if depth == 0:
            raise _Rule("The text is nested too deeply.")
        if isinstance(value, dict):
            _check_keys(value)
            value = value.values()
        for member in value:
            _walk(member, depth - 1)
    else:
        raise _Rule("A value is neither text, integer, truth value, null, list nor object.")


def _check_keys(members: dict[object, object]) -> None:
    for key in members:
        if not isinstance(key, str) or not key.isascii() or not key.isprintable():
            raise _Rule("A key is not printable ASCII text.")


def _check_text(text: str) -> None:
    if text.isascii():
        # ASCII's only characters that do not print are its control characters.
        if not text.isprintable():
            raise _Rule("A text holds a control character.")
        return
    for character in text:
        point = ord(character)
        if point < 0x20 or 0x7F <= point < 0xA0:
            raise _Rule("A text holds a control character.")
        if 0xD800 <= point < 0xE000 or 0xFDD0 <= point < 0xFDF0 or point & 0xFFFE == 0xFFFE:
            raise _Rule("A text holds a code point that is no character.")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_pairs,
    parse_int=_integer,
    parse_float=_no_float,
    parse_constant=_no_float,
    strict=True,
)
