"""From a template to a page: everything escaped, nothing loaded, only our own style and script.

Names of layers, messages and source lines come from strangers. Three things hold them to being
text, each by itself: every value that a template prints goes through ``visible`` and is then
escaped; a page's policy runs no script and obeys no style but those whose digest it names; and
no address in a page is made of a stranger's words.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.report.escape import visible
from grader.words import show_count, show_percent, show_points, show_shape

PACKAGE = "grader.report.html"
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{style}'"


def render(template: str, script: str | None = None, **values: Any) -> str:
    """Fill in a template of this package.

    Args:
        template: the name of its file.
        script: the file of the script that the page may run; none by default.
        values: what the template names.
    """
    style = _own("style.css")
    policy = POLICY.format(style=_digest(style))
    code = None
    if script is not None:
        code = _own(script)
        policy += f"; script-src '{_digest(code)}'"
    # The policy is ours, and its quotes are part of it.
    given = {"style": style, "script": code, "policy": Markup(policy)}
    return _environment().get_template(template).render(given | values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "points": show_points,
        "percent": show_percent,
        "count": show_count,
        "shape": show_shape,
        "cut": visible,
        "breakable": _breakable,
    }
    return environment


def _breakable(text: str) -> Markup:
    """Where a long word may go on in the next line: ``Batch·Normalization``, ``256×·256×·128``."""
    return Markup("<wbr>").join(re.split("(?<=[a-z])(?=[A-Z])|(?<=[0-9]{2}×)(?=[0-9])", text))


def _harmless(value: Any) -> Any:
    """Show what text hides. Most text is printable, which is known much faster."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return value if len(value) < 2_000 and value.isprintable() else visible(value)


@cache
def _own(name: str) -> Markup:
    """A file of ours, to stand in a page as it is."""
    return Markup(files(PACKAGE).joinpath("templates", name).read_text("utf-8"))


@cache
def _digest(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
