"""Rows of a model by SQL whose text never changes: for the row locks and reads that every purchase makes.

The ORM compiles a query anew whenever it is used, which takes longer than PostgreSQL's answer does, and a lock is held
meanwhile. The model stays in charge of its columns and conversions.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)
_KEPT_MODELS = 64


class Columns:
    """Some columns of one model in a SELECT: their text, and the instance that their values make."""

    def __init__(self, model: type[Model], names: Sequence[str] = (), *, alias: str = "") -> None:
        fields = [f for f in model._meta.concrete_fields if not names or f.name in names or f.attname in names]
        self._model = model
        self._names = [field.attname for field in fields]
        self._conversions = [(n, field) for n, field in enumerate(fields) if hasattr(field, "from_db_value")]
        self.count = len(fields)
        self.sql = ", ".join(f'"{alias or model._meta.db_table}"."{field.column}"' for field in fields)

    def instance(self, values: Sequence[Any]) -> Any:
        """Of the model; fields that were not read are deferred."""
        if self._conversions:
            values = list(values)
            for position, field in self._conversions:
                values[position] = _converted(field, values[position])
        return self._model.from_db(connection.alias, self._names, values)


def fetch_all(model: type[M], clauses: str, params: Sequence[Any]) -> list[M]:
    """All rows; `clauses` is a literal of ours: what follows FROM and the table."""
    columns = _all_columns(model)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {columns.sql} FROM "{model._meta.db_table}" {clauses}', params)  # noqa: S608
        return [columns.instance(values) for values in cursor.fetchall()]


def fetch_first(model: type[M], clauses: str, params: Sequence[Any]) -> M | None:
    """The first row, or None."""
    found = fetch_all(model, clauses, params)
    return found[0] if found else None


def fetch_one(model: type[M], clauses: str, params: Sequence[Any]) -> M:
    """The only row. Raises the model's DoesNotExist."""
    found = fetch_first(model, clauses, params)
    if found is None:
        raise model.DoesNotExist(f"no {model._meta.verbose_name}")  # type: ignore[attr-defined]  # every model has one
    return found


@lru_cache(maxsize=_KEPT_MODELS)
def _all_columns(model: type[Model]) -> Columns:
    return Columns(model)


def _converted(field: "Field[Any, Any]", value: Any) -> Any:
    return field.from_db_value(value, None, connection)  # type: ignore[attr-defined]  # asked for with hasattr
