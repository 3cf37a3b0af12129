"""The site says what the declarations say, is HTML as it should be, and leads nowhere but into itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from madmall_models.schema import Description, describe
from madmall_models.schema.html_site import html_site
from madmall_models.schema.html_site.attribute_table import placed_attributes
from tests.unit.schema.conftest import WriteModule
from tests.unit.schema.hostile_models import HOSTILE_MODELS
from tests.unit.schema.html_reader import HtmlPage, faults_of
from tests.unit.schema.odd_models import ODD_MODELS

CHECKOUT = Path(__file__).resolve().parents[3]
QUESTION = 'Which </script><script>alert(3)</script> & is "it"?'
SCRIPTS = ["theme.js", "search-index.js", "search.js", "site.js"]


@pytest.fixture(scope="module")
def description() -> Description:
    return describe()


@pytest.fixture(scope="module")
def site(description: Description) -> dict[str, str]:
    return html_site(description)


@pytest.fixture
def hostile(write_module: WriteModule) -> Description:
    return describe([write_module(HOSTILE_MODELS, "hostile_models_of_a_test")], only=True)


def entries(site: dict[str, str]) -> list[list[str]]:
    text = site["assets/search-index.js"]
    found: list[list[str]] = json.loads(text.removeprefix("var SEARCH_INDEX = ").removesuffix(";\n"))
    return found


# -- what it says --------------------------------------------------------------------------------------------------


def test_the_first_page_answers_what_can_be_asked(description: Description, site: dict[str, str]) -> None:
    page = HtmlPage(site["index.html"])

    assert len(description.access_patterns) > 60
    for pattern in description.access_patterns:
        assert f"ask-{pattern.name}" in page.ids
        for said in (pattern.question, pattern.call, pattern.key_condition, *pattern.cost.assumptions):
            assert said in page.shown, pattern.name
        for request in pattern.requests:
            shown = json.dumps(request.parameters, ensure_ascii=False)
            assert shown.replace(" ", "") in page.shown.replace(" ", ""), pattern.name


def test_the_questions_stand_before_anything_else_that_is_told(site: dict[str, str]) -> None:
    sections = re.findall(r'<li><a href="(\w+\.html)"', site["index.html"])

    assert sections == [
        "index.html",
        "entities.html",
        "indexes.html",
        "collections.html",
        "relationships.html",
        "operations.html",
    ]


def test_each_entity_tells_all_that_is_known_of_it(description: Description, site: dict[str, str]) -> None:
    for entity in description.entities:
        page = HtmlPage(site[f"entities/{entity.name}.html"])
        for placed in placed_attributes(entity):
            attribute = placed.attribute
            assert placed.anchor in page.ids
            for said in (attribute.stored, attribute.type, attribute.default or "", *attribute.choices):
                assert said in page.shown, placed.path
            for name, rule in placed.rules():
                assert name in page.ids
                assert rule.text[1:] in page.shown
                assert set(rule.codes) <= set(re.findall(r"\w+", page.shown))
        for key in (entity.primary_key, *entity.index_keys, *entity.mirrors, *entity.pointers, *entity.claims):
            assert f"key-{key.name}" in page.ids
            assert key.partition_key in page.shown
            assert key.sort_key in page.shown
        for operation in entity.manager.operations:
            assert f"operation-{operation.name}" in page.ids
            assert f"{operation.name}{operation.signature}" in page.shown
        assert set(entity.signals) <= set(re.findall(r"\w+", page.shown))
        assert f"{entity.example.size} bytes" in page.shown
        stored = json.dumps(entity.example.item, ensure_ascii=False).replace(" ", "")
        assert stored in page.shown.replace(" ", "")


def test_the_page_of_an_entity_leads_to_the_questions_that_give_it(
    description: Description, site: dict[str, str]
) -> None:
    for entity in description.entities:
        leads = HtmlPage(site[f"entities/{entity.name}.html"]).leads
        assert {f"../index.html#ask-{name}" for name in entity.access_patterns} <= set(leads)


def test_what_is_read_with_another_entity_leads_to_that_question(site: dict[str, str]) -> None:
    of_circles = "../index.html#ask-Circle.item_collection"

    assert of_circles in HtmlPage(site["entities/CircleMember.html"]).leads
    assert of_circles in HtmlPage(site["entities/Story.html"]).leads
    assert of_circles not in HtmlPage(site["entities/Business.html"]).leads


def test_each_index_tells_who_shares_it(description: Description, site: dict[str, str]) -> None:
    page = HtmlPage(site["indexes.html"])

    assert {f"index-{index.name}" for index in description.indexes} | {"index-table"} <= set(page.ids)
    for index in description.indexes:
        for use in index.shared_by:
            assert f"index.html#ask-{use.access_pattern}" in page.leads
            assert use.partition_key in page.shown
        assert index.purpose in page.shown


def test_each_item_collection_is_drawn_with_what_stands_in_it(description: Description, site: dict[str, str]) -> None:
    page = HtmlPage(site["collections.html"])

    for collection in description.item_collections:
        assert collection.partition_key in page.shown
        for occupant in collection.occupants:
            assert occupant.sort_key in page.shown.replace(" ", "")
            assert f"entities/{occupant.entity}.html#key-{occupant.key}" in page.leads


def test_everything_can_be_searched_for(description: Description, site: dict[str, str]) -> None:
    found = entries(site)
    kinds = {kind for kind, *_ in found}

    assert kinds == {
        "question",
        "entity",
        "key",
        "attribute",
        "rule",
        "operation",
        "index",
        "collection",
        "signal",
    }
    assert [title for kind, title, *_ in found if kind == "question"] == [
        pattern.question for pattern in description.access_patterns
    ]
    assert ["attribute", "User.profile.first_name", "entities/User.html#attribute-profile.first_name"] in [
        entry[:3] for entry in found
    ]


# -- what it is ----------------------------------------------------------------------------------------------------


def test_every_page_is_html_and_every_link_leads_somewhere(site: dict[str, str]) -> None:
    assert faults_of(site) == []


def test_what_is_found_leads_somewhere(site: dict[str, str]) -> None:
    ids = {name: set(HtmlPage(text).ids) for name, text in site.items() if name.endswith(".html")}

    for _, title, place, _ in entries(site):
        page, _, anchor = place.partition("#")
        assert page in ids, title
        assert not anchor or anchor in ids[page], title


def test_nothing_is_asked_of_a_network(site: dict[str, str]) -> None:
    written_by_us = [text for name, text in site.items() if name.endswith((".css", ".js")) and "index" not in name]

    assert len(written_by_us) == 4
    for text in written_by_us:
        assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|https?:|import\(|WebSocket", text)


def test_the_site_is_the_same_whenever_it_is_made(site: dict[str, str]) -> None:
    program = (
        "import hashlib, madmall_models.schema as s, madmall_models.schema.html_site as h\n"
        "print(hashlib.sha256(repr(sorted(h.html_site(s.describe()).items())).encode()).hexdigest())"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            cwd=CHECKOUT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(CHECKOUT), "TZ": zone, "PATH": "/usr/bin:/bin"},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]

    assert made[0] == made[1]


def test_no_place_of_this_machine_stands_in_it(site: dict[str, str]) -> None:
    assert not [name for name, text in site.items() if str(CHECKOUT) in text or str(Path.home()) + "/" in text]


# -- what it is made of may be odd ---------------------------------------------------------------------------------


def test_hostile_declarations_write_nothing_but_text(hostile: Description) -> None:
    site = html_site(hostile)

    assert faults_of(site) == []
    for name, text in site.items():
        if not name.endswith(".html"):
            continue
        page = HtmlPage(text)
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"img", "style", "b", "i", "iframe"}
        assert [Path(str(given["src"])).name for tag, given in page.elements if tag == "script"] == SCRIPTS
        assert not [given for _, given in page.elements if any(each.startswith("on") for each in given)]
        text.encode("utf-8")


def test_hostile_texts_are_shown_as_they_are(hostile: Description) -> None:
    site = html_site(hostile)
    (page,) = [HtmlPage(text) for name, text in site.items() if name.startswith("entities/")]

    assert "</script></style></title><script>alert('x')</script><img src=x onerror=alert(1)> & &lt;" in page.shown
    for said in ('na<me>&"', 'say "x"', "a&b", "]]>", '"><script>alert(2)</script>', 'HOSTILE<b>&"\'{hostile_id}'):
        assert said in page.shown
    assert QUESTION in HtmlPage(site["index.html"]).shown


def test_hostile_texts_end_no_script(hostile: Description) -> None:
    text = html_site(hostile)["assets/search-index.js"]

    assert "<" not in text
    assert text.isascii()
    assert QUESTION in [entry[1] for entry in entries(html_site(hostile))]


def test_odd_declarations_make_pages_that_are_html(write_module: WriteModule) -> None:
    odd = describe([write_module(ODD_MODELS, "odd_models_of_a_test")], only=True)

    assert faults_of(html_site(odd)) == []


@pytest.mark.parametrize("count", [1, 40])
def test_a_site_of_one_entity_and_of_many(write_module: WriteModule, count: int) -> None:
    entity = '''
        class Thing{0}(Entity, discriminator="THING_OF_A_SITE_{0}"):
            """A thing."""

            key = PrimaryKey("THING{0}#{{thing_id}}", "METADATA", answers="Which thing has this id?")
            thing_id = IdAttribute()
    '''
    text = "from madmall_models import Entity, IdAttribute, PrimaryKey\n" + "".join(
        entity.format(number).replace("\n        ", "\n") for number in range(count)
    )

    site = html_site(describe([write_module(text, "things_of_a_site")], only=True))

    assert faults_of(site) == []
    assert len([name for name in site if name.startswith("entities/")]) == count
    assert "things_of_a_site" in site["index.html"]
    assert f"{count} question" in HtmlPage(site["index.html"]).shown


def test_entities_whose_names_differ_in_case_only_have_pages_of_their_own(write_module: WriteModule) -> None:
    entity = '''
class {0}(Entity, discriminator="CASE_{0}"):
    """The {0}."""

    key = PrimaryKey("{0}#{{thing_id}}", "METADATA", answers="Which thing has this id?")
    thing_id = IdAttribute()
'''
    text = "from madmall_models import Entity, IdAttribute, PrimaryKey\n" + entity.format("Ab") + entity.format("AB")

    site = html_site(describe([write_module(text, "cases_of_a_site")], only=True))

    pages = [name for name in site if name.startswith("entities/")]
    assert len({name.casefold() for name in pages}) == 2
    assert faults_of(site) == []
