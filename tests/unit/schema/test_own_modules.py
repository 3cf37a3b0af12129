"""Entities of an application are described like ours, however odd, and a module that fails is named with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from openapi_spec_validator import validate

from madmall_models.errors import ConfigurationError, DeclarationError, EntityModuleError
from madmall_models.schema import describe, description_schema
from madmall_models.schema.documents import DOCUMENTS, Source
from tests.unit.schema.conftest import WriteModule
from tests.unit.schema.odd_models import ODD_MODELS

EVENT = """
    from madmall_models import GSI2, Entity, IdAttribute, PrimaryKey, TimeAttribute, UnicodeAttribute

    class Event(Entity, discriminator="THEIR_EVENT"):
        key = PrimaryKey("CIRCLE#{circle_id}", "THEIR_EVENT#{starts_at}#{event_id}", answers="Which events?")
        in_city = GSI2.key("EVENTS#{city:fold}", "STARTS#{starts_at}")
        circle_id = IdAttribute()
        event_id = IdAttribute()
        starts_at = TimeAttribute()
        city = UnicodeAttribute()
"""


def test_their_entities_stand_beside_ours_or_alone(write_module: WriteModule) -> None:
    module = write_module(EVENT)

    alone, together = describe([module], only=True), describe([module])

    assert [entity.name for entity in alone.entities] == ["Event"]
    assert {"Event", "Circle"} <= {entity.name for entity in together.entities}
    assert ("Event", "Circle") in {(edge.source, edge.target) for edge in together.relationships}
    assert alone.modules == together.modules == (module,)


def test_ours_are_described_alone_while_theirs_are_imported(write_module: WriteModule) -> None:
    describe([write_module(EVENT)])

    assert "Event" not in {entity.name for entity in describe().entities}


def test_a_package_stands_for_the_modules_in_it(write_module: WriteModule) -> None:
    write_module(EVENT, "their_app.models.events")
    write_module("from their_app.models import events", "their_app.models.__init__")

    assert [entity.name for entity in describe(["their_app.models"], only=True).entities] == ["Event"]


def test_a_key_without_words_is_asked_in_plain_ones(write_module: WriteModule) -> None:
    questions = {each.name: each.question for each in describe([write_module(EVENT)], only=True).access_patterns}

    assert questions["Event.in_city"] == "Which items of event have this city?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_this_name", "'their_models' could not be imported: ModuleNotFoundError: No module named"),
        ("x = 1 / 0", "ZeroDivisionError: division by zero (their_models, line 1)"),
        ("import sys; sys.exit(3)", "SystemExit: 3 (their_models, line 1)"),
        ("def broken(:", "SyntaxError: invalid syntax (their_models.py, line 1)"),
        ("x = 1", "'their_models' declares no entity"),
        (EVENT.replace("{city:fold}", "{town}"), "DeclarationError: Event.in_city: 'EVENTS#{town}' names town"),
        (EVENT.replace("THEIR_EVENT", "CIRCLE"), "the discriminator 'CIRCLE' belongs to Circle already"),
    ],
)
def test_a_module_that_fails_is_named_with_the_reason(
    write_module: WriteModule, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(EntityModuleError) as refused:
        describe([write_module(text)])

    assert said in str(refused.value)
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize("path", ["nowhere", "madmall_models.nowhere", "not a path", "", ".relative", "a..b"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(EntityModuleError, match="no module"):
        describe([path])


def test_nothing_but_theirs_needs_a_module() -> None:
    with pytest.raises(ConfigurationError, match="--module"):
        describe(only=True)


def test_an_entity_without_an_example_says_how_to_give_one(write_module: WriteModule) -> None:
    text = EVENT + '        rules = Rules(city=[Pattern("[0-9]{5}$", form="five digits")])\n'
    text = text.replace("import GSI2", "import GSI2, Pattern, Rules")

    with pytest.raises(DeclarationError, match=r"Event: no example .*city must be five digits.*example_values"):
        describe([write_module(text)])

    text = text.replace("THEIR_EVENT", "MENDED") + '        example_values = {"city": "30301"}\n'
    mended = write_module(text, "their_mended")
    assert describe([mended], only=True).entity("Event").example.dumped["city"] == "30301"


def test_an_example_leaves_out_what_a_rule_would_warn_of(write_module: WriteModule) -> None:
    text = EVENT.replace("import GSI2", "import GSI2, Pattern, Rules") + (
        "        badge = UnicodeAttribute(null=True)\n        note = UnicodeAttribute(null=True)\n"
        '        rules = Rules(badge=[Pattern("[0-9]{5}$", form="five digits", severity=WARNING)])\n'
    )

    module = write_module("    from madmall_models.rules import WARNING\n" + text.lstrip("\n"))

    shown = describe([module], only=True).entity("Event").example.dumped
    assert "note" in shown
    assert "badge" not in shown


def test_odd_declarations_are_shown_in_every_document(write_module: WriteModule) -> None:
    source = Source.of([write_module(ODD_MODELS)], only=True)
    texts = {name: document.make(source) for name, document in DOCUMENTS.items()}

    (odd,) = source.description.entities
    # It cannot say how to do better than what the class itself makes by chance.
    assert odd.example.dumped["oddId"] == "odd123"
    assert odd.example.dumped["pet"]["kind"] == "cat"
    operations = {each.name: each.signature for each in odd.manager.operations}
    assert set(operations) == {"by_code", "get_all", "get_broken", "get_written"}
    assert operations["by_code"] == '(*, code: str = "x", given: object = ...) -> None'
    assert operations["get_all"] == "() -> Query[Odd]"
    jsonschema.Draft202012Validator(description_schema()).validate(json.loads(texts["json"]))
    validate(json.loads(texts["openapi"]))
    schema = json.loads(texts["jsonschema"])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(odd.example.dumped)


def test_odd_declarations_are_described_alike_each_time(write_module: WriteModule) -> None:
    module = write_module(ODD_MODELS)

    assert describe([module]).to_json() == describe([module]).to_json()


def test_modules_that_import_each_other_are_named_without_a_place(write_module: WriteModule, tmp_path: Path) -> None:
    write_module("from their_rows import Row", "their_models")
    write_module("from their_models import Event", "their_rows")

    with pytest.raises(EntityModuleError, match=r"name 'Row'.*circular.*their_rows, line 1") as failed:
        describe(["their_rows"])

    assert str(tmp_path) not in str(failed.value)


def test_a_method_that_ends_the_program_ends_no_document(write_module: WriteModule) -> None:
    ending = """
    from madmall_models import Manager, Query

    class EventManager(Manager[Event]):
        collection = "their_events"

        def of_circle(self, circle_id: str) -> Query[Event]:
            raise SystemExit("not configured")
"""

    described = describe([write_module(EVENT + ending)], only=True)

    assert described.entity("Event").manager is not None
    assert "Event.get" in {pattern.name for pattern in described.access_patterns}
