"""What the sender hears, byte for byte."""

import pytest

from pharmacy.hl7.ack import acknowledge, answer, batch, escape
from pharmacy.hl7.facts import Header
from pharmacy.hl7.understand import understand

AT = "20260401083001+0100"


def test_an_accepted_admission_is_answered_AA_with_its_own_control_id(message, pid):
    raw = message("ADT^A01^ADT_A01", pid, control="M42")
    assert acknowledge(understand(raw), "A1", AT) == (
        b"MSH|^~\\&|OPEN-DRUG-CABINET|PHARM|PAS|RDEMO|20260401083001+0100||ACK^A01^ACK|A1|P|2.5\r"
        b"MSA|AA|M42\r"
    )


def test_an_error_says_segment_field_and_why_in_the_shape_of_25(message):
    raw = message("ADT^A01^ADT_A01", "PID|1||||SMITH^John", control="M43")
    assert acknowledge(understand(raw), "A2", AT) == (
        b"MSH|^~\\&|OPEN-DRUG-CABINET|PHARM|PAS|RDEMO|20260401083001+0100||ACK^A01^ACK|A2|P|2.5\r"
        b"MSA|AE|M43\r"
        b"ERR||PID^1^3|101^Required field missing^HL70357|E||||The patient has no number in PID-3. "
        b"Nothing was applied, because a name alone is not a person. Send the message again with a "
        b"number.\r"
    )


def test_an_error_before_25_says_the_same_in_ERR_1_and_MSA_3(message):
    raw = message("ADT^A01", "PID|1||||SMITH^John", control="M44", version="2.3")
    assert acknowledge(understand(raw), "A3", AT) == (
        b"MSH|^~\\&|OPEN-DRUG-CABINET|PHARM|PAS|RDEMO|20260401083001+0100||ACK^A01|A3|P|2.3\r"
        b"MSA|AE|M44|The patient has no number in PID-3. Nothing was applied, because a name alone "
        b"is not a person. Send the message again with a number.\r"
        b"ERR|PID^1^3^101&Required field missing&HL70357\r"
    )


def test_what_is_not_taken_is_rejected(message, pid):
    raw = message("ORU^R01", pid, control="M45")
    lines = acknowledge(understand(raw), "A4", AT).split(b"\r")
    assert lines[1] == b"MSA|AR|M45"
    assert lines[2].startswith(b"ERR||MSH^1^9|200^Unsupported message type^HL70357|E||||")


def test_even_garbage_gets_an_answer():
    assert acknowledge(understand(b"hello"), "A5", AT) == (
        b"MSH|^~\\&|OPEN-DRUG-CABINET|PHARMACY|||20260401083001+0100||ACK|A5|P|2.4\r"
        b"MSA|AR||This is not an HL7 message: no segment MSH begins it. Nothing was applied. "
        b"Check what is sent to this address.\r"
        b"ERR|MSH^1^^100&Segment sequence error&HL70357\r"
    )


@pytest.mark.parametrize("version", ["2.1", "2.3.1", "2.4", "2.5.1", "2.8", "", "2.x", "9"])
def test_every_version_gets_an_answer_in_its_own_version(version):
    found = answer(Header(control_id="C", version=version), "AA", "A6", AT)
    assert found.split(b"\r")[0].endswith(f"|A6|P|{version or '2.4'}".encode())


def test_the_senders_own_separators_are_used_and_its_words_cannot_break_out():
    header = Header(control_id="a#b$\rMSH|", event="A01", version="2.5", separators="#$!/*")
    assert answer(header, "AA", "A7", AT) == (
        b"MSH#$!/*#OPEN-DRUG-CABINET#PHARMACY###20260401083001+0100##ACK$A01$ACK#A7#P#2.5\r"
        b"MSA#AA#a/F/b/S/ MSH|\r"
    )


def test_letters_beyond_ascii_are_escaped_as_bytes():
    assert escape("Ü|x", "|^~\\&") == "\\XC39C\\\\F\\x"


def test_several_answers_go_back_as_one_batch_and_one_goes_alone():
    one = answer(Header(control_id="1"), "AA", "A8", AT)
    two = answer(Header(control_id="2"), "AE", "A9", AT)
    assert batch([one], "B1", AT) == one
    assert batch([one, two], "B1", AT) == (
        b"BHS|^~\\&|OPEN-DRUG-CABINET|PHARMACY|||20260401083001+0100||||B1\r"
        + one
        + two
        + b"BTS|2\r"
    )
