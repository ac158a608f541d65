"""Addresses of the whole house."""

from allauth.account.views import signup
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.static import serve
from drf_spectacular.views import SpectacularAPIView


def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and the launcher: the process answers. Touches nothing else."""
    return HttpResponse("ok", content_type="text/plain")


admin.site.site_header = "Artisan's Hub"
admin.site.site_title = "Artisan's Hub"
admin.site.index_title = "The desk"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("webhooks/", include("webhooks.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/v1/", include("payments.api.urls")),
    path("api/v1/", include("orders.api.urls")),
    path("admin/", admin.site.urls),
    # A new account and the letter to it are written together or not at all.
    path("accounts/signup/", transaction.atomic(signup), name="account_signup"),
    path("accounts/", include("allauth.urls")),
    path("account/payment-methods/", include("payments.urls")),
    path("account/", include("identity.urls")),
    path("", include("payouts.urls")),
    path("", include("orders.views.urls")),
    path("", include("catalog.urls")),
]
if not settings.IS_PRODUCTION:
    # In production the web server or the object store in front serves what artisans upload.
    urlpatterns.append(re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}))
