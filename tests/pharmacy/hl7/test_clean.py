"""Bytes as they really arrive, and bytes nobody should send."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pharmacy.hl7.ack import acknowledge
from pharmacy.hl7.clean import Cleaned, clean, pieces
from pharmacy.hl7.facts import MessageFacts, Note, NotUnderstood
from pharmacy.hl7.matching import ask
from pharmacy.hl7.understand import understand, understand_all

ORDER = (
    b"MSH|^~\\&|EPMA|R|CAB|PH|20260401||RDE^O11|C1|P|2.5\r"
    b"PID|1||D1^^^R^MR~9990000018^^^NHS^NH||SMITH^John||19450714|1\r"
    b"PV1|1|I|7^A^1\r"
    b"ORC|NW|RX1\r"
    b"TQ1|1||BID\r"
    b"RXE||D1^Paracetamol^DEMO|500||mg\r"
)


def facts(raw: bytes) -> MessageFacts:
    found = understand(raw)
    assert isinstance(found, MessageFacts), found
    return found


def refusal(raw: bytes) -> NotUnderstood:
    found = understand(raw)
    assert isinstance(found, NotUnderstood), found
    assert acknowledge(found, "A1", "20260401").startswith(b"MSH|^~\\&|")
    return found


PLAIN = facts(ORDER)

WRAPPINGS = {
    "line feeds": ORDER.replace(b"\r", b"\n"),
    "carriage returns and line feeds": ORDER.replace(b"\r", b"\r\n"),
    "blank lines": ORDER.replace(b"\r", b"\r\n\r\n \t\r"),
    "no end of the last line": ORDER.rstrip(b"\r"),
    "a byte order mark": b"\xef\xbb\xbf" + ORDER,
    "frame bytes": b"\x0b" + ORDER + b"\x1c\r",
    "frame bytes and a byte order mark": b"\x0b\xef\xbb\xbf" + ORDER + b"\x1c\r",
    "spaces at the ends of lines": ORDER.replace(b"\r", b"  \r"),
    "spaces before lines": b"  " + ORDER.replace(b"\rPID", b"\r PID"),
    "UTF-16 with a mark": b"\xff\xfe" + ORDER.decode().encode("utf-16-le"),
    "UTF-16 without a mark": ORDER.decode().encode("utf-16-be"),
    "an end of file sign": ORDER + b"\x1a",
}


@pytest.mark.parametrize("raw", WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_wrapping_changes_nothing_of_what_is_said(raw):
    assert facts(raw) == PLAIN


def test_doubled_escape_characters_are_read_as_one():
    raw = ORDER.replace(b"^~\\&", b"^~\\\\&").replace(b"Paracetamol", b"A\\\\T\\\\B")
    found = facts(raw)
    assert found.orders[0].drug.text == "A&B"
    assert found.notes[0] == Note("MSH", 2, "Every escape character came doubled; read as one.")


def test_other_separators_are_respected():
    raw = ORDER.translate(bytes.maketrans(b"|^~\\&", b"#$!/*"))
    found = facts(raw)
    assert (found.patient, found.orders) == (PLAIN.patient, PLAIN.orders)


@pytest.mark.parametrize("head", [b"MSH|^~\\^|", b"MSH|ABCD|", b"MSH|^^^^|", b"MSH|^ \\&|"])
def test_separators_that_cannot_be_told_apart_are_rejected_at_MSH_2(head):
    found = refusal(head + ORDER[9:])
    assert (found.answer, found.segment, found.field) == ("AR", "MSH", 2)


def test_missing_separators_are_the_usual_ones_and_it_is_noted():
    found = facts(ORDER.replace(b"|^~\\&|", b"|^|"))
    assert found.orders == PLAIN.orders
    assert found.notes[0] == Note(
        "MSH", 2, "Not all separators are said; the usual ones were assumed."
    )


@pytest.mark.parametrize(
    ("charset", "codec", "noted"),
    [
        (b"", "utf-8", False),
        (b"", "cp1252", False),
        (b"UNICODE UTF-8", "utf-8", False),
        (b"8859/1", "cp1252", False),
        (b"8859/2", "iso8859-2", False),
        (b"ASCII", "utf-8", True),
        (b"UNICODE UTF-8", "cp1252", True),
        (b"KLINGON", "utf-8", True),
    ],
)
def test_letters_are_read_in_the_charset_said_or_the_one_that_fits(charset, codec, noted):
    name = "NOVÁK" if codec == "iso8859-2" else "O'NEILL-ÜÉ"
    raw = ORDER.replace(b"|P|2.5", b"|P|2.5||||||" + charset)
    found = facts(raw.replace(b"SMITH", name.encode(codec)))
    assert found.patient is not None
    assert found.patient.family == name
    assert any((note.segment, note.field) == ("MSH", 18) for note in found.notes) is noted


ESCAPES = {
    "A\\F\\B\\S\\C\\T\\D\\R\\E\\E\\F": "A|B^C&D~E\\F",
    "H\\X0D0A\\I": "H  I",
    "caf\\XC3A9\\": "café",
    "\\H\\bold\\N\\ text": "bold text",
    "line\\.br\\next\\.sp3\\end": "line next end",
    "BSV 4\\5 re.": "BSV 4\\5 re.",
    "\\Z99\\ local": "\\Z99\\ local",
    "odd \\X4\\ hex \\XZZ\\": "odd \\X4\\ hex \\XZZ\\",
    "ends with \\": "ends with \\",
}


@pytest.mark.parametrize(("sent", "read"), ESCAPES.items())
def test_escapes_of_the_standard_are_resolved_and_all_else_stays_as_sent(sent, read):
    found = facts(ORDER.replace(b"Paracetamol", sent.encode()))
    assert found.orders[0].drug.text == read


def test_an_escape_nobody_knows_writes_no_name_into_the_log(caplog, capsys):
    facts(ORDER.replace(b"SMITH", b"S\\Q9\\ECRET\\"))
    assert "ECRET" not in caplog.text + capsys.readouterr().out


@pytest.mark.parametrize("control", [b"\x00", b"\x01", b"\x08", b"\x1c", b"\x1f", b"\x7f"])
def test_T23_a_control_character_in_a_dose_refuses_the_message_at_that_field(control):
    found = refusal(ORDER.replace(b"|500|", b"|50" + control + b"0|"))
    assert (found.answer, found.code, found.segment, found.field) == ("AE", 102, "RXE", 3)


def test_a_control_character_in_a_segment_we_do_not_use_is_blanked_and_noted():
    found = facts(ORDER + b"OBX|1|TX|x||a\x01b\r")
    assert found.notes == (
        Note("OBX", 0, "Control characters were replaced by spaces."),
        *PLAIN.notes,
    )


def test_T23_signs_that_turn_text_around_are_taken_out_of_names():
    found = facts(ORDER.replace(b"SMITH", "SMI\u202eTH\u200b".encode()))
    assert found.patient is not None
    assert found.patient.family == "SMITH"
    assert Note("PID", 0, "Invisible characters were taken out.") in found.notes


def test_T23_an_escape_cannot_bring_invisible_or_control_signs_back_in():
    found = facts(ORDER.replace(b"Paracetamol", b"Para\\XE280AE\\cet\\X00\\a\\X0A0D\\mol"))
    assert found.orders[0].drug.text == "Para cet a  mol"


def test_T23_text_is_bounded_whatever_is_sent():
    found = facts(ORDER + b"NTE|1||" + b"<script>" * 5_000 + b"\r")
    assert len(found.orders[0].instructions[0]) == 2_000
    assert len(ask(found.orders[0]).text) == 500


def test_a_line_break_inside_an_order_is_joined_and_waits_for_a_person():
    found = facts(ORDER.replace(b"Paracetamol", b"Para\ncetamol"))
    assert found.stopped == (
        Note("RXE", 0, "A line break stood inside this segment; joined.", stop=True),
    )
    free = facts(ORDER + b"NTE|1||first\nsecond\r")
    assert (free.stopped, free.orders[0].instructions) == ((), ("first second",))


def test_text_before_MSH_waits_for_a_person():
    found = refusal(b"PID|1||D9\rORC|NW\r")
    assert (found.answer, found.code, found.segment) == ("AR", 100, "MSH")
    two = understand_all(b"EVN|A04\rPID|1||D9\r" + ORDER)
    assert [type(result).__name__ for _, result in two] == ["NotUnderstood", "MessageFacts"]


GARBAGE = {
    "nothing": b"",
    "blanks": b" \r\n\t",
    "only the letters": b"MSH",
    "only a separator": b"MSH|",
    "only a head": b"MSH|^~\\&|\r",
    "an HTTP request": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "noise": bytes(range(256)) * 4,
    "zeros": b"\x00" * 1000,
    "XML": b"<?xml version='1.0'?><WWKS/>",
    "a wrapper alone": b"FHS|^~\\&|\rBHS|^~\\&|\rBTS|0\rFTS|0\r",
}


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused_with_a_sentence_and_an_answer(raw):
    found = refusal(raw)
    assert found.answer == "AR"
    assert found.code != 207
    assert found.sentence.endswith(".")


def test_a_message_longer_than_a_mebibyte_is_rejected_and_still_answered_by_its_control_id():
    found = refusal(ORDER + b"NTE|1||" + b"x" * (1 << 20))
    assert (found.answer, found.code, found.header.control_id) == ("AR", 207, "C1")


def test_more_than_ten_thousand_segments_are_rejected():
    found = refusal(ORDER + b"NTE|1\r" * 10_000)
    assert (found.answer, found.code) == ("AR", 207)


def test_a_segment_longer_than_any_real_one_is_refused_by_name():
    found = refusal(ORDER.replace(b"SMITH", b"S" * 70_000))
    assert (found.answer, found.code, found.segment) == ("AE", 102, "PID")


def test_a_field_with_endless_repetitions_is_read_as_far_as_is_sane():
    found = facts(ORDER.replace(b"D1^^^R^MR", b"~".join(b"D%d^^^R^MR" % i for i in range(500))))
    assert found.patient is not None
    assert len(found.patient.identifiers) == 64


UNSUPPORTED = {
    (b"ORU^R01", b"2.5"): ("AR", 200, 9),
    (b"", b"2.5"): ("AR", 200, 9),
    (b"RDE^O99", b"2.5"): ("AR", 201, 9),
    (b"RDE^O11", b"3.0"): ("AR", 203, 12),
}


@pytest.mark.parametrize(("said", "answer"), UNSUPPORTED.items())
def test_what_we_do_not_take_is_rejected_at_its_field(said, answer):
    kind, version = said
    raw = ORDER.replace(b"RDE^O11", kind).replace(b"|P|2.5", b"|P|" + version)
    found = refusal(raw)
    assert (found.answer, found.code, found.field) == answer


def test_a_heartbeat_says_that_the_sender_is_alive_and_nothing_else():
    found = facts(b"MSH|^~\\&|EPMA|R|CAB|PH|20260401||NMD^N02|C1|P|2.5\rNCK|20260401\r")
    assert (found.kind, found.patient, found.orders) == ("alive", None, ())


def test_a_batch_file_is_split_into_its_messages():
    batch = b"FHS|^~\\&|x\rBHS|^~\\&|x\r" + ORDER + ORDER + b"BTS|2\rFTS|1\r"
    assert pieces(batch) == (ORDER, ORDER)
    assert [result for _, result in understand_all(batch)] == [PLAIN, PLAIN]


def test_messages_written_one_after_another_are_each_read():
    assert pieces(ORDER + ORDER.replace(b"C1", b"C2")) == (ORDER, ORDER.replace(b"C1", b"C2"))


def test_the_letters_MSH_inside_a_text_begin_no_message():
    raw = ORDER + b"NTE|1||see MSH|^~\\&|x\r"
    assert pieces(raw) == (raw,)


def test_more_messages_than_a_batch_may_have_are_refused_as_one():
    found = understand_all(ORDER * 1_001)
    assert len(found) == 1
    assert isinstance(found[0][1], NotUnderstood)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
@example(b"MSH|^~\\&|\xff\xff")
def test_any_bytes_give_facts_or_a_refusal_and_an_answer(raw):
    for piece, result in understand_all(raw):
        assert not (isinstance(result, NotUnderstood) and "fault of ours" in result.sentence), piece
        assert b"\rMSA|A" in acknowledge(result, "A1", "20260401")


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(ORDER)),
            st.integers(0, 12),
            st.sampled_from(
                [
                    b"",
                    b"|",
                    b"^",
                    b"~",
                    b"\\",
                    b"&",
                    b'""',
                    b"\r",
                    b"\n",
                    b"MSH",
                    b"RXE|",
                    b"ORC|NW",
                    b"\x00",
                    b"\xff",
                    b"\x1c",
                    b"9" * 30,
                    b"PRN",
                    b"TQ1|1|",
                    b"-1",
                    b"\\X0\\",
                ]
            ),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_damaged_order_is_read_or_refused_and_never_a_fault(changes):
    raw = ORDER
    for place, gone, put in changes:
        raw = raw[:place] + put + raw[place + gone :]
    for piece, result in understand_all(raw):
        assert not (isinstance(result, NotUnderstood) and "fault of ours" in result.sentence), piece
        assert acknowledge(result, "A1", "20260401").endswith(b"\r")


@pytest.mark.parametrize("cut", range(100, len(ORDER)))
def test_a_message_cut_off_anywhere_never_gives_another_dose(cut):
    found = understand(ORDER[:cut])
    if isinstance(found, MessageFacts):
        for order in found.orders:
            asked = ask(order)
            assert asked.dose in {None, ask(PLAIN.orders[0]).dose}
            assert asked.dose is not None or order.dose is None or asked.questions


def test_cleaning_keeps_every_segment_in_order():
    cleaned = clean(ORDER)
    assert isinstance(cleaned, Cleaned)
    assert [line[:3] for line in cleaned.segments] == ["MSH", "PID", "PV1", "ORC", "TQ1", "RXE"]
    assert (cleaned.separators, cleaned.charset, cleaned.notes) == ("|^~\\&", "utf-8", ())
