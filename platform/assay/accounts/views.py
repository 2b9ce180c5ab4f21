"""Pages of a person's own account: sign in and up, teams, tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from assay.accounts import selectors, services
from assay.accounts.errors import BadName, EmailTaken, NameTaken, TeamTaken, WeakPassword
from assay.accounts.forms import NewTeam, NewToken, SignIn, SignUp
from assay.accounts.models import ApiToken
from assay.accounts.reader import signed_in
from assay.config.errors import Invalid, NotFound, Refused
from assay.config.pages import page

#: which field of a form a refusal belongs to
_FIELD: dict[type[Refused], str] = {
    NameTaken: "username",
    EmailTaken: "email",
    WeakPassword: "password",
    TeamTaken: "slug",
}


class SignInPage(LoginView):
    """Sign in, then go on where one came from."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignIn
    redirect_authenticated_user = True
    extra_context = {"section": "account"}  # noqa: RUF012 -- Django's own attribute


@sensitive_post_parameters("password")
@never_cache
@page
def sign_up(request: HttpRequest) -> HttpResponse:
    """Open an account and be signed in."""
    form = SignUp(request.POST or None)
    after = _safe_next(request)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.sign_up(**form.cleaned_data, now=timezone.now())
        except Refused as error:
            _refuse(form, error, other="username")
        else:
            login(request, user)
            return redirect(after or reverse("teams"))
    context = {"form": form, "after": after, "section": "account"}
    return render(request, "accounts/sign_up.html", context, status=_status(form))


@login_required
@never_cache
@page
def teams(request: HttpRequest) -> HttpResponse:
    """The person's teams, and the form that founds one."""
    user = signed_in(request)
    form = NewTeam(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_team(actor=user, **form.cleaned_data, now=timezone.now())
        except Refused as error:
            _refuse(form, error, other="slug" if isinstance(error, BadName) else "name")
        else:
            return redirect("teams")
    context: dict[str, Any] = {
        "form": form,
        "teams": selectors.teams_of(user).prefetch_related("membership_set__user"),
        "has_token": selectors.live_tokens(user).exists(),
        "crumbs": [{"title": "Account"}, {"title": "My teams"}],
        "section": "account",
    }
    return render(request, "accounts/teams.html", context, status=_status(form))


@require_POST
@login_required
@page
def add_member(request: HttpRequest, slug: str) -> HttpResponse:
    """A captain takes a person into the team, by user name."""
    user = signed_in(request)
    team = selectors.teams_of(user).filter(slug=slug).first()
    if team is None:
        raise NotFound("You are in no such team.", next="Your teams are listed on your account page.")
    added = selectors.user_called(request.POST.get("username", ""))
    services.add_member(actor=user, team=team, user=added, now=timezone.now())
    return redirect("teams")


@login_required
@never_cache
@page
def tokens(request: HttpRequest) -> HttpResponse:
    """The person's tokens. A new one is shown on the answer to its own form, and never again."""
    user = signed_in(request)
    made, plaintext = None, ""
    form = NewToken(request.POST or None, organiser=user.is_staff)
    if request.method == "POST" and form.is_valid():
        try:
            made, plaintext = services.issue_token(user=user, **form.cleaned_data, now=timezone.now())
        except Invalid as error:
            _refuse(form, error, other="name")
        else:
            form = NewToken(organiser=user.is_staff)
    context: dict[str, Any] = {
        "form": form,
        "tokens": selectors.live_tokens(user),
        "made": made,
        "plaintext": plaintext,
        "crumbs": [{"title": "Account"}, {"title": "My tokens"}],
        "section": "account",
    }
    return render(request, "accounts/tokens.html", context, status=_status(form))


@require_POST
@login_required
@page
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a token at once."""
    user = signed_in(request)
    token = ApiToken.objects.filter(pk=pk, user=user).first()
    if token is None:
        raise NotFound("You have no such token.", next="Your tokens are listed on your account page.")
    services.revoke_token(actor=user, token=token, now=timezone.now())
    return redirect("tokens")


def _refuse(form: Form, error: Refused, *, other: str) -> None:
    """The refusal beside the field that it is about."""
    hint = f" {error.next}" if error.next else ""
    form.add_error(_FIELD.get(type(error), other), f"{error.message}{hint}")


def _status(form: Form) -> int:
    return 422 if form.is_bound and form.errors else 200


def _safe_next(request: HttpRequest) -> str:
    """Where to go afterwards, if it lies on this site."""
    after = request.POST.get("next") or request.GET.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        after, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return after if allowed else ""
