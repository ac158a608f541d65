"""`.env.example` lists exactly the variables that the settings read."""

import ast
import re
from pathlib import Path

from dev.provision.paths import ROOT

READERS = {"required", "required_in_production", "address", "whole_number", "words", "amounts"}
# read_env takes a path, not a variable
READERS_OF_ENV = {"str", "bool", "int", "float", "list", "json", "email_url", "db_url", "cache_url"}


def variables_read(folder: Path) -> set[str]:
    found = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = _reader(node.func)
            first = node.args[0]
            if name and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def _reader(function: ast.expr) -> str | None:
    if isinstance(function, ast.Name) and function.id in READERS:
        return function.id
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "env":
        return function.attr if function.attr in READERS_OF_ENV else None
    return None


def variables_explained() -> set[str]:
    return set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def test_every_variable_that_settings_read_is_explained_and_no_other() -> None:
    read = variables_read(ROOT / "artisans_hub" / "settings")
    assert {"DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY", "COMMISSION_BPS"} <= read
    assert variables_explained() == read


def test_example_holds_no_secret() -> None:
    assert not re.search(r"(sk|rk|pk)_(test|live)_\w{6,}|whsec_\w{6,}", (ROOT / ".env.example").read_text())
