"""Pages below /account/payment-methods/."""

from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("", views.methods_page, name="methods"),
    path("<str:public_id>/default/", views.method_default, name="method_default"),
    path("<str:public_id>/remove/", views.method_remove, name="method_remove"),
]
