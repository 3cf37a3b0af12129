"""Check a table against the declarations: keys, mirrors, pointers, claims, counts and owners."""

from madmall_models.integrity.check import TableCheck, check
from madmall_models.integrity.finding import Finding

__all__ = ["Finding", "TableCheck", "check"]
