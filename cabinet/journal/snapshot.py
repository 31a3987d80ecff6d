"""A ward as bytes and back: what a checkpoint keeps so that a boot reads little.

A map is kept as a list of its pairs in the order of their keys, each pair packed for itself. So a
boot makes one pair after another as what it is, and nothing of ten thousand orders stands in memory
twice. Orders that are due at the same times, as most of a ward are, share them.
"""

import gc
import hashlib
from typing import Any, Final, get_args

import msgspec
from immutables import Map

from cabinet.wire import b64
from statemachine.ward import Ward
from statemachine.ward.orders import KnownOrder, Window


def _maps_out(value: Any) -> Any:
    if isinstance(value, Map):
        # A map of an immutable package cannot be keyed by numbers: it is a list of pairs.
        return [_ENCODER.encode(pair) for pair in sorted(value.items())]
    raise NotImplementedError(f"A ward holds no {type(value).__name__}.")


class _Thaw:
    """One ward on its way back from bytes."""

    def __init__(self) -> None:
        self._shared: dict[tuple[Window, ...], tuple[Window, ...]] = {}

    def ward(self, data: bytes) -> Ward:
        return msgspec.msgpack.Decoder(Ward, dec_hook=self._maps_in).decode(data)

    def _maps_in(self, kind: Any, value: Any) -> Any:
        pair: Any = tuple[get_args(kind)]  # type: ignore[misc] # its types are known at run time only
        packed = msgspec.msgpack.Decoder(pair, dec_hook=self._maps_in).decode

        def decode(one: Any) -> Any:
            if isinstance(one, bytes):
                return packed(one)
            # As snapshots were kept at first.
            return msgspec.convert(one, pair, dec_hook=self._maps_in)

        if get_args(kind)[1] is not KnownOrder:
            return Map([decode(one) for one in value])
        made = []
        for one in value:
            name, known = decode(one)
            windows = self._shared.setdefault(known.windows, known.windows)
            msgspec.structs.force_setattr(known, "windows", windows)
            made.append((name, known))
        return Map(made)


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_maps_out)


def freeze(ward: Ward) -> tuple[bytes, str]:
    """(bytes, digest) of a ward; the same ward gives the same bytes."""
    data = _ENCODER.encode(ward)
    return data, b64.enc(hashlib.sha256(data).digest())


def thaw(data: bytes, digest: str) -> Ward | None:
    """The ward again; None when the bytes are not those, or of an older shape."""
    if b64.enc(hashlib.sha256(data).digest()) != digest:
        return None
    # So many objects come and none goes: collecting meanwhile would double the time of a boot.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _Thaw().ward(data)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return None
    finally:
        if collecting:
            gc.enable()
