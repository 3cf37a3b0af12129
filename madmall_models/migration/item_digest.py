"""Reduce an item to a digest that depends on its content alone, and a table to a checksum that no order changes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from decimal import Context, Decimal
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
Path = tuple[str, ...]

_BYTES = 16
_MODULUS = 1 << (8 * _BYTES)
_SETS = frozenset(["SS", "NS", "BS"])
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False)
# DynamoDB keeps 38 digits; the default context would round them to 28.
_EXACT = Context(prec=40)
_NUMBER = r"(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])"
# A set, whose members may come in any order, or a number in another form than the one that all equal numbers share.
_NOT_CANONICAL = re.compile(rf'"(?:SS|NS)":|"N":"(?!{_NUMBER}")'.encode())


def item_digest(item: Item, *, without: Collection[Path] = ()) -> bytes:
    """Return the digest of an item, 16 bytes; equal to DynamoDB is equal here.

    The order of attributes and of the members of sets makes no difference, nor how a number is written.

    Args:
        item: as DynamoDB attribute values.
        without: stored paths that are left out, such as ``("stats", "memberCount")``.

    >>> item_digest({"n": {"N": "1.50"}}) == item_digest({"n": {"N": "1.5"}})
    True
    """
    content = _pruned(item, without)
    # Most items are written in the canonical form anyway, and C writes JSON faster than Python walks.
    text = _compact_if_text(content)
    if text is None or _NOT_CANONICAL.search(text) is not None:
        text = _compact(_canonical("M", content)["M"])
    return hashlib.blake2b(text, digest_size=_BYTES).digest()


class Checksum:
    """Sum up the digests of items, in any order and by any number of parts.

    >>> one, other = Checksum(), Checksum()
    >>> one.add(b"a" * 16), one.add(b"b" * 16), other.add(b"b" * 16), other.add(b"a" * 16)
    (None, None, None, None)
    >>> one == other, one.count
    (True, 2)
    """

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0

    def add(self, digest: bytes) -> None:
        """Count an item in."""
        self.count += 1
        self._sum = (self._sum + int.from_bytes(digest)) % _MODULUS

    @property
    def text(self) -> str:
        """Return the sum as 32 hexadecimal digits."""
        return f"{self._sum:032x}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Checksum) and (self.count, self._sum) == (other.count, other._sum)

    def __hash__(self) -> int:
        return hash((self.count, self._sum))

    def __repr__(self) -> str:
        return f"<Checksum of {self.count} items: {self.text}>"


def _pruned(values: Item, without: Collection[Path]) -> dict[str, Any]:
    """Return a map without the attributes at some paths; what holds none of them is not copied."""
    kept = dict(values)
    for path in without:
        if len(path) == 1:
            kept.pop(path[0], None)
        elif "M" in kept.get(path[0], ()):
            kept[path[0]] = {"M": _pruned(kept[path[0]]["M"], [path[1:]])}
    return kept


def _compact_if_text(content: Any) -> bytes | None:
    """Return an item as JSON, or None where it holds bytes or a set type of Python, which JSON does not know."""
    try:
        return _compact(content)
    except TypeError:
        return None


def _canonical(kind: str, content: Any) -> Any:
    if kind == "N":
        return {kind: _number(content)}
    if kind == "M":
        return {kind: {name: _canonical(*next(iter(wire.items()))) for name, wire in content.items()}}
    if kind == "L":
        return {kind: [_canonical(*next(iter(wire.items()))) for wire in content]}
    if kind == "B":
        return {kind: base64.b64encode(bytes(content)).decode()}
    if kind in _SETS:
        return {kind: sorted(_member(kind, member) for member in content)}
    return {kind: content}


def _member(kind: str, member: Any) -> str:
    if kind == "NS":
        return _number(member)
    return base64.b64encode(bytes(member)).decode() if kind == "BS" else str(member)


def _number(text: str) -> str:
    """Return a number in the one form that equal numbers share."""
    number = Decimal(text).normalize(_EXACT)
    return format(number, "f") if number else "0"


def _compact(document: Any) -> bytes:
    text = _ENCODER.encode(document)
    # Some engines keep half a surrogate pair, which is no UTF-8.
    return text.encode("utf-8", "surrogatepass")
