"""Several writes in one round trip: inserts and updates of model rows, sent as one statement of CTEs.

A settlement writes a dozen rows; sent one by one, the waiting between them is most of its time and all of it under
lock. The models stay in charge of tables, columns and conversions. PostgreSQL runs the parts of one statement on one
snapshot, so a part can't see what another part wrote, except through `RowId`.

    writes = Writes()
    writes.insert("orders", [order])
    writes.insert("events", [event], order=RowId("orders"))
    ids = writes.execute()["orders"]
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Field, Model


@dataclass(frozen=True, slots=True)
class RowId:
    """The primary key of the only row that an earlier part of the same statement inserted."""

    part: str


class Writes:
    """Collects parts, each with a name; `execute` sends them and gives what each returned, by name."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, str]] = []
        self._params: list[Any] = []

    def insert(
        self,
        part: str,
        rows: Sequence[Model],
        *,
        on_conflict: str = "",
        returning: str = "id",
        **references: RowId,
    ) -> None:
        """Inserts rows of one model. `references` name foreign keys that point at a row of an earlier part."""
        model = type(rows[0])
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        tuples = ", ".join(self._tuple(row, fields, references) for row in rows)
        columns = ", ".join(f'"{field.column}"' for field in fields)
        conflict = f" ON CONFLICT {on_conflict}" if on_conflict else ""
        sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {tuples}{conflict} RETURNING {returning}'  # noqa: S608
        self._parts.append((part, sql))

    def update(self, part: str, row: Model, fields: Sequence[str]) -> None:
        """Writes the named fields of a row that the caller has locked."""
        model = type(row)
        columns = [_field(model, name) for name in fields]
        sets = ", ".join(f'"{field.column}" = %s' for field in columns)
        self._params += [_prepared(row, field) for field in columns] + [row.pk]
        self._parts.append((part, f'UPDATE "{model._meta.db_table}" SET {sets} WHERE id = %s RETURNING id'))  # noqa: S608

    def raw(self, part: str, sql: str, params: Sequence[Any]) -> None:
        """Any data-modifying statement with a RETURNING clause of one column."""
        self._parts.append((part, sql))
        self._params += params

    def execute(self) -> dict[str, list[Any]]:
        """Sends everything as one statement; the first returned column of each part, in order of insertion."""
        if not self._parts:
            return {}
        ctes = ", ".join(f'"{name}" (value) AS ({sql})' for name, sql in self._parts)
        results = ", ".join(f"(SELECT coalesce(json_agg(value), '[]') FROM \"{name}\")" for name, _ in self._parts)  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {ctes} SELECT {results}", self._params)
            row = cursor.fetchone()
        return {name: _decoded(value) for (name, _), value in zip(self._parts, row, strict=True)}

    def _tuple(self, row: Model, fields: "Sequence[Field[Any, Any]]", references: Mapping[str, RowId]) -> str:
        marks = []
        for field in fields:
            reference = references.get(field.name)
            if reference is not None:
                marks.append(f'(SELECT value FROM "{reference.part}")')  # noqa: S608 part names are literals of ours
            else:
                marks.append("%s")
                self._params.append(_prepared(row, field))
        return f"({', '.join(marks)})"


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101 a reverse relation has no column to write
    return field


def _prepared(row: Model, field: "Field[Any, Any]") -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


def _decoded(value: Any) -> list[Any]:
    decoded: list[Any] = json.loads(value) if isinstance(value, str) else value
    return decoded
