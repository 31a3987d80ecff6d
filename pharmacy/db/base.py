"""What all tables share: column types that mean the same on SQLite and on PostgreSQL.

Times are whole seconds since 1970 in `BigInteger` columns that end in `_s`; ids are short text;
structured values that are read whole and never searched are JSON text written by msgspec.
"""

from typing import Annotated

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

Id = Annotated[str, mapped_column(String(128))]
"""An opaque id of ours, or a short code of somebody else's."""
Word = Annotated[str, mapped_column(String(250), default="")]
"""A short text for people."""
Prose = Annotated[str, mapped_column(Text, default="")]
"""A longer text, or JSON."""
Seconds = Annotated[int, mapped_column(BigInteger)]
"""Seconds since 1970."""
MaybeSeconds = Annotated[int | None, mapped_column(BigInteger, default=None)]
Count = Annotated[int, mapped_column(BigInteger)]
"""A count that may grow past 32 bits (seq, totals)."""
Raw = Annotated[bytes, mapped_column(LargeBinary)]
"""Bytes exactly as received or signed."""

AutoId = Annotated[
    int,
    mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
]


class Base(DeclarativeBase):
    """Every table of the pharmacy; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
