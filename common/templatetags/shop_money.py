"""Money in templates: `{% money line.line_total_minor line.currency %}` gives `€12.00`."""

from django import template

from common.money import Money

register = template.Library()


@register.simple_tag
def money(amount_minor: int, currency: str) -> str:
    return Money(amount_minor, currency).format()
