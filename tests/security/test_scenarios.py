"""TEST_SCENARIOS.md keeps its word: every test it names exists, every card it names is one the sandbox knows."""

import ast
import re
from pathlib import Path

from sandbox.stripe.cards import CARDS

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "TEST_SCENARIOS.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)


def test_every_named_test_exists() -> None:
    assert len(NAMED) >= 60
    missing = []
    for file, name in NAMED:
        path = ROOT / file
        tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module(body=[], type_ignores=[])
        if name not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}:
            missing.append(f"{file}::{name}")
    assert missing == []


def test_every_scenario_names_a_test() -> None:
    scenarios = re.split(r"\n(?=\*\*)", TEXT)[1:]
    assert len(scenarios) >= 30
    assert [scenario.split("**")[1] for scenario in scenarios if "Played by `tests/" not in scenario] == []


def test_every_named_card_is_known_to_the_sandbox() -> None:
    numbers = {number.replace(" ", "") for number in re.findall(r"\b\d{4} \d{4} \d{4} \d{4}\b", TEXT)}
    assert len(numbers) >= 10
    assert numbers <= set(CARDS)
