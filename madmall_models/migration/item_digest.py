"""Reduce an item to a digest that depends on its content alone, and a table to a checksum that no order changes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from decimal import Context, Decimal
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
Path = tuple[str, ...]

_BYTES = 16
_MODULUS = 1 << (8 * _BYTES)
_SETS = frozenset(["SS", "NS", "BS"])
# DynamoDB keeps 38 digits; the default context would round them to 28.
_EXACT = Context(prec=40)


def item_digest(item: Item, *, without: Collection[Path] = ()) -> bytes:
    """Return the digest of an item, 16 bytes; equal to DynamoDB is equal here.

    The order of attributes and of the members of sets makes no difference, nor how a number is written.

    Args:
        item: as DynamoDB attribute values.
        without: stored paths that are left out, such as ``("stats", "memberCount")``.

    >>> item_digest({"n": {"N": "1.50"}}) == item_digest({"n": {"N": "1.5"}})
    True
    """
    document = _canonical_map(item, frozenset(without), ())
    return hashlib.blake2b(_compact(document), digest_size=_BYTES).digest()


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


def _canonical_map(values: Item, without: frozenset[Path], prefix: Path) -> dict[str, Any]:
    document = {}
    for name, wire in values.items():
        path = (*prefix, name)
        if path in without:
            continue
        [(kind, content)] = wire.items()
        if kind == "M" and any(left_out[: len(path)] == path for left_out in without):
            document[name] = {kind: _canonical_map(content, without, path)}
        else:
            document[name] = _canonical(kind, content)
    return document


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
    if text.isascii() and text.isdigit() and text[0] != "0" and text[-1] != "0":
        return text
    number = Decimal(text).normalize(_EXACT)
    return str(number) if number else "0"


def _compact(document: Any) -> bytes:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # Some engines keep half a surrogate pair, which is no UTF-8.
    return text.encode("utf-8", "surrogatepass")
