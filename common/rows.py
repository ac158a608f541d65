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


def fetch_with(model: type[M], related: tuple[str, ...], clauses: str, params: Sequence[Any]) -> list[M]:
    """As `fetch_all`, with related objects: `select_related` by SQL that is made once.

    `related` are paths as there, each after the one that it begins with; in `clauses` the path is the table's name.
    """
    joined = _joined(model, related)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {joined.columns} FROM {joined.tables} {clauses}", params)  # noqa: S608
        return [joined.instance(values) for values in cursor.fetchall()]


def keep_prefetched(row: Model, name: str, found: list[M]) -> None:
    """Makes `row.<name>.all()` give what was read already, as `prefetch_related` does."""
    holder: Any = row
    rows = getattr(holder, name).all()
    rows._result_cache = found
    holder._prefetched_objects_cache = {**getattr(holder, "_prefetched_objects_cache", {}), name: rows}


class _Joined:
    """One model with objects that are related to it one to one or many to one."""

    def __init__(self, model: type[Model], related: tuple[str, ...]) -> None:
        table = model._meta.db_table
        self._own = Columns(model)
        self._steps: list[tuple[str, str, Any, Columns]] = []
        tables, columns = [f'"{table}"'], [self._own.sql]
        models: dict[str, type[Model]] = {"": model}
        for path in related:
            before, _, name = path.rpartition("__")
            link: Any = models[before]._meta.get_field(name)
            models[path] = link.related_model
            theirs, ours = (link.field.column, "id") if link.auto_created else ("id", link.column)
            tables.append(
                f'LEFT JOIN "{link.related_model._meta.db_table}" "{path}"'
                f' ON "{path}"."{theirs}" = "{before or table}"."{ours}"'
            )
            step = Columns(link.related_model, alias=path)
            columns.append(step.sql)
            self._steps.append((path, before, link, step))
        self.tables, self.columns = " ".join(tables), ", ".join(columns)

    def instance(self, values: Sequence[Any]) -> Any:
        made: dict[str, Any] = {"": self._own.instance(values[: self._own.count])}
        start = self._own.count
        for path, before, link, columns in self._steps:
            found = values[start : start + columns.count]
            start += columns.count
            # Every model's first column is its key: nothing was joined where that is NULL.
            made[path] = None if made[before] is None or found[0] is None else columns.instance(found)
            if made[before] is not None:
                link.set_cached_value(made[before], made[path])
            if made[path] is not None and link.one_to_one:
                link.remote_field.set_cached_value(made[path], made[before])
        return made[""]


@lru_cache(maxsize=_KEPT_MODELS)
def _joined(model: type[Model], related: tuple[str, ...]) -> _Joined:
    return _Joined(model, related)


@lru_cache(maxsize=_KEPT_MODELS)
def _all_columns(model: type[Model]) -> Columns:
    return Columns(model)


def _converted(field: "Field[Any, Any]", value: Any) -> Any:
    return field.from_db_value(value, None, connection)  # type: ignore[attr-defined]  # asked for with hasattr
