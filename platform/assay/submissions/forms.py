"""The forms of the pages of entering. They gather; cards.py judges."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django import forms

from evaluators.contract.cards import FIELDS, LONGEST_ANSWER


class CardForm(forms.Form):
    """A field for every question of the method card."""

    def __init__(
        self, data: Mapping[str, str] | None = None, *, card: Mapping[str, str], required: Collection[str]
    ) -> None:
        """card: what stands now. required: keys that the task asks every entry for."""
        super().__init__(data)
        for field in FIELDS:
            asked = "Asked of every entry. " if field.key in required else ""
            self.fields[field.key] = forms.CharField(
                label=field.title,
                required=False,
                max_length=LONGEST_ANSWER,
                help_text=f"{asked}{field.hint[:1].upper()}{field.hint[1:]}.",
                initial=card.get(field.key, ""),
                widget=forms.TextInput(attrs={"class": "form-control"})
                if field.counts or field.key in {"code", "paper", "licence"}
                else forms.Textarea(attrs={"class": "form-control", "rows": 2}),
            )
