"""Other people's HL7 messages: each is understood or refused with an answer, never a fault.

The messages are those of four open-source projects and a few real ones among them; they are read
from a folder beside the project and never copied in. The figures below are what stood in that
folder when they were counted: more or other files may fail here, and that is wanted.
"""

import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pharmacy.hl7.ack import acknowledge
from pharmacy.hl7.facts import AmountFacts, Coded, MessageFacts, NotUnderstood, OrderFacts
from pharmacy.hl7.matching import ask
from pharmacy.hl7.understand import understand, understand_all
from sim.feed.manifest import CorpusMessages

ROOT = Path(__file__).resolve().parents[2]
CORPORA = Path(os.environ.get("CORPORA", ROOT / ".." / "shared" / "corpora"))
HL7 = CORPORA / "hl7v2"

pytestmark = pytest.mark.skipif(
    not HL7.is_dir() and not os.environ.get("CI"),
    reason=f"no corpora at {CORPORA}: set CORPORA to the folder with hl7v2/",
)


def messages() -> Iterator[tuple[str, bytes, MessageFacts | NotUnderstood]]:
    """Every message of every file, batches split."""
    files = sorted(path for path in HL7.rglob("*") if path.is_file())
    assert files, f"no files under {HL7}"
    for path in files:
        for piece, result in understand_all(path.read_bytes()):
            yield path.relative_to(HL7).as_posix(), piece, result


def orders(name: str) -> tuple[OrderFacts, ...]:
    found = understand((HL7 / name).read_bytes())
    assert isinstance(found, MessageFacts), found
    return found.orders


def test_every_message_is_understood_or_refused_and_answered() -> None:
    for name, piece, result in messages():
        answer = acknowledge(result, "A1", "20260401083000+0100")
        assert answer.startswith(b"MSH"), name
        if isinstance(result, NotUnderstood):
            assert "fault of ours" not in result.sentence, name
            assert b"|" + result.answer.encode() + b"|" in answer, name
            assert result.sentence.endswith("."), name
        else:
            assert b"MSA|AA" in answer.replace(result.header.separators[0].encode(), b"|"), name
        assert piece


def test_so_many_of_each_kind_are_understood() -> None:
    understood: Counter[str] = Counter()
    refused: Counter[tuple[str, str, int]] = Counter()
    for _, _, result in messages():
        kind = f"{result.header.kind}^{result.header.event}"
        if isinstance(result, MessageFacts):
            understood[f"{kind} {result.kind}"] += 1
        else:
            refused[(kind, result.answer, result.code)] += 1
    assert understood == {
        "ADT^A01 admit": 7,
        "ADT^A02 transfer": 1,
        "ADT^A03 discharge": 1,
        "ADT^A04 register": 24,
        "ADT^A05 pre-admit": 1,
        "ADT^A06 change to in-patient": 2,
        "ADT^A09 pending": 2,
        "ADT^A11 cancel admit": 1,
        "ADT^A13 cancel discharge": 1,
        "ADT^A15 pending": 2,
        "ADT^A16 pending": 2,
        "ADT^A18 merge": 1,
        "ADT^A25 pending": 1,
        "ADT^A26 pending": 1,
        "ADT^A27 pending": 2,
        "ADT^A28 new person": 1,
        "ADT^A29 for a person": 1,
        "ADT^A40 merge": 1,
        "ADT^A41 merge": 1,
        "ADT^A45 for a person": 2,
        "ADT^A47 change identifiers": 2,
        "ADT^A60 allergies": 1,
        "OMP^O09 orders": 14,
        "ORM^O01 for a person": 4,
        "ORM^O01 orders": 1,
        "RDE^O11 orders": 24,
        "RDE^O25 orders": 2,
        "RDS^O13 dispensed": 2,
    }
    assert refused == {
        ("^", "AR", 100): 3,  # no MSH at all
        ("ACK^", "AR", 200): 1,
        ("ADT^A04", "AE", 100): 3,  # no PID
        ("ADT^A04", "AE", 101): 1,  # PID without a number
        ("ADT^A08", "AE", 100): 1,
        ("ADT^O01", "AR", 201): 1,
        ("DFT^P03", "AR", 200): 10,
        ("DFT^P11", "AR", 200): 1,
        ("OML^O33", "AR", 200): 6,
        ("ORM^O01", "AE", 100): 2,  # no order in it
        ("ORU^R01", "AR", 200): 7,
        ("QBP^Q22", "AR", 200): 1,
        ("RSP^K22", "AR", 200): 5,
        ("VXU^V04", "AR", 200): 1,
        ("ZDT^Z01", "AR", 200): 1,
    }


