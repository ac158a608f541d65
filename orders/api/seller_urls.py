"""Paths of an artisan's own money, below /api/v1/seller/."""

from django.urls import path

from orders.api import seller, seller_next, seller_statements

urlpatterns = [
    path("money", seller.SellerMoneyView.as_view(), name="api-seller-money"),
    path("money/days", seller.SellerDaysView.as_view(), name="api-seller-days"),
    path("sales", seller.SellerSalesView.as_view(), name="api-seller-sales"),
    path("next-payout", seller_next.NextPayoutView.as_view(), name="api-seller-next-payout"),
    path("payout-schedule", seller_next.PayoutScheduleView.as_view(), name="api-seller-payout-schedule"),
    path("payouts", seller.SellerPayoutsView.as_view(), name="api-seller-payouts"),
    path("payouts/<str:public_id>", seller.SellerPayoutView.as_view(), name="api-seller-payout"),
    path("repayments", seller.SellerRepaymentsView.as_view(), name="api-seller-repayments"),
    path("statements", seller_statements.SellerStatementsView.as_view(), name="api-seller-statements"),
    path(
        "statements/<str:month>.<str:kind>", seller_statements.SellerStatementView.as_view(),
        name="api-seller-statement",
    ),
]  # fmt: skip
