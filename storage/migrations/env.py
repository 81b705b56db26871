"""Alembic's entry: always runs on the connection that the database object hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

from storage import console_tables, desk_tables  # noqa: F401 - their tables belong to the same schema
from storage.tables import Base


def render_plain_type(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Write our own column types as what they are in SQL: a migration must outlive our classes."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_plain_type,
)
with context.begin_transaction():
    context.run_migrations()
