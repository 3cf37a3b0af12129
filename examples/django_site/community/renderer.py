"""Render forms as the site looks: label, hint and message before each input, tied to it for who cannot see it."""

from __future__ import annotations

from django import forms
from django.forms.renderers import TemplatesSetting


class SiteRenderer(TemplatesSetting):
    """Take the templates of the site."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class SiteField(forms.BoundField):
    """Name hint and message as the style sheet and the templates do."""

    @property
    def message(self) -> str:
        """Return the first thing to be said at the field, as a sentence about it; empty where all is well."""
        subject = getattr(self.form, "subjects", {}).get(self.name, self.label)
        return f"{subject} {self.errors[0]}" if self.errors else ""

    @property
    def aria_describedby(self) -> str:
        """Return the ids of what describes the input."""
        parts = [("hint", self.help_text), ("error", self.errors)]
        return " ".join(f"{self.auto_id}-{part}" for part, text in parts if text and not self.is_hidden)
