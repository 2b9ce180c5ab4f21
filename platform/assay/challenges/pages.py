"""Pages of organisers: their challenges, a new one from a file or from last year's, and the forms of one that stands."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assay.accounts.errors import NotOrganiser
from assay.accounts.models import User
from assay.accounts.reader import signed_in
from assay.challenges import review
from assay.challenges.clone import clone_file, with_editor_line
from assay.challenges.edit import CannotEdit
from assay.challenges.file_form import FileForm
from assay.challenges.marked_yaml import MOST_CHARACTERS, YamlProblem
from assay.challenges.models import Challenge
from assay.challenges.selectors import challenge_by_slug, check_organiser
from assay.challenges.workbench import apply_file, show_file, standing
from assay.config.errors import Invalid
from assay.config.pages import page
from evaluators.contract.api import SLUG

_TEXT = {"class": "form-control"}
_GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])


class CloneForm(forms.Form):
    """Last year's challenge under another name."""

    name = forms.RegexField(
        regex=SLUG,
        label="Address",
        max_length=80,
        help_text="Small letters, digits and single hyphens; it never changes.",
        widget=forms.TextInput(attrs={**_TEXT, "autocapitalize": "none", "class": "form-control mono"}),
    )
    title = forms.CharField(label="Title", max_length=120, widget=forms.TextInput(attrs=_TEXT))
    start = forms.DateField(
        label="Its first phase opens on",
        help_text="All dates move by the same number of days.",
        widget=forms.DateInput(attrs={**_TEXT, "type": "date"}),
    )


@require_safe
@never_cache
@page
def organise(request: HttpRequest) -> HttpResponse:
    """The challenges of this organiser, and how a new one begins."""
    actor = organiser_of(request)
    own = Challenge.objects.all() if actor.is_superuser else Challenge.objects.filter(organisers=actor)
    return render(request, "challenges/organise.html", {"challenges": own, "section": "boards"})


@_GET_AND_POST
@never_cache
@page
def new(request: HttpRequest) -> HttpResponse:
    """GET: paste or upload a file. POST: look at it."""
    actor = organiser_of(request)
    if request.method == "POST":
        return show_file(request, actor=actor, text=_sent(request), title="New challenge")
    return render(request, "challenges/new.html", {"section": "boards"})


@require_POST
@never_cache
@page
def file(request: HttpRequest) -> HttpResponse:
    """Look at a file again, or apply it, as the button says."""
    actor = organiser_of(request)
    text, title = _sent(request), request.POST.get("heading", "")[:200] or "Challenge file"
    if request.POST.get("do") == "apply":
        return apply_file(request, actor=actor, text=text, title=title)
    return show_file(request, actor=actor, text=text, title=title)


@_GET_AND_POST
@never_cache
@page
def challenge(request: HttpRequest, challenge: str) -> HttpResponse:
    """GET: the forms. POST: what was typed, as a file beside the one that stands; nothing is changed yet."""
    found, actor = _own(request, challenge)
    try:
        form = FileForm(found.source, request.POST if request.method == "POST" else None)
    except (YamlProblem, KeyError, TypeError):  # a file of another release: its mistakes are told beside its text
        return show_file(request, actor=actor, text=found.source, title=f"Change {found.title}")
    status = 200
    if request.method == "POST":
        standing(found, base=request.POST.get("base", ""))
        if form.is_valid():
            try:
                text = form.changed_text()
            except CannotEdit as error:
                form.add_error(None, f"{error}. Change it in the file below.")
            else:
                return show_file(request, actor=actor, text=text, title=f"Change {found.title}")
        status = 422
    context = {"challenge": found, "form": form, "base": review.version_of(found), "section": "boards"}
    return render(request, "challenges/challenge.html", context, status=status)


@require_safe
@never_cache
@page
def edit(request: HttpRequest, challenge: str) -> HttpResponse:
    """The file that stands, to be changed as text."""
    found, actor = _own(request, challenge)
    return show_file(request, actor=actor, text=found.source, title=f"Change {found.title}")


@require_safe
@never_cache
@page
def download(request: HttpRequest, challenge: str) -> HttpResponse:
    """The file that stands; its first line leads an editor to the schema."""
    found, _ = _own(request, challenge)
    response = HttpResponse(
        with_editor_line(found.source, site=settings.SITE_URL), content_type="application/yaml; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{found.slug}.yaml"'
    return response


@_GET_AND_POST
@never_cache
@page
def clone(request: HttpRequest, challenge: str) -> HttpResponse:
    """GET: name and date. POST: the new file, to be looked at; nothing is made yet."""
    found, actor = _own(request, challenge)
    form = CloneForm(request.POST if request.method == "POST" else None, initial={"title": found.title})
    if request.method == "POST" and form.is_valid():
        asked: dict[str, Any] = form.cleaned_data
        start: date = asked["start"]
        try:
            text = clone_file(
                found.source, name=asked["name"], title=asked["title"], start=start, site=settings.SITE_URL
            )
        except (CannotEdit, ValueError) as error:
            form.add_error(None, f"This file cannot be cloned: {error}")
        else:
            return show_file(request, actor=actor, text=text, title=f"New challenge from {found.title}")
    context = {"challenge": found, "form": form, "section": "boards"}
    return render(request, "challenges/clone.html", context, status=422 if form.errors else 200)


def organiser_of(request: HttpRequest) -> User:
    """Who asks. Raises SignInNeeded, NotOrganiser."""
    viewer = signed_in(request)
    if not viewer.is_staff:
        raise NotOrganiser
    return viewer


def _own(request: HttpRequest, slug: str) -> tuple[Challenge, User]:
    actor = organiser_of(request)
    found = challenge_by_slug(slug)
    check_organiser(user=actor, challenge=found)
    return found, actor


def _sent(request: HttpRequest) -> str:
    """The text that was pasted, or the file that was uploaded. Browsers send pasted lines with CR and LF."""
    upload = request.FILES.get("file")
    if upload is None:
        return request.POST.get("yaml", "").replace("\r\n", "\n")
    if upload.size is None or upload.size > 4 * MOST_CHARACTERS:
        raise Invalid("The file is too large for a challenge file.", next=f"It may have {MOST_CHARACTERS} characters.")
    try:
        text: str = upload.read().decode()
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8 text.", next="Save it as UTF-8 and upload it again.") from error
    return text
