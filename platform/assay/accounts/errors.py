"""What accounts, teams and tokens refuse."""

from __future__ import annotations

from assay.config.errors import Invalid, NotAllowed, Refused, SignInNeeded


class NameTaken(Refused):
    """This user name is taken."""

    code = "NAME_TAKEN"
    status = 409
    hint = "Choose another name, or sign in if it is yours."


class EmailTaken(Refused):
    """This e-mail address has an account already."""

    code = "EMAIL_TAKEN"
    status = 409
    hint = "Sign in, or ask for a new password."


class WeakPassword(Invalid):
    """This password is too easy to guess."""

    code = "WEAK_PASSWORD"
    hint = "Take at least eight characters that are not a common word."


class BadName(Invalid):
    """This name cannot be used."""

    code = "BAD_NAME"
    hint = "Use small letters, digits and single hyphens, at most 40 characters."


class TeamTaken(Refused):
    """A team of this name exists already."""

    code = "TEAM_TAKEN"
    status = 409
    hint = "Choose another short name, or ask the team's captain to add you."


class NotYourTeam(NotAllowed):
    """You are not in this team."""

    code = "NOT_YOUR_TEAM"
    hint = "Your teams are listed by `assay whoami`; a captain can add you."


class CaptainNeeded(NotAllowed):
    """Only a captain of the team may do this."""

    code = "CAPTAIN_NEEDED"
    hint = "Ask a captain of your team."


class NotOrganiser(NotAllowed):
    """This is for organisers."""

    code = "NOT_ORGANISER"
    hint = "Ask the people who run this site to make you an organiser."


class ScopeMissing(NotAllowed):
    """Your token does not open this."""

    code = "SCOPE_MISSING"
    hint = "Make a token with the right scope on your account page and run `assay login`."


class BadToken(SignInNeeded):
    """This token is unknown, revoked, or its owner's account is closed."""

    code = "BAD_TOKEN"
    hint = "Make a new token on your account page and run `assay login`."
