from django.urls import path

from webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("stripe/", views.stripe, name="stripe"),
    path("paypal/", views.paypal, name="paypal"),
]
