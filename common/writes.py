"""Several writes in one round trip: inserts and updates of model rows, sent as one statement of CTEs.

A settlement writes a dozen rows; sent one by one, the waiting between them is most of its time and all of it under
lock. The models stay in charge of tables, columns and conversions. The text depends on the kinds of rows only, not on
their number, so PostgreSQL keeps it prepared. PostgreSQL runs the parts of one statement on one snapshot, so a part
can't see what another part wrote, except through `RowId`.

    writes = Writes()
    writes.insert("order", order)
    writes.insert_many("parts", parts, key="public_id", order=RowId("order"))
    writes.insert_many("lines", lines, seller_order=RowId("parts"))
    ids = writes.execute()["order"]
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

_KEPT = 1024
Then = Callable[[list[Any]], None]


@dataclass(frozen=True, slots=True)
class RowId:
    """The primary key of a row that an earlier part of the same statement inserted.

    It is that part's only row, or, of a part inserted with a `key`, the one whose key is the related object's.
    """

    part: str


class Writes:
    """Collects parts, each with a name; `execute` sends them and gives what each returned, by name."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, str]] = []
        self._params: list[Any] = []
        self._keys: dict[str, str] = {}
        self._then: dict[str, Then] = {}

    def insert(
        self, part: str, row: Model, *, on_conflict: str = "", returning: str = "id", **references: RowId
    ) -> None:
        """Inserts one row. `references` name foreign keys that point at the row of an earlier part."""
        fields = _writable(type(row))
        marks = []
        for field in fields:
            reference = references.get(field.name)
            if reference is not None:
                marks.append(f'(SELECT value FROM "{reference.part}")')  # noqa: S608 part names are literals of ours
            else:
                marks.append("%s")
                self._params.append(_prepared(row, field))
        values = f"VALUES ({', '.join(marks)})"
        conflict = f" ON CONFLICT {on_conflict}" if on_conflict else ""
        self._add(part, f"{_into(row, fields)} {values}{conflict} RETURNING {returning}")

    def insert_many(self, part: str, rows: Sequence[Model], *, key: str = "", **references: RowId) -> None:
        """Inserts rows of one model, at least one, column by column as arrays.

        `key` is a unique column by which later parts find the row that they belong to.
        """
        fields = _writable(type(rows[0]))
        arrays, values = [], []
        for number, field in enumerate(fields):
            reference = references.get(field.name)
            column = f"c{number}"
            if reference is None:
                arrays.append(f"%s::{_array_type(field)}")
                values.append(f"r.{column}")
                self._params.append([_prepared(row, field) for row in rows])
            elif reference.part not in self._keys:
                arrays.append("NULL::bigint[]")
                values.append(f'(SELECT value FROM "{reference.part}")')  # noqa: S608
            else:
                arrays.append("%s::text[]")
                values.append(f'(SELECT value FROM "{reference.part}" p WHERE p.key = r.{column})')  # noqa: S608
                self._params.append([getattr(getattr(row, field.name), self._keys[reference.part]) for row in rows])
        columns = ", ".join(f"c{number}" for number in range(len(fields)))
        source = f"SELECT {', '.join(values)} FROM unnest({', '.join(arrays)}) AS r ({columns})"  # noqa: S608
        if key:
            self._keys[part] = key
        self._add(part, f"{_into(rows[0], fields)} {source} RETURNING id{', ' + key if key else ''}")

    def update(self, part: str, row: Model, fields: Sequence[str]) -> None:
        """Writes the named fields of a row that the caller has locked."""
        model = type(row)
        columns = [_field(model, name) for name in fields]
        sets = ", ".join(f'"{field.column}" = %s' for field in columns)
        self._params += [_prepared(row, field) for field in columns] + [row.pk]
        self._add(part, f'UPDATE "{model._meta.db_table}" SET {sets} WHERE id = %s RETURNING id')  # noqa: S608

    def update_many(self, part: str, rows: Sequence[Model], fields: Sequence[str]) -> None:
        """Writes the named fields of rows of one model that the caller has locked, at least one."""
        model = type(rows[0])
        columns = [_field(model, name) for name in fields]
        names = ", ".join(f"c{number}" for number in range(len(columns)))
        sets = ", ".join(f'"{field.column}" = r.c{number}' for number, field in enumerate(columns))
        arrays = ", ".join(["%s::bigint[]", *(f"%s::{_array_type(field)}" for field in columns)])
        table = model._meta.db_table
        self._params.append([row.pk for row in rows])
        self._params += [[_prepared(row, field) for row in rows] for field in columns]
        self._add(
            part,
            f'UPDATE "{table}" t SET {sets} FROM unnest({arrays}) AS r (id, {names}) WHERE t.id = r.id RETURNING t.id',  # noqa: S608
        )

    def raw(self, part: str, sql: str, params: Sequence[Any], *, then: Then | None = None) -> None:
        """Any data-modifying statement with a RETURNING clause of one column; `then` is told what it returned."""
        self._params += params
        self._add(part, sql)
        if then is not None:
            self._then[part] = then

    def execute(self) -> dict[str, list[Any]]:
        """Sends everything as one statement; the first returned column of each part, in order of insertion."""
        if not self._parts:
            return {}
        ctes = ", ".join(
            f'"{name}" (value{", key" if name in self._keys else ""}) AS ({sql})' for name, sql in self._parts
        )
        results = ", ".join(f"(SELECT coalesce(json_agg(value), '[]') FROM \"{name}\")" for name, _ in self._parts)  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {ctes} SELECT {results}", self._params)
            row = cursor.fetchone()
        returned = {name: _decoded(value) for (name, _), value in zip(self._parts, row, strict=True)}
        for name, then in self._then.items():
            then(returned[name])
        return returned

    def _add(self, part: str, sql: str) -> None:
        self._parts.append((part, sql))


@lru_cache(maxsize=_KEPT)
def _writable(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def _into(row: Model, fields: "Sequence[Field[Any, Any]]") -> str:
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return f'INSERT INTO "{row._meta.db_table}" ({columns})'


@lru_cache(maxsize=_KEPT)
def _array_type(field: "Field[Any, Any]") -> str:
    """Without a length: a cast to varchar(32) would cut a longer text off, where the INSERT refuses it."""
    return str(field.db_type(connection)).partition("(")[0] + "[]"


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101 a reverse relation has no column to write
    return field


def _prepared(row: Model, field: "Field[Any, Any]") -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


def _decoded(value: Any) -> list[Any]:
    decoded: list[Any] = json.loads(value) if isinstance(value, str) else value
    return decoded