def test_every_pharmacy_order_names_its_drug_and_says_what_to_do() -> None:
    seen = 0
    for name, _, result in messages():
        if not isinstance(result, MessageFacts) or result.kind != "orders":
            continue
        for order in result.orders:
            assert order.drug.words, name
            assert order.action != "unknown", name
            assert ask(order).text, name
            seen += 1
    assert seen == 42


MG = Coded("mg")
NAMED = {
    "linuxforhealth/OMP_O09-08-medicationRequestIdentifierTest.hl7": [
        ("PON001", "RX700001", AmountFacts(low=Decimal(100), unit=MG), ("BID",), ())
    ],
    "linuxforhealth/OMP_O09-42-dosageInstructionTestDoseRangeRXO.hl7": [
        (
            "",
            "00054418425",
            AmountFacts(low=Decimal(100), high=Decimal(150), unit=Coded("CC")),
            (),
            (),
        )
    ],
    "linuxforhealth/OMP_O09-45-testOMPO09MinimumPatientAndMinimumOrderGroups.hl7": [
        ("1000", "50111032701", None, ("3 times daily",), ())
    ],
    "linuxforhealth/RDE_O11-22-testMedicationRequestReasonCode.hl7": [
        ("", "DUONEB3INH", AmountFacts(low=Decimal(3), unit=Coded("mL")), ("Q24H",), ("06:00",))
    ],
    "linuxforhealth/RDE_O11_RDE_O11-13-test_medicationreq_patient.hl7": [
        ("F800006", "62756-017", AmountFacts(low=Decimal(100), unit=MG), ("BID",), ())
    ],
    "ms-fhir-converter/ORM-O01-06.hl7": [
        (
            "1163422591",
            "00047040230",
            AmountFacts(low=Decimal(2), unit=Coded("caps", "capsule")),
            ("BID",),
            ("11:30",),
        )
    ],
    "ms-fhir-converter/RDE-O25-01.hl7": [
        (
            "1163422591",
            "0143963401",
            AmountFacts(low=Decimal(5), unit=Coded("43", "mg/hr")),
            ("P",),
            ("11:30",),
        )
    ],
    "ms-fhir-converter/RDE-O25-02.hl7": [
        (
            "1163422591",
            "0143963401",
            AmountFacts(low=Decimal(5), unit=Coded("43", "mg/hr")),
            ("P",),
            ("11:30",),
        ),
        (
            "1422591",
            "2669",
            AmountFacts(low=Decimal(8), unit=Coded("53", "mg/hr")),
            ("P",),
            ("11:45",),
        ),
    ],
}


@pytest.mark.parametrize(("name", "expected"), NAMED.items())
def test_named_files_give_number_drug_code_dose_frequency_and_times(
    name: str, expected: list[tuple[object, ...]]
) -> None:
    found = [(o.number, o.drug.code, o.dose, o.frequencies, o.times) for o in orders(name)]
    assert found == expected


def test_a_doubled_backslash_and_a_byte_order_mark_are_read_through() -> None:
    doubled = understand((HL7 / "linuxforhealth/sample_unix.hl7").read_bytes())
    marked = understand((HL7 / "ms-fhir-converter/ORM-O01-02.hl7").read_bytes())
    assert isinstance(doubled, MessageFacts)
    assert isinstance(marked, MessageFacts)
    assert doubled.patient is not None
    assert (doubled.kind, doubled.patient.mrn, doubled.patient.family) == (
        "admit",
        "PID1234",
        "DOE",
    )
    assert [a.substance.text for a in doubled.allergies] == ["OXYCODONE", "TRAMADOL"]
    assert (marked.kind, marked.header.control_id) == ("for a person", "MSG00019")


def test_batches_are_split_into_their_messages() -> None:
    whole = {
        path.name: len(understand_all(path.read_bytes()))
        for path in sorted((HL7 / "python-hl7").glob("sample_*.hl7"))
    }
    assert whole["sample_batch.hl7"] == 1
    assert whole["sample_batch1.hl7"] == 2
    assert sum(whole.values()) >= len(whole)


def test_the_demo_sends_the_manifests_messages_and_all_are_taken() -> None:
    said: list[str] = []
    feed = CorpusMessages(CORPORA, 1_775_028_600, said.append)
    found = [
        understand(raw) for raw in (*feed.admissions(1_775_028_600), *feed.orders(1_775_028_600))
    ]
    assert said == []
    assert [result.kind if isinstance(result, MessageFacts) else "" for result in found] == (
        ["admit"] * 2 + ["orders"] * 6
    )
    assert {r.patient.mrn for r in found if isinstance(r, MessageFacts) and r.patient} == {
        "D200001",
        "D200002",
    }
