"""What a check finds."""

from dataclasses import dataclass

CLEARING_RULE = "clearing equals the processor's balance"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: which rule, what is concerned, and the two figures that differ."""

    rule: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.subject}: {self.detail}"


@dataclass(frozen=True, slots=True)
class ClearingCheck:
    """What came of comparing one processor's balance with the books.

    A notice is a difference that is accounted for to the minor unit by what was found at the processor and is about
    to be recorded here; a finding is everything else.
    """

    findings: tuple[Finding, ...] = ()
    notices: tuple[Finding, ...] = ()
