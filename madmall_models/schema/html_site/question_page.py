"""Write the page that comes first: what can be asked, how, and at what cost."""

from __future__ import annotations

from madmall_models.schema.description import Description
from madmall_models.schema.entity_description import EntityDescription
from madmall_models.schema.html_site.element import Content, Element, element
from madmall_models.schema.html_site.frame import Page
from madmall_models.schema.html_site.links import TABLE, Links, anchored
from madmall_models.schema.html_site.places import QUESTIONS, anchor
from madmall_models.schema.html_site.texts import code, json_block, sentence, template
from madmall_models.schema.pattern_description import AccessPatternDescription, CostDescription


def question_page(description: Description, links: Links) -> Page:
    """Return the page of all access patterns, by entity."""
    entities = [entity for entity in description.entities if description.patterns_of(entity.name)]
    content = [
        element("h1", "What can I ask?"),
        element("p", _lead(description), class_="lead"),
        _filters(description, entities),
        element(
            "div",
            _side(description, entities),
            element("div", [_group(entity, description, links) for entity in entities], _nothing(), class_="groups"),
            class_="with-side",
        ),
    ]
    return Page("Questions", QUESTIONS, content)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with what it counts, as in ``1 index`` and ``2 indexes``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def cost_text(cost: CostDescription) -> str:
    """Return what an answer is, that costs what it costs: one item, or a page."""
    return "one item" if cost.items == 1 else f"page of {cost.items}"


def _lead(description: Description) -> str:
    questions = counted(len(description.access_patterns), "question")
    kinds = counted(len(description.entities), "kind of item", "kinds of items")
    indexes = counted(len(description.indexes), "index", "indexes")
    return (
        f"{questions} about {kinds}, in one table with {indexes}. Each is answered by one key. Read units are those "
        "of one item or of a page; what is taken for granted stands with each request."
    )


def _filters(description: Description, entities: list[EntityDescription]) -> Element:
    indexes = [TABLE, *(index.name for index in description.indexes)]
    placeholder = "question, call or key"
    text = element("input", type="search", id="filter-text", autocomplete="off", placeholder=placeholder)
    return element(
        "form",
        _field("Text", text),
        _field("Entity", _choice("filter-entity", "All entities", [entity.name for entity in entities])),
        _field("Index", _choice("filter-index", "Table and all indexes", indexes)),
        element("button", "Clear", type="reset", class_="quiet"),
        element("p", id="filter-count", role="status"),
        id="filters",
        aria_label="Filter the questions",
        class_="filters",
    )


def _field(label: str, control: Element) -> Element:
    return element("label", element("span", label), control)


def _choice(name: str, everything: str, choices: list[str]) -> Element:
    options = [element("option", everything, value=""), *(element("option", each, value=each) for each in choices)]
    return element("select", options, id=name)


def _side(description: Description, entities: list[EntityDescription]) -> Element:
    ways = [
        element(
            "li",
            element("a", entity.name, href=f"#about-{anchor(entity.name)}"),
            element("span", str(len(description.patterns_of(entity.name))), class_="count"),
        )
        for entity in entities
    ]
    heading = element("h2", "About")
    return element("nav", heading, element("ul", ways), aria_label="Questions by entity", class_="side is-long")


def _nothing() -> Element:
    return element("p", "No question is like that. Clear the filter to see all.", id="filter-nothing", hidden=True)


def _group(entity: EntityDescription, description: Description, links: Links) -> Element:
    patterns = description.patterns_of(entity.name)
    name = f"about-{anchor(entity.name)}"
    heading = element("h2", links.entity(entity.name), anchored(name, f"the questions about {entity.name}"))
    return element("section", heading, [_question(each, links) for each in patterns], id=name, class_="group")


def _question(pattern: AccessPatternDescription, links: Links) -> Element:
    name = links.places.questions[pattern.name]
    asked = element(
        "div",
        element("h3", sentence(pattern.question), anchored(name, pattern.question)),
        code(pattern.call, class_="call"),
        class_="ask",
    )
    where = element("div", links.index(pattern.index), template(pattern.key_condition), _marks(pattern), class_="where")
    cost = element(
        "p",
        element("strong", f"{pattern.cost.read_units:g}"),
        element("span", " read units"),
        element("span", cost_text(pattern.cost)),
        class_="cost",
    )
    more = element(
        "details",
        element("summary", "Request and cost", element("span", f" of {pattern.name}", class_="unseen")),
        element("dl", _facts(pattern)),
        [json_block(request.parameters, before=f"{request.operation} ") for request in pattern.requests],
        [element("p", sentence(warning[:1].upper() + warning[1:]), class_="note") for warning in pattern.warnings],
    )
    return element(
        "article",
        asked,
        where,
        cost,
        more,
        id=name,
        class_="question",
        data_entity=pattern.entity,
        data_index=pattern.index,
    )


def _marks(pattern: AccessPatternDescription) -> Content:
    marks = []
    if pattern.hydrates:
        marks.append(element("span", "then fetches the items", class_="mark"))
    if pattern.sparse:
        marks.append(element("span", "sparse", class_="mark", title="Some items are left out on purpose"))
    return element("p", marks, class_="marks") if marks else None


def _facts(pattern: AccessPatternDescription) -> list[Content]:
    cost = pattern.cost
    per_item = "" if cost.items == 1 else f", {cost.read_units_per_item:.3g} for each item more"
    others = [operation for operation in pattern.operations if operation != pattern.call]
    facts: list[tuple[str, Content]] = [
        ("Name", code(pattern.name)),
        ("Asked as well by", _codes(others)),
        ("Must be given", _codes(pattern.fields)),
        ("May be narrowed by", _codes(pattern.narrowing)),
        ("Order", sentence(pattern.order)),
        ("Consistent read", pattern.consistent),
        ("Hydrates", "yes: whole items are fetched after the list was read" if pattern.hydrates else "no"),
        ("Sparse", "yes: some items are left out on purpose" if pattern.sparse else None),
        ("Cost", f"{cost.read_units:g} read units, {cost_text(cost)}{per_item}"),
        ("Assuming", sentence("; ".join(cost.assumptions))),
    ]
    return [[element("dt", name), element("dd", said)] for name, said in facts if said]


def _codes(texts: tuple[str, ...] | list[str]) -> list[Content]:
    found: list[Content] = []
    for text in texts:
        found += [", ", code(text)] if found else [code(text)]
    return found
