"""`docs/reference/settings.md`, written from the types that read the files.

A setting's meaning is the sentence in its class's docstring, its bounds are those of its type: one
place for the program and for the page.
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect as shapes

from cabinet.config import CabinetConfig, SyncConfig

PAGE = "docs/reference/settings.md"

_OPENING = """# Settings

<!-- Made from cabinet/config.py and hal/config.py by `make docs`; change them, not this page. -->

Two files, read once at start. A wrong value is refused with the file, the key and what is allowed;
an unknown key is wrong too. `cabinet check --config FILE` reads them and changes nothing.
"""


def documents() -> dict[str, str]:
    """The page by its place, for `docs/generate.py`."""
    return {PAGE: settings_page()}


def settings_page() -> str:
    """The whole page."""
    parts = [_OPENING]
    for name, kind in (("cabinet.toml", CabinetConfig), ("sync.toml", SyncConfig)):
        parts.append(f"## `{name}`\n\n{_summary(kind)}\n")
        parts.extend(_tables(kind, "", set()))
    return "\n".join(parts)


def _tables(kind: type, path: str, seen: set[type]) -> Iterator[str]:
    info = shapes.type_info(kind)
    assert isinstance(info, shapes.StructType)
    if kind in seen:
        return
    seen.add(kind)
    meanings = _meanings(kind)
    inner: list[tuple[str, type]] = []
    rows = ["| Key | Value | Unless said | Meaning |", "|---|---|---|---|"]
    if isinstance(info.tag, str):
        meaning = "which kind this is"
        rows.append(f'| `{info.tag_field}` | `"{info.tag}"` | must be given | {meaning} |')
    for field in info.fields:
        inner.extend(_structs(field.type, f"{path}{field.encode_name}", within_list=False))
        rows.append(
            f"| `{field.encode_name}` | {_allowed(field.type)} | {_default(field)} "
            f"| {meanings.get(field.name, '')} |"
        )
    if path:
        yield f"### `{path.rstrip('.')}`\n\n{_summary(kind)}\n"
    yield "\n".join(rows) + "\n"
    for where, struct in inner:
        yield from _tables(struct, f"{where}.", seen)


def _structs(info: shapes.Type, path: str, *, within_list: bool) -> Iterator[tuple[str, type]]:
    match info:
        case shapes.StructType(cls=kind):
            yield (f"{path}[]" if within_list else path), kind
        case shapes.UnionType(types=types):
            for one in types:
                yield from _structs(one, path, within_list=within_list)
        case shapes.VarTupleType(item_type=item) | shapes.ListType(item_type=item):
            yield from _structs(item, path, within_list=True)
        case _:
            return


def _allowed(info: shapes.Type) -> str:
    match info:
        case shapes.IntType(ge=low, le=high):
            return "whole number" if low is None else f"{low} to {high}"
        case shapes.StrType(max_length=longest, pattern=pattern):
            shape = f", `{pattern}`".replace("|", "\\|") if pattern else ""
            return f"text{f', at most {longest}' if longest else ''}{shape}"
        case shapes.BoolType():
            return "`true` or `false`"
        case shapes.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in values)
        case shapes.UnionType(types=types):
            return " or ".join(_allowed(one) for one in types if not _is_none(one))
        case shapes.StructType():
            return "table"
        case shapes.VarTupleType(item_type=item, min_length=low, max_length=high):
            bounds = f" ({low or 0} to {high})" if high else ""
            return f"list of {_allowed(item)}{bounds}"
        case shapes.TupleType(item_types=items):
            return f"{len(items)} times {_allowed(items[0])}"
        case shapes.DictType(key_type=key, value_type=value):
            return f"table of {_allowed(key)} to {_allowed(value)}"
        case _:
            return type(info).__name__


def _is_none(info: shapes.Type) -> bool:
    return isinstance(info, shapes.NoneType)


def _default(field: shapes.Field) -> str:
    if field.required:
        return "must be given"
    value: Any = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    if value is None or value in ("", (), {}):
        return "none"
    return "as below" if isinstance(value, msgspec.Struct) else f"`{value}`"


def _summary(kind: type) -> str:
    """The docstring without its list of attributes."""
    return (inspect.getdoc(kind) or "").partition("\n\nAttributes:")[0]


def _meanings(kind: type) -> dict[str, str]:
    """The sentences under `Attributes:`, by attribute; one line may speak of several."""
    listed = (inspect.getdoc(kind) or "").partition("Attributes:\n")[2]
    meanings: dict[str, str] = {}
    for match in re.finditer(r"^    (\w[\w, ]*): (.+(?:\n {6,}.+)*)", listed, re.MULTILINE):
        sentence = " ".join(match[2].split()).replace("|", "\\|")
        meanings.update(dict.fromkeys(match[1].split(", "), sentence))
    return meanings
