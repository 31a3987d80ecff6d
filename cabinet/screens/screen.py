"""A screen: one question, who and what always visible, every key it accepts shown (RULES 10).

Pure data. A display shows it as text; the demo page draws it; tests snapshot it.
"""

import msgspec


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A live key and what it means here."""

    key: str
    meaning: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the body.

    Attributes:
        text: what it says, wrapped between words by the display, never cut.
        choice: the number key that chooses it, or empty.
        mark: `late due stat next own done warn strong dim rule` or empty; shown by words or
            position as well, never by colour alone.
        bold: parts of the text that stand in bold where a display can: generic name and dose.
    """

    text: str
    choice: str = ""
    mark: str = ""
    bold: tuple[str, ...] = ()


class Banner(msgspec.Struct, frozen=True, kw_only=True):
    """Who the screen is about: one patient, never two.

    Attributes:
        name: `SMITH, John (Mr)`, never cut.
        born, gender, nhs, place: as RULES 10 writes them.
        allergies: the strip below, said in full: `ALLERGY penicillin - anaphylaxis`.
    """

    name: str
    born: str
    gender: str
    nhs: str
    place: str
    allergies: str


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one panel shows at one moment.

    Attributes:
        id: which screen this is, `remove.drawer`, for tests and styles.
        title: top left, or empty.
        status: top right: time, orders' age.
        banner: the patient, or None.
        notices: sentences that stay until settled: alarms, freshness band.
        lines: the body.
        prompt: the one question, or what to do now.
        keys: every key that does something.
        lit: pockets lit now.
    """

    id: str
    title: str = ""
    status: str = ""
    banner: Banner | None = None
    notices: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    prompt: str = ""
    keys: tuple[Key, ...] = ()
    lit: tuple[str, ...] = ()
