"""Choose what becomes of rows that name what is not there, reference by reference."""

from __future__ import annotations

import difflib
from collections.abc import Mapping as Values
from dataclasses import replace
from typing import Literal

from madmall_models.errors import ConfigurationError
from madmall_models.migration.mapping import Mapping, Policy

PolicyName = Literal["reject", "keep", "stub"]
Policies = Values[str, Policy | PolicyName]


def with_policies(mappings: tuple[Mapping, ...], policies: Policies) -> tuple[Mapping, ...]:
    """Return the mappings with other policies for the references that are named.

    A reference is named by table and attribute, as reports name it:

    >>> from madmall_models.migration import madmall_mappings
    >>> mappings = with_policies(madmall_mappings(), {"circle_members.userId": "stub", "stories.author.id": "reject"})
    >>> mappings[2].references[1].policy
    <Policy.STUB: 'stub'>

    Raises:
        ConfigurationError: there is no such reference or policy, or the reference does not take it.
    """
    known = {reference.named(mapping.table) for mapping in mappings for reference in mapping.references}
    for name in policies:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            raise ConfigurationError(
                f"there is no reference {name!r}"
                + (f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}")
            )
    chosen = {name: _policy(name, policy) for name, policy in policies.items()}
    return tuple(_changed(mapping, chosen) for mapping in mappings)


def _changed(mapping: Mapping, chosen: Values[str, Policy]) -> Mapping:
    references = tuple(
        replace(reference, policy=chosen.get(reference.named(mapping.table), reference.policy))
        for reference in mapping.references
    )
    return replace(mapping, references=references)


def _policy(name: str, policy: Policy | str) -> Policy:
    try:
        return Policy(policy)
    except ValueError:
        words = ", ".join(each.value for each in Policy)
        raise ConfigurationError(f"{name}: there is no policy {policy!r}; it is one of {words}") from None
