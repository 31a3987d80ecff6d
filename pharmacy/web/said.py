"""What a page says after a form was sent: fixed sentences, chosen by a word in the address.

The address carries only a word of this list and a number, so nobody can make a page say anything.
"""

import re
from collections.abc import Mapping

_NUMBER = re.compile(r"[0-9]{1,6}\Z")
SENTENCES = {
    "verified": "Verified. The cabinets are told.",
    "verified-next": "The order before was verified. The cabinets are told.",
    "queried": "Queried. The cabinets refuse it until it is verified.",
    "rejected": "Rejected. The cabinets refuse it.",
    "stopped": "Stopped. The cabinets are told.",
    "completed": "Completed. The order was sent to the cabinets.",
    "still-waiting": "Kept. The order still waits; what for stands below.",
    "closed": "Closed.",
    "password": "Your password was changed. Sign in with the new one.",
    "out": "You are signed out.",
    "over": "Your sign-in had ended, so nothing was changed. Sign in and do it again.",
    "again": "Applied now. What it said holds.",
    "again-waits": "It still cannot be applied; the reason stands below.",
}


def said(query: Mapping[str, str]) -> str | None:
    """The sentence for this address, or None."""
    word, number = query.get("said", ""), query.get("n", "")
    if word == "saved":
        sent = int(number) if _NUMBER.fullmatch(number) else 0
        if sent == 1:
            return "Saved. One waiting order was sent to the cabinets."
        if sent:
            return f"Saved. {sent:,} waiting orders were sent to the cabinets."
        return "Saved. No order was waiting for this alone."
    return SENTENCES.get(word)
