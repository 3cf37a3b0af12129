"""Say stored choices in words."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def in_words(choice: str) -> str:
    """Return a choice as people read it: ``support_group`` is "Support group"."""
    return choice.replace("_", " ").capitalize()
