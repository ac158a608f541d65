"""/api/v1/payment-methods of payments."""

from django.urls import path

from payments.api import saved

urlpatterns = [
    path("payment-methods", saved.SavedMethodsView.as_view(), name="api-payment-methods"),
    path("payment-methods/setups", saved.BeginSetupView.as_view(), name="api-payment-method-setups"),
    path(
        "payment-methods/setups/<str:public_id>/complete",
        saved.CompleteSetupView.as_view(),
        name="api-payment-method-complete",
    ),
    path("payment-methods/<str:public_id>", saved.SavedMethodView.as_view(), name="api-payment-method"),
    path(
        "payment-methods/<str:public_id>/default", saved.DefaultMethodView.as_view(), name="api-payment-method-default"
    ),
]
