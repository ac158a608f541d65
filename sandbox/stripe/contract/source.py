"""Reads the types in the installed `stripe` package's source."""

import ast
import importlib.util
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from sandbox.stripe.contract.shapes import (
    Anything,
    Array,
    DecimalText,
    Flag,
    Keyed,
    Null,
    Number,
    OneOf,
    Shape,
    Struct,
    Text,
    Union,
    Whole,
)

_PLAIN: dict[str, Shape] = {
    "str": Text(),
    "int": Whole(),
    "bool": Flag(),
    "float": Number(),
    "Decimal": DecimalText(),
    "None": Null(),
    "Any": Anything(),
    "object": Anything(),
    "StripeObject": Anything(),
    "UntypedStripeObject": Anything(),
    "dict": Anything(),
    "Dict": Anything(),
}
# The base class of parameter types holds the options of a call (key, time-out), which are no parameters.
_NOT_PARAMETERS = "RequestOptions"


class ContractUnreadable(RuntimeError):
    """The installed package is written in a way this reader does not know: the reader must be extended."""


@dataclass
class Module:
    name: str
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    typed_dicts: dict[str, ast.Dict] = field(default_factory=dict)  # written as calls, for names that are keywords
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)

    def scan(self, body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
            elif isinstance(node, ast.If):  # `if TYPE_CHECKING:`
                self.scan(node.body)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe"):
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (str(node.module), alias.name)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                call, target = node.value, node.targets[0]
                if ast.unparse(call.func) == "TypedDict" and isinstance(target, ast.Name):
                    fields = call.args[1]
                    if isinstance(fields, ast.Dict):
                        self.typed_dicts[target.id] = fields


@dataclass(frozen=True)
class Scope:
    """Where a name is looked up: in the classes around it, innermost first, then in the module."""

    module: str
    classes: tuple[ast.ClassDef, ...] = ()


class Source:
    def __init__(self) -> None:
        spec = importlib.util.find_spec("stripe")
        if spec is None or spec.origin is None:
            raise ContractUnreadable("The `stripe` package is not installed.")
        self.root = Path(spec.origin).parent
        self._structs: dict[str, Struct] = {}
        self.module = cache(self._module)

    @cached_property
    def api_version(self) -> str:
        found = re.search(r'CURRENT = "([^"]+)"', (self.root / "_api_version.py").read_text())
        if found is None:
            raise ContractUnreadable("The `stripe` package does not name its API version.")
        return found[1]

    def _path(self, module: str) -> Path:
        base = self.root.joinpath(*module.split(".")[1:])
        return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")

    def _module(self, name: str) -> Module:
        module = Module(name)
        module.scan(ast.parse(self._path(name).read_text(encoding="utf-8")).body)
        return module

    def exists(self, module: str) -> bool:
        return self._path(module).exists()

    def shape(self, node: ast.expr, scope: Scope) -> Shape:
        """The shape that an annotation stands for. Raises ContractUnreadable."""
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                return self.shape(ast.parse(node.value.strip(), mode="eval").body, scope)
            return Null()
        if isinstance(node, ast.BinOp):
            return _union([self.shape(node.left, scope), self.shape(node.right, scope)])
        if isinstance(node, ast.Subscript):
            return self._generic(node, scope)
        name = ast.unparse(node)
        return _PLAIN[name] if name in _PLAIN else self.struct(name, scope)

    def _generic(self, node: ast.Subscript, scope: Scope) -> Shape:
        arguments = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        match ast.unparse(node.value):
            case "Literal":
                return OneOf(tuple(ast.literal_eval(argument) for argument in arguments))
            case "NotRequired" | "Required":
                return self.shape(arguments[0], scope)
            case "Optional":
                return _union([self.shape(arguments[0], scope), Null()])
            case "Union":
                return _union([self.shape(argument, scope) for argument in arguments])
            case "List" | "list":
                return Array(self.shape(arguments[0], scope))
            case "Dict" | "dict" | "Mapping":
                return Keyed(self.shape(arguments[1], scope))
            case "UntypedStripeObject":
                return Keyed(self.shape(arguments[0], scope))
            case "ExpandableField":
                return _union([Text(), self.shape(arguments[0], scope)])
            case "ListObject":
                return _page("list", self.shape(arguments[0], scope))
            case "SearchResultObject":
                return _page("search_result", self.shape(arguments[0], scope))
        raise ContractUnreadable(f"{scope.module}: {ast.unparse(node)}")

    def struct(self, dotted: str, scope: Scope) -> Struct:
        """The class that `dotted` names in `scope`."""
        parts = dotted.split(".")
        for depth in range(len(scope.classes), 0, -1):
            found = _nested(scope.classes[:depth], parts)
            if found is not None:
                return self._struct(Scope(scope.module, found))
        module = self.module(scope.module)
        if parts[0] in module.classes:
            found = _nested((module.classes[parts[0]],), parts[1:])
            if found is not None:
                return self._struct(Scope(scope.module, found))
        if parts[0] in module.imports:
            where, name = module.imports[parts[0]]
            if self.exists(f"{where}.{name}"):  # `from stripe import params`
                return self.struct(".".join(parts[1:]), Scope(f"{where}.{name}"))
            return self.struct(".".join([name, *parts[1:]]), Scope(where))
        raise ContractUnreadable(f"{scope.module}: no type {dotted}")

    def _struct(self, at: Scope) -> Struct:
        key = f"{at.module}:{'.'.join(node.name for node in at.classes)}"
        if key not in self._structs:
            self._structs[key] = Struct(name=at.classes[-1].name, resolve=lambda: self._fields(at))
        return self._structs[key]

    def _fields(self, at: Scope) -> tuple[dict[str, Shape], frozenset[str]]:
        node, module = at.classes[-1], self.module(at.module)
        bases = [ast.unparse(base) for base in node.bases]
        is_parameters = any(
            base in ("TypedDict", _NOT_PARAMETERS) or base in module.typed_dicts or base.endswith("Params")
            for base in bases
        )
        fields: dict[str, Shape] = {}
        required: set[str] = set()
        for base in bases:
            if base in module.typed_dicts:
                given = module.typed_dicts[base]
                for key, annotation in zip(given.keys, given.values, strict=True):
                    if isinstance(key, ast.Constant):
                        self._add(str(key.value), annotation, at, is_parameters, fields, required)
            elif is_parameters and base not in ("TypedDict", _NOT_PARAMETERS):
                inherited = self.struct(base, Scope(at.module))
                fields.update(inherited.fields)
                required |= inherited.required
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                self._add(statement.target.id, statement.annotation, at, is_parameters, fields, required)
        for python_name, wire_name in _renamed(node).items():
            if python_name in fields:
                fields[wire_name] = fields.pop(python_name)
                if python_name in required:
                    required.symmetric_difference_update({python_name, wire_name})
        return fields, frozenset(required)

    def _add(
        self,
        name: str,
        annotation: ast.expr,
        at: Scope,
        is_parameters: bool,
        fields: dict[str, Shape],
        required: set[str],
    ) -> None:
        text = ast.unparse(annotation)
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            text = annotation.value.strip()
        if text.startswith("ClassVar") or name.startswith("_"):
            return
        fields[name] = self.shape(annotation, at)
        if not text.startswith("NotRequired" if is_parameters else "Optional"):
            required.add(name)


def _nested(path: tuple[ast.ClassDef, ...], parts: list[str]) -> tuple[ast.ClassDef, ...] | None:
    for part in parts:
        inner = next((node for node in path[-1].body if isinstance(node, ast.ClassDef) and node.name == part), None)
        if inner is None:
            return None
        path = (*path, inner)
    return path


def _renamed(node: ast.ClassDef) -> dict[str, str]:
    """Fields whose wire name Python cannot spell (`_field_remappings`)."""
    for statement in node.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and target.id == "_field_remappings" and value is not None:
            renamed: dict[str, str] = ast.literal_eval(value)
            return renamed
    return {}


def _page(name: str, item: Shape) -> Struct:
    fields: dict[str, Shape] = {
        "object": OneOf((name,)),
        "data": Array(item),
        "has_more": Flag(),
        "url": Text(),
        "next_page": _union([Text(), Null()]),
        "total_count": Whole(),
    }
    return Struct(name=name, resolve=lambda: (fields, frozenset({"object", "data", "has_more", "url"})))


def _union(options: list[Shape]) -> Shape:
    flat: list[Shape] = []
    for option in options:
        for part in option.options if isinstance(option, Union) else (option,):
            if part not in flat:
                flat.append(part)
    known = tuple(value for part in flat if isinstance(part, OneOf) for value in part.values)
    if any(isinstance(part, Text) for part in flat) and any(isinstance(value, str) and value for value in known):
        # An open list of known values. Where only the empty text is listed, it says "a text, or empty to unset it".
        flat = [OneOf(known), *(part for part in flat if not isinstance(part, OneOf | Text))]
    return flat[0] if len(flat) == 1 else Union(tuple(flat))
