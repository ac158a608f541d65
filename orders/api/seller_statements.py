"""An artisan's statements: which there are, and each as a file."""

import re
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import now
from orders.api.seller import FORBIDDEN, NOT_THEIRS, SellerView
from orders.api.seller_csv import as_csv
from orders.api.seller_pdf import as_pdf
from orders.api.seller_serializers import CurrencyQuery, StatementListSerializer
from orders.contracts.statement import NoStatement, Statement
from orders.selectors.seller_statements import months_of, statement_of

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


class SellerStatementsView(SellerView):
    @extend_schema(operation_id="seller_statements", responses={200: StatementListSerializer, **FORBIDDEN})
    def get(self, request: Request) -> Response:
        at = now()
        found = months_of(self.artisan(), now=at)
        return Response({"statements": [_entry(month, currency, f"{at:%Y-%m}") for month, currency in found]})


class SellerStatementView(SellerView):
    @extend_schema(
        operation_id="seller_statement",
        parameters=[
            CurrencyQuery,
            OpenApiParameter("month", str, OpenApiParameter.PATH, description="2026-11"),
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=list(_TYPES)),
        ],
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY),
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR),
            **NOT_THEIRS,
        },
    )
    def get(self, request: Request, month: str, kind: str) -> HttpResponse:
        artisan = self.artisan()
        currency = self.asked(CurrencyQuery).get("currency", artisan.currency)
        if not _MONTH.fullmatch(month) or kind not in _TYPES:
            raise NoStatement()
        statement = statement_of(artisan, month=month, currency=currency, now=now())
        return _file(statement, kind)


def _entry(month: str, currency: str, running: str) -> dict[str, Any]:
    urls = {
        f"{kind}_url": f"{reverse('api-seller-statement', args=[month, kind])}?currency={currency}" for kind in _TYPES
    }
    return {"month": month, "currency": currency, "is_complete": month < running, **urls}


def _file(statement: Statement, kind: str) -> HttpResponse:
    content: bytes | str = as_pdf(statement) if kind == "pdf" else as_csv(statement)
    answer = HttpResponse(content, content_type=_TYPES[kind])
    name = f"statement-{statement.month}-{statement.currency}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
