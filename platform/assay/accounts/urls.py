"""Addresses of the account pages."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from assay.accounts import views

urlpatterns = [
    path("account/sign-in", views.SignInPage.as_view(), name="login"),
    path("account/sign-out", LogoutView.as_view(), name="sign-out"),
    path("account/sign-up", views.sign_up, name="sign-up"),
    path("account/teams", views.teams, name="teams"),
    path("account/teams/<slug:slug>/members", views.add_member, name="member-add"),
    path("account/tokens", views.tokens, name="tokens"),
    path("account/tokens/<int:pk>/revoke", views.revoke_token, name="token-revoke"),
]
