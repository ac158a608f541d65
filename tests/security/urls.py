"""Every address of the project, read from the resolver, so that a new one is walked without being listed anywhere."""

import re
from collections.abc import Iterator, Mapping

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """The routes as they are written, from the root on: `api/v1/orders/<str:public_id>`."""
    for item in (resolver or get_resolver()).url_patterns:
        route = prefix + str(item.pattern)
        if isinstance(item, URLPattern):
            yield route
        else:
            yield from routes(item, route)


def parameters(route: str) -> list[str]:
    """The names of what stands in angle brackets."""
    return [first or second for first, second in _PARAMETER.findall(route)]


def filled(route: str, values: Mapping[str, object]) -> str:
    """The address with its parameters filled in. KeyError names a parameter that the walk does not know yet."""
    plain = _PARAMETER.sub(lambda match: str(values[match[1] or match[2]]), route)
    return "/" + plain.replace("^", "").replace("$", "").replace("\\Z", "")
