"""Judge the values of PynamoDB's own attributes, which take anything and fail when they are written."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from madmall_models.attributes import Checked, TimeAttribute, any_to_wire
from madmall_models.attributes.any_value import is_map_key


class NumberJudge(Checked[float, Any]):
    """Take an int or float that is finite."""

    def fault(self, value: Any) -> str | None:
        """Return "a number" unless ``value`` is one."""
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return None if fits else "a number"


class WholeNumberJudge(NumberJudge):
    """Take a whole number."""

    def coerce(self, value: Any) -> Any:
        """Return a whole float as int."""
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def fault(self, value: Any) -> str | None:
        """Return "a whole number" unless ``value`` is an int."""
        return None if isinstance(value, int) and not isinstance(value, bool) else "a whole number"


class MomentJudge(TimeAttribute):
    """Take an aware moment, or ISO 8601 text with an offset, to the microsecond."""

    def coerce(self, value: Any) -> Any:
        """Return text or a moment of any zone as a moment in UTC."""
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
            return moment.astimezone(UTC) if isinstance(moment, datetime) and moment.utcoffset() is not None else value
        except (ValueError, OverflowError):
            return value


class BytesJudge(Checked[bytes, Any]):
    """Take bytes, or their base64 text without anything beside it."""

    def coerce(self, value: Any) -> Any:
        """Return the bytes of a base64 text."""
        try:
            return base64.b64decode(value, validate=True) if isinstance(value, str) else value
        except (binascii.Error, ValueError):
            return value

    def fault(self, value: Any) -> str | None:
        """Return "bytes in base64" unless ``value`` is bytes."""
        return None if isinstance(value, bytes) else "bytes in base64"


class JsonJudge(Checked[Any, Any]):
    """Take what JSON can write."""

    def fault(self, value: Any) -> str | None:
        """Return "what JSON can write" unless ``value`` is that."""
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            return "what JSON can write"
        return None


class AnyJudge(JsonJudge):
    """Take what JSON can write and a map or list of any kind can hold."""

    def fault(self, value: Any) -> str | None:
        """Return what it takes unless ``value`` is that."""
        fault = super().fault(value)
        if fault is None:
            any_to_wire(value)
        return fault


class AnyListJudge(AnyJudge):
    """Take a list of any kind."""

    def fault(self, value: Any) -> str | None:
        """Return "a list" unless ``value`` is one."""
        return super().fault(value) if isinstance(value, list) else "a list"


class AnyMapJudge(AnyJudge):
    """Take a map of any kind."""

    def fault(self, value: Any) -> str | None:
        """Return "a map with names" unless ``value`` is one."""
        is_map = isinstance(value, Mapping) and all(map(is_map_key, value))
        return super().fault(value) if is_map else "a map whose names are texts that are not empty"


class NothingJudge(Checked[None, Any]):
    """Take nothing: null is written by itself."""

    def fault(self, value: Any) -> str | None:
        """Return "null", since whatever is asked about is not."""
        return "null"
