"""The forms of the account pages. They gather; services.py judges."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from assay.accounts.models import Scope

_TEXT = {"class": "form-control"}


class SignIn(AuthenticationForm):
    """User name and password."""

    username = forms.CharField(
        label="User name", widget=forms.TextInput(attrs={**_TEXT, "autocomplete": "username", "autocapitalize": "none"})
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={**_TEXT, "autocomplete": "current-password"}),
    )


class SignUp(forms.Form):
    """A new account."""

    username = forms.CharField(
        label="User name",
        max_length=40,
        help_text="Small letters, digits and single hyphens.",
        widget=forms.TextInput(attrs={**_TEXT, "autocomplete": "username", "autocapitalize": "none"}),
    )
    email = forms.EmailField(
        label="E-mail address",
        help_text="Organisers see it; the board never shows it.",
        widget=forms.EmailInput(attrs={**_TEXT, "autocomplete": "email"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least eight characters, not a common word.",
        widget=forms.PasswordInput(attrs={**_TEXT, "autocomplete": "new-password"}),
    )


class NewTeam(forms.Form):
    """A team to found."""

    name = forms.CharField(
        label="Name", max_length=80, help_text="As it stands on the board.", widget=forms.TextInput(attrs=_TEXT)
    )
    slug = forms.SlugField(
        label="Short name",
        max_length=40,
        help_text="Small letters, digits and single hyphens. Used by `assay submit --team`; it never changes.",
        widget=forms.TextInput(attrs={**_TEXT, "autocapitalize": "none", "class": "form-control mono"}),
    )


class NewToken(forms.Form):
    """A token to make."""

    name = forms.CharField(
        label="Name",
        max_length=40,
        help_text="After the machine that it will live on.",
        widget=forms.TextInput(attrs={**_TEXT, "placeholder": "laptop"}),
    )
    scopes = forms.MultipleChoiceField(
        label="It may", choices=Scope.choices, initial=[Scope.TEAM.value], widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, organiser: bool, **kwargs: object) -> None:
        """organiser: whether the person may hand out the organiser's scope."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        scopes = self.fields["scopes"]
        if isinstance(scopes, forms.MultipleChoiceField) and not organiser:
            scopes.choices = [(Scope.TEAM.value, Scope.TEAM.label)]
