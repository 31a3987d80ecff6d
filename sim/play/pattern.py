r"""How a step's wording is written down once, and read as typed values.

A wording is the sentence of `STEPS.md` with typed values in braces and optional parts in square
brackets:

    pocket {pocket:text} of {cabinet:text} holds {n:int} {product:text}[ in truth {truth:int}]

Types: `text` (double quotes, escapes `\x1D \r \n \"` and `\\`), `texts`, `who` (a name, or she),
`int`, `ints`, `number` (2.5), `date` (31-Dec-2027), `moment` (date and HH:mm), `clock` (HH:mm),
`clocks`, `digits`, `keys`, `name`, `word_dotted` (`release.intent`), `drawers` (a list, or none),
`word:a|b|c` (one of these), `flag:words` (whether these words stand there), and `rest` (whatever is
left, for lists of words). Optional parts that follow each other may come in any order.
"""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

Values = dict[str, Any]

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_DATE = r"\d{1,2}-[A-Z][a-z]{2}-\d{4}"
_CLOCK = r"\d{1,2}:\d{2}"
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class BadValue(ValueError):  # noqa: N818 - a sentence for the author of a scenario
    """A value is not what the step asks for; the message says which and what is allowed."""


def unquote(text: str) -> str:
    """The text between double quotes, with its escapes read."""

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code.startswith("x") and len(code) == 3:
            return chr(int(code[1:], 16))
        plain = {"r": "\r", "n": "\n", "t": "\t", '"': '"', "\\": "\\"}.get(code)
        if plain is None:
            raise BadValue(f'The escape "\\{code}" is not known; \\x1D \\r \\n \\" are.')
        return plain

    return _ESCAPE.sub(one, text[1:-1])


def read_date(text: str) -> dt.date:
    """`31-Dec-2027` as a date."""
    day, month, year = text.split("-")
    try:
        return dt.date(int(year), _MONTHS.index(month) + 1, int(day))
    except ValueError as error:
        raise BadValue(f"{text} is not a day; dates are written 31-Dec-2027.") from error


def read_clock(text: str) -> tuple[int, int]:
    """`08:00` as (hour, minute)."""
    hour, minute = (int(part) for part in text.split(":"))
    if hour > 23 or minute > 59:
        raise BadValue(f"{text} is not a time of day; times are written 08:00.")
    return hour, minute


def read_moment(text: str) -> dt.datetime:
    """`23-Nov-2026 08:00` as ward-local time without a zone."""
    day, clock = text.split()
    hour, minute = read_clock(clock)
    return dt.datetime.combine(read_date(day), dt.time(hour, minute))


def _who(text: str) -> str:
    return unquote(text) if text.startswith('"') else ""


def _ints(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


_TYPES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "text": (_QUOTED, unquote),
    "texts": (
        rf"{_QUOTED}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){_QUOTED})*",
        lambda text: tuple(unquote(part) for part in re.findall(_QUOTED, text)),
    ),
    "who": (rf"(?:{_QUOTED}|she|he|they|somebody)", _who),
    "int": (r"-?\d+", int),
    "ints": (r"\d+(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)\d+)*", _ints),
    "number": (r"\d[\d,]*(?:\.\d+)?", lambda text: text.replace(",", "")),
    "date": (_DATE, read_date),
    "moment": (rf"{_DATE} {_CLOCK}", read_moment),
    "clock": (_CLOCK, read_clock),
    "clocks": (
        rf"{_CLOCK}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){_CLOCK})*",
        lambda text: tuple(read_clock(part) for part in re.findall(_CLOCK, text)),
    ),
    "digits": (r"\d[\d ]*\d", lambda text: text.replace(" ", "")),
    "drawers": (r"(?:none|\d+(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)\d+)*)", _ints),
    "name": (r"[a-z_]+", str),
    "word_dotted": (r"[a-z]+(?:[._][a-z]+)*", str),
    "keys": (r'"?[0-9#*ABCD](?:[ ,]*[0-9#*ABCD])*"?', lambda text: re.sub('[ ,"]', "", text)),
    "rest": (r"[^\"]+?", str.strip),
}


_SHOWN = {
    "text": '"{%s}"',
    "texts": '"{%s}", ...',
    "who": '"Nina"',
    "date": "{DD-Mmm-YYYY}",
    "moment": "{DD-Mmm-YYYY HH:mm}",
    "clock": "{HH:mm}",
    "clocks": "{HH:mm, HH:mm ...}",
}
"""How the reference page prints a value; any other as its name in braces."""


class Pattern:
    """One wording, compiled.

    Args:
        wording: see above.

    Raises:
        ValueError: the wording itself is wrong (a defect of ours).
    """

    def __init__(self, wording: str) -> None:
        self.wording = wording
        self._readers: dict[str, Callable[[str], Any]] = {}
        self._flags: list[str] = []
        body, rest = self._compile(wording)
        if rest:
            raise ValueError(f"Unbalanced brackets in {wording!r}.")
        self._regex = re.compile(body)

    def match(self, text: str) -> Values | None:
        """The values of a step's text, or None when this is not its wording.

        Raises:
            BadValue: it is, but a value cannot be.
        """
        found = self._regex.fullmatch(" ".join(_split_outside_quotes(text)))
        if found is None:
            return None
        values: Values = {flag: found.group(flag) is not None for flag in self._flags}
        for name, read in self._readers.items():
            raw = found.group(name)
            if raw is not None:
                values[name] = read(raw)
        return values

    @property
    def shown(self) -> str:
        """The wording as the reference page prints it, in the manner of STEPS."""

        def one(match: re.Match[str]) -> str:
            name, _, kind = match.group(1).partition(":")
            first, _, options = kind.partition(":")
            if first in {"word", "flag"}:
                return "{" + options + "}" if first == "word" else options
            return _SHOWN.get(first, "{%s}").replace("%s", name)

        return re.sub(r"\{([^{}]+)\}", one, self.wording).replace("[ ", " [")

    def _compile(self, text: str) -> tuple[str, str]:
        """Regular expression of `text` up to an unmatched `]`, and what follows that."""
        parts: list[str] = []
        options: list[str] = []
        while text and text[0] != "]":
            if text[0] == "[":
                inner, text = self._compile(text[1:])
                if not text.startswith("]"):
                    raise ValueError(f"Unbalanced brackets in {self.wording!r}.")
                options.append(inner)
                text = text[1:]
                continue
            if options:
                parts.append(_any_order(options))
                options = []
            if text[0] == "{":
                value, _, text = text[1:].partition("}")
                parts.append(self._value(value))
            else:
                parts.append(re.escape(text[0]))
                text = text[1:]
        if options:
            parts.append(_any_order(options))
        return "".join(parts), text

    def _value(self, value: str) -> str:
        name, _, kind = value.partition(":")
        first, _, options = kind.partition(":")
        if first == "flag":
            self._flags.append(name)
            return f"(?P<{name}>{re.escape(options)})"
        if first == "word":
            words = sorted(options.split("|"), key=len, reverse=True)
            self._readers[name] = str
            return f"(?P<{name}>{'|'.join(map(re.escape, words))})"
        regex, read = _TYPES[first]
        self._readers[name] = read
        return f"(?P<{name}>{regex})"


def _any_order(options: list[str]) -> str:
    if len(options) == 1:
        return f"(?:{options[0]})?"
    return f"(?:{'|'.join(options)})*"


def _split_outside_quotes(text: str) -> list[str]:
    """Words, where a quoted text counts as part of one word, so that its spaces stay."""
    return re.findall(rf"(?:{_QUOTED}|[^\s\"]|\")+", text)
