"""Base64url, strict JSON, canonical JSON: one spelling and one meaning of every byte."""

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from cabinet.wire import b64
from cabinet.wire.errors import WireError
from cabinet.wire.strict import INTEGER_MAX, canonical, plain, strict_json

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=20)
KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=100))
def test_every_byte_string_has_one_spelling_and_comes_back(data: bytes) -> None:
    assert b64.dec(b64.enc(data)) == data


@pytest.mark.parametrize(
    "text",
    ["AA==", "AA=", "A", "AB", "A A", "AA\n", "+/8", "AÄ", "AAAAA", "\x00\x00", "AA.."],
)
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(WireError) as refused:
        b64.dec(text)
    assert refused.value.code == "base64url"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"a":1,"a":1}', "A key stands twice in one object."),
        (b'{"a":{"b":1,"b":2}}', "A key stands twice in one object."),
        (b'{"a":1.0}', "A number is a float; logs hold integers only."),
        (b'{"a":1e3}', "A number is a float; logs hold integers only."),
        (b'{"a":NaN}', "A number is a float; logs hold integers only."),
        (b'{"a":-Infinity}', "A number is a float; logs hold integers only."),
        (b'{"a":9007199254740992}', "A number is not an integer below 2**53."),
        (b'{"a":-9007199254740992}', "A number is not an integer below 2**53."),
        (b'{"a":' + b"9" * 5000 + b"}", "A number is not an integer below 2**53."),
        (b'{"a":-0}', "A number is not an integer below 2**53."),
        (b'{"a":"\\u0000"}', "A text holds a control character."),
        (b'{"a":"\\n"}', "A text holds a control character."),
        (b'{"a":"\x7f"}', "A text holds a control character."),
        (b'{"a":"\\u0085\\u00e9"}', "A text holds a control character."),
        (b'{"a":"\\ud800"}', "A text holds a code point that is no character."),
        (b'{"a":"\\ufffe"}', "A text holds a code point that is no character."),
        (b'{"a":"\\ufdd0"}', "A text holds a code point that is no character."),
        ('{"ä":1}'.encode(), "A key is not printable ASCII text."),
        (b'{"\\u0000":1}', "A key is not printable ASCII text."),
        (b'{"a":"\xff"}', "The text is not UTF-8."),
        (b"\xef\xbb\xbf{}", "The text is not one well-formed JSON value."),
        (b'{"a":"\n"}', "The text is not one well-formed JSON value."),
        (b"{} {}", "The text is not one well-formed JSON value."),
        (b"", "The text is not one well-formed JSON value."),
        (b"{'a':1}", "The text is not one well-formed JSON value."),
        (b'{"a":01}', "The text is not one well-formed JSON value."),
        (b"[" * 7 + b"]" * 7, "The text is nested too deeply."),
        (b"[" * 100_000, "The text is not one well-formed JSON value."),
    ],
)
def test_json_that_two_readers_could_read_differently_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(WireError) as refused:
        strict_json(text)
    assert (refused.value.code, refused.value.sentence) == ("json", why)


@given(VALUES)
def test_what_we_write_is_what_rfc_8785_says_and_reads_back(value: object) -> None:
    written = canonical(value, depth_max=30)
    assert written == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert strict_json(written, depth_max=30) == value


@pytest.mark.parametrize(
    "value",
    [1.5, {"a": 2**53}, {"ä": 1}, {"a": "\n"}, {"a": b"x"}, {1: 2}, [[[[[[[1]]]]]]]],
)
def test_we_never_write_what_the_other_end_would_refuse(value: object) -> None:
    with pytest.raises(WireError):
        canonical(value)


@settings(max_examples=300)
@given(VALUES)
def test_json_told_plain_without_parsing_always_passes_the_strict_reader(value: object) -> None:
    data = json.dumps(value).encode()
    if plain(data):
        strict_json(data, depth_max=30)


def test_plain_says_nothing_good_of_escapes_long_numbers_and_other_letters() -> None:
    assert plain(b'{"a":"b","n":123456789012345}')
    assert not plain(b'{"a":"\\n"}')
    assert not plain(b'{"a":9007199254740992}')
    assert not plain('{"a":"é"}'.encode())
    assert not plain(b'{"a":"\x7f"}')
