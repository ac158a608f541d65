"""A second try for tests on the whole stack, and what the first one said.

A browser, a shop of ten processes and their clocks share a machine whose speed nobody promises; of some hundred such
tests one in a few runs meets a time-out that nothing in the shop explains. Each is tried once more, on a stack that
was made sound again, and fails when it fails twice. The first failure is not hidden: it is told at the end, in full,
because it may be a race. All other tests have one try.
"""

import pytest

from tests.support.parallel import LIVE, group_of


def allow(items: list[pytest.Item]) -> None:
    """Marks the tests that get a second try."""
    for item in items:
        if group_of(item) == LIVE:
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What failed at first, whether or not the second try passed."""
    again = terminalreporter.getreports("rerun")
    if not again:
        return
    terminalreporter.section(f"{len(again)} of the tests on the whole stack needed a second try", yellow=True)
    for report in again:
        terminalreporter.write_sep("_", report.nodeid, yellow=True)
        terminalreporter.write_line(report.longreprtext)
