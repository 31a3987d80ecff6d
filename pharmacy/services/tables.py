"""Reading the pharmacist's two tables: drug codes and frequency texts; and their keys."""

import msgspec

from pharmacy.db import FrequencyMapRow
from pharmacy.hl7.timings import says_as_required
from pharmacy.services.inputs import Frequency
from pharmacy.services.office import Unit
from pharmacy.services.text import clean


def normal_frequency(text: str, *, as_required: bool = False) -> str:
    """Return the key of a frequency text: one line, capitals, no full stops, at most 250.

    `QDS` and `QDS PRN` mean different things, so an as-required order asks for the latter, unless
    the text itself says PRN, when required, or the like.
    """
    key = " ".join(clean(text).upper().replace(".", "").split())
    if as_required and key and not says_as_required(key):
        key += " PRN"
    return key[:250].rstrip()


def frequency(unit: Unit, key: str) -> Frequency | None:
    """Return what a frequency text means, None when no pharmacist has said so."""
    row = unit.session.get(FrequencyMapRow, key) if key else None
    if row is None:
        return None
    return msgspec.convert(
        {
            "kind": row.kind,
            "times": msgspec.json.decode(row.times),
            "days": msgspec.json.decode(row.days),
            "interval_s": row.interval_s,
            "max_per_24h": row.max_per_24h,
        },
        Frequency,
    )


def drug_key(system: str, code: str) -> str:
    """Return the attention key of an unmapped drug code."""
    return f"drug:{system}:{code}"[:250]


def frequency_key(key: str) -> str:
    """Return the attention key of an unmapped frequency text."""
    return f"frequency:{key}"[:250]
