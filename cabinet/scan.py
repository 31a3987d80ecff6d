"""The grammar of a scan (in the making)."""

import msgspec

from statemachine.refusals import Reason


class ScanRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan may be on this site.

    Attributes:
        badge_prefix: the demo's badges are barcodes that begin with this; empty on a real
            cabinet, which refuses barcode badges (RULES 2).
        mrn_pattern: what a plain hospital number looks like; empty: only inside (91).
        house_pattern: what an in-house pack code looks like: seven digits unless said.
    """

    badge_prefix: str = ""
    mrn_pattern: str = ""
    house_pattern: str = "[0-9]{7}"
