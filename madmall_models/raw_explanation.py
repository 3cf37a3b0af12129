"""Say what a query by stored names will send and what it costs."""

from __future__ import annotations

from madmall_models.declaration import entity_classes
from madmall_models.explanation import (
    ASSUMED_ENTRY_BYTES,
    FILTER_WARNING,
    HOT_WARNING,
    LAG_WARNING,
    Cost,
    Explanation,
    is_hot,
    is_public,
    order_of,
)
from madmall_models.key_template import KeyTemplate
from madmall_models.keys import IndexKey, Key
from madmall_models.raw_condition import KeyCondition
from madmall_models.raw_request import RawRequest


def explain(request: RawRequest) -> Explanation:
    """Return what a request sends, without sending it."""
    builder = request.builder
    keys = _declared_keys(request)
    rows_of_index = request.index is not None and not request.hydrates and not request.index.projects_everything()
    cost = Cost.of(
        builder.most,
        hydrates=request.hydrates,
        consistent=bool(builder.consistent),
        entry_bytes=ASSUMED_ENTRY_BYTES if rows_of_index else None,
    )
    return Explanation(
        question=keys[0].answers if len(keys) == 1 else "",
        index=builder.index or "table",
        key_condition=_key_condition(request, keys),
        filter=_filter(request),
        hidden="what expired (ttl)" if request.hides_expired else "nothing",
        projection=", ".join(builder.names) or "all",
        page_size=builder.most,
        hydrates=request.hydrates,
        newest_first=builder.forward is False,
        order=_order(request, keys),
        read_units=cost.page,
        read_units_per_item=cost.item,
        assumptions=cost.assumptions,
        warnings=_warnings(request, keys, rows_of_index=rows_of_index),
    )


def _declared_keys(request: RawRequest) -> list[Key]:
    """Return the keys of entities that could be meant, judging by the text of the partition and of the sort key."""
    index = request.builder.index or "table"
    text = request.partition.texts[0]
    return [
        key
        for entity in entity_classes()
        for key in entity.keys.values()
        if (key.index_name if isinstance(key, IndexKey) else "table") == index
        and key.partition.match(text) is not None
        and _may_be_read(key.sort, request.sort)
    ]


def _may_be_read(template: KeyTemplate, sort: KeyCondition | None) -> bool:
    """Tell whether a condition on sort keys can meet one of a template, where it says so: by its text or beginning."""
    if sort is None or sort.operator not in ("EQ", "BEGINS_WITH"):
        return True
    text, literal = sort.texts[0], template.prefix({}).text
    if sort.operator == "EQ":
        return template.match(text) is not None
    return text.startswith(literal) or literal.startswith(text)


def _order(request: RawRequest, keys: list[Key]) -> str:
    """Return the order of the one key that is meant, else that of the sort key's text."""
    forward = request.builder.forward is not False
    if len(keys) == 1:
        return order_of(keys[0], forward=forward)
    return f"{'ascending' if forward else 'descending'} by {request.names[1]}"


def _key_condition(request: RawRequest, keys: list[Key]) -> str:
    shown = [_shown(request.partition, [(key, key.partition) for key in keys])]
    if request.sort is not None:
        shown.append(_shown(request.sort, [(key, key.sort) for key in keys]))
    return " AND ".join(shown)


def _shown(condition: KeyCondition, templates: list[tuple[Key, KeyTemplate]]) -> str:
    """Return a condition with its texts where they are made of ids, words and times, else with their beginning."""
    fitting = [
        (key, template)
        for key, template in templates
        if all(template.match(text) is not None or template.prefix({}).text == text for text in condition.texts)
    ]
    public = bool(fitting) and all(is_public(key.entity, template) for key, template in fitting)
    texts = (
        condition.texts
        if public
        else [f"{text.split('#', 1)[0]}#…" if "#" in text else "…" for text in condition.texts]
    )
    operator = "=" if condition.operator == "EQ" else condition.operator.lower().replace("_", " ")
    return f"{condition.name} {operator} {' and '.join(texts)}"


def _filter(request: RawRequest) -> str | None:
    if not request.builder.filters:
        return None
    return "by DynamoDB, after reading" if request.filters_in_service else "here, after the items are fetched"


def _warnings(request: RawRequest, keys: list[Key], *, rows_of_index: bool) -> tuple[str, ...]:
    index = request.builder.index
    facts = {
        FILTER_WARNING: bool(request.builder.filters),
        "no limit: a page is read to the end of the partition, at most 1,000 items": request.builder.most is None,
        f"{index} does not hold all that is asked: each item is fetched, one read unit per 4 KB": request.hydrates,
        f"rows come from {index} alone, which does not hold ttl: expired items are among them": rows_of_index,
        LAG_WARNING: index is not None,
        HOT_WARNING: any(map(is_hot, keys)),
    }
    return tuple(text for text, holds in facts.items() if holds)
