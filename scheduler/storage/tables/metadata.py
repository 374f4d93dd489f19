"""The one ``MetaData`` with its naming rules, so that constraints are called alike on both engines."""

from sqlalchemy import Column, ForeignKey, MetaData, Text

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def reference(name: str, target: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    """Return a text column that refers to ``target`` ("table.column"), part of the primary key if ``key``."""
    return Column(name, Text, ForeignKey(target), primary_key=key, nullable=optional)
