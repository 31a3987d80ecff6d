"""A ward as bytes and back: what a checkpoint keeps so that a boot reads little."""

import gc
import hashlib
from typing import Any, Final, get_args

import msgspec
from immutables import Map

from cabinet.wire import b64
from statemachine.ward import Ward


def _maps_out(value: Any) -> Any:
    if isinstance(value, Map):
        return sorted(value.items())
    raise NotImplementedError(f"A ward holds no {type(value).__name__}.")


def _maps_in(kind: Any, value: Any) -> Any:
    # A map of an immutable package cannot be keyed in JSON by numbers: it is a list of pairs.
    pairs = msgspec.convert(value, list[tuple[get_args(kind)]], dec_hook=_maps_in)  # type: ignore[misc] # the pair's types are known at run time only
    return Map(pairs)


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_maps_out)
_DECODER: Final = msgspec.msgpack.Decoder(Ward, dec_hook=_maps_in)


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
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return None
    finally:
        if collecting:
            gc.enable()
