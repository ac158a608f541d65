"""Pages of those who sell, or would like to."""

from django.urls import path

from payouts.views import applying, paid

app_name = "selling"
urlpatterns = [
    path("sell/", applying.start, name="start"),
    path("sell/apply/", applying.apply, name="apply"),
    path("sell/withdraw/", applying.withdraw, name="withdraw"),
    path("selling/getting-paid/", paid.setup, name="payments-setup"),
    path("selling/getting-paid/continue/", paid.go_on, name="payments-continue"),
    path("selling/getting-paid/return/", paid.back, name="payments-return"),
    path("selling/getting-paid/refresh/", paid.come_again, name="payments-refresh"),
]
