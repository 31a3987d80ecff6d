"""What the page's server is told by others than the page: sentences, and nothing happens."""

import json
import urllib.error
import urllib.request

import pytest

DEEP = b'{"do":' + b"[" * 400 + b"]" * 400 + b"}"


def tell(demo, body: bytes, **headers: str) -> tuple[int, str]:
    """POST raw bytes; (status, sentence)."""
    request = urllib.request.Request(f"{demo.url}do", data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read())["error"]


NOT_UNDERSTOOD = "That could not be understood. Nothing was done."
UNKNOWN = "The page asked for something this demo does not know. Nothing was done."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"x" * 5_000, "That was too long to be anything a hand can do. Nothing was done."),
        (b"", NOT_UNDERSTOOD),
        (b"\xff\xfe", NOT_UNDERSTOOD),
        (b"{", NOT_UNDERSTOOD),
        (b"[1, 2]", NOT_UNDERSTOOD),
        (b"null", NOT_UNDERSTOOD),
        (DEEP, UNKNOWN),
        (b"{}", UNKNOWN),
        (b'{"do": "dance"}', UNKNOWN),
        (b'{"do": "__class__"}', UNKNOWN),
        (b'{"do": 7}', UNKNOWN),
        (b'{"do": "key"}', NOT_UNDERSTOOD),
        (b'{"do": "key", "key": "Z"}', "There is no such key."),
        (b'{"do": "key", "key": "12"}', "There is no such key."),
        (b'{"do": "key", "key": {"a": 1}}', "There is no such key."),
        (b'{"do": "hold", "item": "badge 99"}', "That is not on the tray any more."),
        (b'{"do": "open", "drawer": "three"}', NOT_UNDERSTOOD),
        (b'{"do": "open", "drawer": 99}', "There is no drawer 99."),
        (b'{"do": "open", "drawer": 1e400}', NOT_UNDERSTOOD),
        (b'{"do": "open", "drawer": NaN}', NOT_UNDERSTOOD),
        (b'{"do": "take", "pocket": "9-9"}', NOT_UNDERSTOOD),
        (b'{"do": "take", "pocket": "../../etc"}', NOT_UNDERSTOOD),
        (b'{"do": "take", "pocket": "1-9"}', NOT_UNDERSTOOD),
        (b'{"do": "back", "pocket": "9-9"}',
         "Nothing from there is in your hands, or the drawer is closed."),
        (b'{"do": "scan_hand", "index": 400}', NOT_UNDERSTOOD),
        (b'{"do": "scan_hand", "index": -1}', NOT_UNDERSTOOD),
        (b'{"do": "clock", "minutes": -5}', "Between one minute and a day can be skipped at once."),
        (b'{"do": "clock", "minutes": 99999999999}',
         "Between one minute and a day can be skipped at once."),
        (b'{"do": "trouble", "trouble": "fire", "on": true}', "There is no such trouble here."),
        (b'{"do": "trouble", "on": true}', NOT_UNDERSTOOD),
    ],
)  # fmt: skip # one case a line
def test_what_no_hand_can_do_is_refused_with_a_sentence(visitor, body, said):
    before = visitor.state()
    assert tell(visitor.demo, body) == (409, said)
    after = visitor.state()
    assert after["screen"]["id"] == before["screen"]["id"]
    for part in ("drawers", "hands", "troubles"):
        assert after[part] == before[part]


def test_another_sites_page_can_do_nothing_here(visitor):
    for site in ("cross-site", "same-site"):
        said = tell(visitor.demo, b'{"do": "force", "drawer": 1}', **{"Sec-Fetch-Site": site})
        assert said == (409, "Only the demonstration page itself may do things here.")
    said = tell(visitor.demo, b'{"do": "force", "drawer": 1}', Origin="http://evil.example")
    assert said == (409, "Only the demonstration page itself may do things here.")
    said = tell(visitor.demo, b'{"do": "force", "drawer": 1}', Host="evil.example")
    assert said == (409, "Only the demonstration page itself may do things here.")
    assert visitor.state()["drawers"][0]["open"] is False
