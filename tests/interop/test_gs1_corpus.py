"""Other people's barcodes, read by our grammar: never wrong, never a crash.

The vectors are those of the GS1 syntax engine and of biip's own tests, and NHS numbers of the
`nhs-number` package; they are read from a folder beside the project and never copied in.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cabinet.scan import (
    EAN_DIGITS,
    GS1_PREFIXES,
    Pack,
    Refused,
    ScanRules,
    check_digit_right,
    nhs_number_right,
    read_scan,
)
from statemachine.refusals import Reason

ROOT = Path(__file__).resolve().parents[2]
CORPORA = Path(os.environ.get("CORPORA", ROOT / ".." / "shared" / "corpora"))

pytestmark = pytest.mark.skipif(
    not CORPORA.is_dir() and not os.environ.get("CI"),
    reason=f"no corpora at {CORPORA}: set CORPORA to the folder with gs1/ and nhsnumber/",
)
RULES = ScanRules()


def rows(name: str) -> Iterator[dict[str, Any]]:
    with (CORPORA / "gs1" / name).open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def test_scans_of_the_gs1_syntax_engine_give_their_gtin_or_a_refusal() -> None:
    packs = 0
    for row in rows("gs1-syntax-engine/scandata_vectors.jsonl"):
        scan = row["scan"]
        if scan is None:
            continue
        meaning = read_scan(scan.encode(), RULES)
        prefix, data = scan[:3], scan[3:]
        if row.get("ok") is False:
            assert isinstance(meaning, Refused), row
        elif prefix in GS1_PREFIXES and data.startswith("01") and isinstance(meaning, Pack):
            assert meaning.code == data[2:16], row
            packs += 1
        elif prefix in EAN_DIGITS and "|" not in data:
            assert meaning == Pack(data.rjust(14, "0")), row
            packs += 1
        elif prefix in GS1_PREFIXES and data.startswith("01"):
            pytest.fail(f"{row}: refused as {meaning}")
        else:
            assert isinstance(meaning, Refused), row
    assert packs >= 15


def test_element_strings_of_biip_without_their_prefix_are_never_packs_of_gs1() -> None:
    for row in rows("biip/test_gs1_messages.jsonl"):
        value = row.get("value")
        if not isinstance(value, str):
            continue
        meaning = read_scan(value.encode(), RULES)
        assert not isinstance(meaning, Pack) or re.fullmatch(r"\d{7}", value), row
        if re.match(r"01\d{14}", value) and value.isascii() and value.isprintable():
            assert meaning == Refused(Reason.SCAN_NO_PREFIX), row


def test_element_strings_of_biip_behind_their_prefix_give_what_biip_expects() -> None:
    packs = 0
    for row in rows("biip/test_gs1_messages.jsonl"):
        expected = row.get("expected_hri", "")
        if not expected or row.get("separator_chars", ["\x1d"]) != ["\x1d"]:
            continue
        meaning = read_scan(b"]d2" + row["value"].encode(), RULES)
        if isinstance(meaning, Pack):
            packs += 1
            assert f"(01){meaning.code}" in expected, row
            assert f"(10){meaning.lot}" in expected, row
    assert packs >= 3


@pytest.mark.parametrize("name", ["test_parse", "gtin_test_parse", "test_symbology", "test_sscc"])
def test_everything_biip_is_tested_with_is_read_or_refused_here(name: str) -> None:
    for row in rows(f"biip/{name}.jsonl"):
        for prefix in ("", "]d2", "]E0", "]C1", "]C0"):
            value = row.get("value")
            if isinstance(value, str):
                assert read_scan((prefix + value).encode(), RULES) is not None, row


def test_mod_10_agrees_with_the_gs1_linter() -> None:
    judged = 0
    for row in rows("gs1-syntax-engine/linter_vectors.jsonl"):
        if row["linter"] == "csum" and re.fullmatch(r"[0-9]{2,}", row["input"]):
            assert check_digit_right(row["input"]) is row["ok"], row
            judged += 1
    assert judged >= 10


def test_nhs_numbers_are_judged_as_the_nhs_number_package_does() -> None:
    cases = json.loads((CORPORA / "nhsnumber" / "nhs_number_cases.json").read_text("utf-8"))
    for case in cases["is_valid"]:
        number = case["input"]
        if not re.fullmatch(r"[0-9]{10}", number) or set(number) == {"0"}:
            continue
        # That package refuses dates in Scottish numbers that were never dates: ranges only warn.
        right = case["valid"] or "only the date rejects" in case.get("note", "")
        assert nhs_number_right(number) is right, case
