"""What an answer to anybody depends on beside its address: the installed release, and the theme in the reader's cookie."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from django.http import HttpRequest

THEME_COOKIE = "assay-theme"


@cache
def release() -> str:
    """The installed version; `dev` where the project runs from a bare checkout."""
    try:
        return version("assay-platform")
    except PackageNotFoundError:
        return "dev"


def theme_of(request: HttpRequest) -> str:
    """`light` or `dark` as the cookie says; empty leaves it to the system."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in {"light", "dark"} else ""
