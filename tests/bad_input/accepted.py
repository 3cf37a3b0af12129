"""Say what operations take although it looks wrong: what a declaration allows, and a few decisions."""

from __future__ import annotations

import inspect
from fnmatch import fnmatch
from typing import Any

from madmall_models import DecimalAttribute, DictAttribute, EnumAttribute, ListAttribute, UnicodeAttribute
from madmall_models.declaration import attribute_at

EVERY_KIND = frozenset(["*"])
# What a map of any values may hold.
ANYTHING = frozenset(["with #", "empty text", "blank text", "None", "no text", "list", "map", "bytes"])
NONE = frozenset(["None"])
# Text of people: any that is not blank. Where an attribute may be absent, it may be blank too.
TEXT = frozenset(["with #"])
BLANK = frozenset(["empty text", "blank text"])

# Operations and arguments by pattern. Each line is a decision.
DECISIONS: tuple[tuple[str, str, frozenset[str]], ...] = (
    # Read for its truth, as Python does.
    ("*", "consistent", EVERY_KIND),
    # None is any version.
    ("*.update", "expected_version", NONE),
    # Text that is compared with what is stored: what nobody wrote finds nothing.
    ("*.search_*", "*", TEXT),
    ("*.query", "*type", TEXT),
    ("*.get_by_type", "type", TEXT),
    ("*.get_by_category", "category", TEXT),
    ("*.get_by_status", "status", TEXT),
    ("*.get_memberships_by_status", "status", TEXT),
    ("circles.get_members", "status", TEXT | NONE),
    ("reviews.list_by_target", "target_type", TEXT),
    ("sources.*", "provider", TEXT),
    # The author's name is shown where none is given.
    ("stories.add_comment", "display_name", TEXT | BLANK),
    # What a moderator, an auditor or an operator writes, or nothing.
    ("*", "notes", TEXT | BLANK),
    ("images.mark_validated", "validator", TEXT | BLANK),
    ("images.mark_validated", "issues.0", TEXT),
    ("images.record_usage", "context", TEXT),
    ("feedback.*", "resolved_by", TEXT),
    ("incidents.add_alert", "type", TEXT),
    ("activities.record", "entity_type", TEXT),
    ("reviews.add_decision", "rationale", TEXT),
    # Made here where none is given.
    ("reviews.enqueue", "required_votes", NONE),
    ("incidents.create_incident", "incident_id", NONE),
)
# Where the arguments are about attributes of a document.
WITHIN = {
    "update_profile": "profile.",
    "update_preferences": "preferences.",
    "update_settings": "settings.",
    "update_stats": "stats.",
    "update_metrics": "metrics.",
    "update_engagement": "engagement.",
}


def is_accepted(manager: Any, operation: str, path: str, kind: str) -> bool:
    """Tell whether an operation may take a kind of value at a path of its arguments."""
    decided = [
        kinds for pattern, argument, kinds in DECISIONS if fnmatch(operation, pattern) and fnmatch(path, argument)
    ]
    if any(kind in kinds or "*" in kinds for kinds in decided):
        return True
    name = operation.split(".")[1]
    return kind in _by_signature(getattr(manager, name), path) | _by_declaration(manager.model, name, path)


def _by_signature(operation: Any, path: str) -> frozenset[str]:
    """Return what a parameter with the default None takes."""
    parameter = inspect.signature(operation).parameters.get(path)
    return NONE if parameter is not None and parameter.default is None else frozenset()


def _by_declaration(model: Any, name: str, path: str) -> frozenset[str]:
    """Return what the attribute that an argument is about takes."""
    attribute, is_member = _attribute(model, [*WITHIN.get(name, "").split("."), *path.split(".")])
    if attribute is None:
        return ANYTHING if is_member else frozenset()
    if is_member:
        return TEXT | BLANK if _is_text(attribute) else {"no text"} if _is_decimal(attribute) else frozenset()
    optional = attribute.null or attribute.default is not None or name == "update"
    allowed: frozenset[str] = NONE if optional else frozenset()
    if _is_text(attribute):
        allowed |= TEXT | BLANK if optional else TEXT
    if _is_decimal(attribute):
        allowed |= {"no text"}
    if isinstance(attribute, DictAttribute):
        allowed |= {"map"}
    return allowed


def _attribute(container: Any, parts: list[str]) -> tuple[Any, bool]:
    """Return the attribute at a path of names and positions, and whether it is that of each member of a collection."""
    attribute: Any = None
    is_member = False
    for part in filter(None, parts):
        if isinstance(attribute, ListAttribute | DictAttribute):
            attribute, is_member = attribute.element, True
        else:
            attribute, is_member = attribute_at(container if attribute is None else type(attribute), part), False
        if attribute is None:
            break
    return attribute, is_member


def _is_decimal(attribute: Any) -> bool:
    return isinstance(attribute, DecimalAttribute)


def _is_text(attribute: Any) -> bool:
    if isinstance(attribute, EnumAttribute):
        return not attribute.strict
    return type(attribute) is UnicodeAttribute
