"""The endpoints: which parameters one takes and what it answers, found through the package's service classes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.stripe.contract.shapes import ParameterInvalid, Shape
from sandbox.stripe.contract.source import ContractUnreadable, Scope, Source


@dataclass
class Endpoint:
    """`service` and `method` as in the package: ("payment_intent", "create"), ("test_helpers.refund", "expire")."""

    source: Source
    service: str
    method: str

    @cached_property
    def _scope(self) -> Scope:
        *package, name = self.service.split(".")
        return Scope(".".join(["stripe", *package, f"_{name}_service"]))

    @cached_property
    def _function(self) -> ast.FunctionDef:
        for node in self.source.module(self._scope.module).classes.values():
            for statement in node.body:
                if isinstance(statement, ast.FunctionDef) and statement.name == self.method:
                    return statement
        raise ContractUnreadable(f"{self._scope.module} has no {self.method}")

    @cached_property
    def wire(self) -> tuple[str, str]:
        """The HTTP method and the path template that the package itself would call."""
        for node in ast.walk(self._function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._request":
                verb, path = node.args[0], node.args[1]
                if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
                    path = path.func.value
                if isinstance(verb, ast.Constant) and isinstance(path, ast.Constant):
                    return str(verb.value).upper(), str(path.value)
        raise ContractUnreadable(f"{self.service}.{self.method} calls nothing")

    @cached_property
    def _parameters(self) -> Shape | None:
        for argument in self._function.args.args:
            if argument.arg == "params" and argument.annotation is not None:
                return self.source.shape(argument.annotation, self._scope)
        return None

    @cached_property
    def _answer(self) -> Shape:
        if self._function.returns is None:
            raise ContractUnreadable(f"{self.service}.{self.method} does not say what it returns")
        return self.source.shape(self._function.returns, self._scope)

    def read(self, raw: dict[str, Any], at: str = "") -> dict[str, Any]:
        """The request's parameters in their types; `at` is where they stand. Raises ParameterInvalid."""
        if self._parameters is None:
            if raw:
                name = next(iter(raw))
                raise ParameterInvalid(f"Received unknown parameter: {name}", param=name, code="parameter_unknown")
            return {}
        values: dict[str, Any] = self._parameters.read(raw, at)
        return values

    def faults(self, answer: Any) -> Iterator[str]:
        """What in our own answer breaks the contract."""
        return self._answer.faults(answer, "answer")


class Contract:
    def __init__(self) -> None:
        self._source = Source()
        self._endpoints: dict[tuple[str, str], Endpoint] = {}

    @property
    def api_version(self) -> str:
        return self._source.api_version

    def endpoint(self, service: str, method: str) -> Endpoint:
        key = (service, method)
        if key not in self._endpoints:
            self._endpoints[key] = Endpoint(self._source, service, method)
        return self._endpoints[key]
