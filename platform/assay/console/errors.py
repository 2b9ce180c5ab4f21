"""What the console refuses."""

from __future__ import annotations

from assay.config.errors import Invalid, NotAllowed, NotFound, Refused


class ConsoleForOrganisers(NotAllowed):
    """The console is for the organisers of this challenge and for who runs the site."""

    code = "CONSOLE_ROLE"
    hint = (
        "Role needed: organiser of this challenge. Ask one of them to add you to `organisers:` in the challenge file."
    )


class RescoreOpen(Refused):
    """A re-score of this phase is under way."""

    code = "RESCORE_OPEN"
    status = 409
    hint = "Publish or drop it first; its page is linked from the console."


class RescoreUnknown(NotFound):
    """There is no such re-score of this challenge."""

    code = "RESCORE_UNKNOWN"
    hint = "The console lists every one."


class RescoreClosed(Refused):
    """This re-score was published or dropped; nothing about it changes any more."""

    code = "RESCORE_CLOSED"
    status = 409
    hint = "Begin a new one."


class NothingToRescore(Refused):
    """No entry of this phase awaits re-scoring."""

    code = "NOTHING_TO_RESCORE"
    status = 409
    hint = "To score every entry once more, say so: `--all`, or the box on the page."


class RescoreNotReady(Refused):
    """Not every entry has its new scores, so nothing was published."""

    code = "RESCORE_NOT_READY"
    status = 409
    hint = "Wait, try the failed ones again, or leave them out."


class RescoreOutdated(Refused):
    """Data, scorer or task have changed since this re-score began: its scores would not be ranked."""

    code = "RESCORE_OUTDATED"
    status = 409
    hint = "Drop it and begin a new one."


class NameNotTyped(Invalid):
    """What was typed is not the challenge's name; nothing was done."""

    code = "NAME_NOT_TYPED"
    hint = "Type the last part of the challenge's address, such as cmrxrecon-2023."


class BadText(Invalid):
    """This text cannot be published."""

    code = "BAD_TEXT"
    hint = "Shorten it, or put the long part behind a link."


class PageUnknown(NotFound):
    """A challenge has no such page."""

    code = "PAGE_UNKNOWN"
    hint = "Its pages are about, rules, data and cite, as far as its organisers have written them."
