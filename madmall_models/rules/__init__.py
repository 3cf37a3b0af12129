"""Say which values a class takes, and find what is wrong with data before it is written."""

from madmall_models.rules.declared import Check, Rules
from madmall_models.rules.rule import Email, Length, OneOf, Pattern, Phone, Range, Recommended, Required, Rule, Url
from madmall_models.rules.validation import (
    findings_about_times,
    fit,
    given_values,
    has_default,
    is_blank,
    is_demanded,
    validate,
)
from madmall_models.validation_report import ERROR, WARNING, Entry, Severity, ValidationReport

__all__ = [
    "ERROR",
    "WARNING",
    "Check",
    "Email",
    "Entry",
    "Length",
    "OneOf",
    "Pattern",
    "Phone",
    "Range",
    "Recommended",
    "Required",
    "Rule",
    "Rules",
    "Severity",
    "Url",
    "ValidationReport",
    "findings_about_times",
    "fit",
    "given_values",
    "has_default",
    "is_blank",
    "is_demanded",
    "validate",
]
