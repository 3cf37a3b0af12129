"""Build the pages of this folder into one site: ``make docs``. Nothing is fetched, neither here nor by the pages."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from pathlib import Path
from typing import Any

import django
import django.conf
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import madmall_models

sys.path.insert(0, str(Path(__file__).parent))
# A page about settings must not depend on those of whoever builds it.
for _name in [name for name in os.environ if name.startswith(("MADMALL_", "AWS_", "PYNAMODB_"))]:
    del os.environ[_name]

if not django.conf.settings.configured:
    # The adapter for Django is imported to be documented; Django refuses that before it is configured.
    django.conf.settings.configure(INSTALLED_APPS=["madmall_models.adapters.django"], MADMALL={"table": "documents"})
    django.setup()

project = "madmall_models"
author = "The madmall_models authors"
version = release = madmall_models.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "declared_tables"]
root_doc = "index"
# The documents that `madmall schema` writes are no pages of this site; they stand in it as they are.
exclude_patterns = ["schema"]
html_extra_path = ["schema"]
# What is not said to be something else is Python where it looks like it, as in docstrings.
highlight_language = "default"
nitpicky = True

html_theme = "furo"
html_title = "madmall_models"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
pygments_style = "friendly"
pygments_dark_style = "monokai"

autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "groupwise"
autodoc_typehints_format = "short"
autodoc_inherit_docstrings = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

# Without a network there is nothing to look the names of other projects up in; ours are all checked.
nitpick_ignore_regex = [
    ("py:.*", r"(?!madmall_models).*"),
    # Where a signature names what is no part of the public surface, it is shown and leads nowhere.
    ("py:(class|obj|data)", r"madmall_models\.\w+\..*"),
]
# Docstrings name these for those who read the code.
nitpick_ignore = [
    ("py:func", "madmall_models.adapters.django.error_pages.answer_error"),
    ("py:func", "madmall_models.integrity.snapshot.primary_entity"),
    ("py:mod", "madmall_models.keys"),
    ("py:mod", "madmall_models.testing.dynamodb_local"),
    ("py:mod", "madmall_models.testing.legacy_dirt"),
]


# The packages whose names are documented as theirs, wherever in them they are defined; the first that has one counts.
_DOCUMENTED = (
    "madmall_models",
    "madmall_models.adapters.django",
    "madmall_models.adapters.flask",
    "madmall_models.integrity",
    "madmall_models.marshmallow_bridge",
    "madmall_models.migration",
    "madmall_models.rules",
    "madmall_models.schema",
    "madmall_models.testing",
)


def _public_names() -> dict[str, str]:
    """Return, by where a public name is defined, where it is documented."""
    found: dict[str, str] = {}
    for package in map(importlib.import_module, _DOCUMENTED):
        for name in package.__all__:
            value = getattr(package, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                found.setdefault(f"{value.__module__}.{value.__qualname__}", f"{package.__name__}.{name}")
    return found


_PUBLIC = _public_names()


def _lead_to_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Resolve a reference to where a name is defined by where it is documented."""
    target = str(node.get("reftarget", ""))
    owner, _, member = target, "", ""
    if target not in _PUBLIC:
        owner, _, member = target.rpartition(".")
    public = _PUBLIC.get(owner)
    if public is None or node.get("refdomain") != "py":
        return None
    whole = f"{public}.{member}" if member else public
    builder: Any = app.builder
    return env.domains.python_domain.resolve_xref(
        env, node["refdoc"], builder, node["reftype"], whole, node, content
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Take part in the build."""
    app.connect("missing-reference", _lead_to_public_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
