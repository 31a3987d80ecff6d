"""Which medicine an order names, and where it names it.

RXE-2 is what the pharmacy encoded, RXO-1 what the prescriber asked for. Usually they agree. Two
cases met in real messages do not: RXE-2 is a template that the sending system did not fill in
(`##ITEM##,...`), and then the drug stands in RXO-1; or the two name different drugs (a
substitution, or a mistake), and then the encoded one counts and a note says so.
"""

from pharmacy.hl7.facts import Coded, DrugFacts, Note
from pharmacy.hl7.people import unresolved
from pharmacy.hl7.reading import Segment


def read_drug(segment: Segment, field: int, notes: list[Note]) -> DrugFacts:
    """Read a coded drug with its alternates; template codes are left out and noted."""
    where = f"{segment.name}-{field}"
    codings = [segment.coded(field), segment.coded(field, first=4)]
    kept: list[Coded] = []
    template = False
    for coding in codings:
        code, text = coding.code, coding.text
        template = template or unresolved(code) or unresolved(text)
        kept.append(
            Coded(
                "" if unresolved(code) else code,
                "" if unresolved(text) else text,
                coding.system,
            )
        )
    if template:
        notes.append(Note(segment.name, field, "The drug code is a template nobody filled in."))
    if not kept[0].code and not kept[0].text and kept[1].words:
        # `##ITEM##...^##ITEM##...^^^Diltiazem`, `^^^16714022504^LOSARTAN`: only the alternate says.
        kept = [Coded(kept[1].code, kept[1].text, kept[1].system), Coded()]
    original = segment.text(field, 9)
    return DrugFacts(
        code=kept[0].code,
        text=kept[0].text,
        system=kept[0].system,
        alternates=tuple(coding for coding in kept[1:] if coding != Coded()),
        original="" if unresolved(original) else original,
        where=where,
    )


def choose_drug(
    rxe: Segment | None, rxo: Segment | None, notes: list[Note]
) -> tuple[DrugFacts, tuple[DrugFacts, ...]]:
    """The order's drug, and what else was named for it."""
    encoded = read_drug(rxe, 2, notes) if rxe is not None else DrugFacts()
    requested = read_drug(rxo, 1, notes) if rxo is not None else DrugFacts()
    if encoded.code:
        chosen, other = encoded, requested
    elif requested.code or not encoded.words:
        chosen, other = requested, encoded
    else:
        chosen, other = encoded, requested
    if other.words and differ(chosen, other):
        segment, field = chosen.where.split("-")
        sentence = f"Another drug is named in {other.where}; {chosen.where} counts, look at both."
        notes.append(Note(segment, int(field), sentence, stop=chosen.where == "RXO-1"))
    return chosen, (other,) if other.words else ()


def differ(one: DrugFacts, other: DrugFacts) -> bool:
    """Whether two codings speak of different drugs, as far as their own words tell."""
    codes = {coding.code for coding in one.codings} & {coding.code for coding in other.codings}
    if codes:
        return False
    return one.words.casefold() != other.words.casefold()
