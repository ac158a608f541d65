"""Paths below /account/. Log-in, sign-up and passwords are allauth's, below /accounts/."""

from django.urls import path

from identity import views

app_name = "identity"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("addresses/add/", views.address_add, name="address_add"),
    path("addresses/<str:public_id>/", views.address_edit, name="address_edit"),
    path("addresses/<str:public_id>/delete/", views.address_delete, name="address_delete"),
]
