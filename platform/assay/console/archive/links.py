"""Links of organisers' texts inside an archive: to its own pages where they are there, else words without a link."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.safestring import SafeString

#: of the sanitiser's output, which is well formed
_LINK = re.compile(r'<a href="(/[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def relative_links(html: str, *, known: Mapping[str, str]) -> SafeString:
    """known: path on the site -> file in the archive, as seen from the page."""

    def replace(found: re.Match[str]) -> str:
        path, words = found[1].partition("#")[0], found[2]
        return f'<a href="{known[path]}">{words}</a>' if path in known else words

    return SafeString(_LINK.sub(replace, html))
