"""What matplotlib writes, made part of a page: its colours, its font, its policy.

Matplotlib's SVG is a document of its own, in black and white, with a style attribute on each
element. A page's policy obeys no such attribute, and a page is dark at night. So styles become
presentation attributes, colours become the page's own, and what only a document needs goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from markupsafe import Markup

INK = "#000000"
"""Matplotlib's own black: the colour of the text around the picture."""
_GONE = {"metadata", "style", "title"}
_LINK = "{http://www.w3.org/1999/xlink}href"


def inline_svg(document: str, prefix: str, title: str, colours: Mapping[str, str]) -> Markup:
    """Turn a matplotlib picture into an element for a page.

    Args:
        document: as matplotlib's SVG backend writes it.
        prefix: begins each id, so that no two pictures of a page share one.
        title: what the picture shows, for whoever does not see it.
        colours: what stands in the page for a colour of the document, such as ``var(--one)``.
    """
    root = ElementTree.fromstring(document)
    linked = {
        value.partition("#")[2].rstrip(")")
        for element in root.iter()
        for key, value in element.attrib.items()
        if "#" in value and (key == _LINK or value.startswith("url("))
    }
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in _GONE:
                parent.remove(child)
    for element in root.iter():
        element.tag = _local(element.tag)
        element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None
        _restyle(element, prefix, linked, {INK: "currentColor", **colours})
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.attrib |= {"class": "chart", "role": "img", "aria-labelledby": f"{prefix}-title"}
    named = ElementTree.Element("title", {"id": f"{prefix}-title"})
    named.text = title
    root.insert(0, named)
    # Written by an XML library from matplotlib's picture of numbers and our own words.
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _restyle(
    element: ElementTree.Element, prefix: str, linked: set[str], colours: Mapping[str, str]
) -> None:
    old = dict(element.attrib)
    element.attrib.clear()
    for key, value in old.items():
        if key == "style":
            for declaration in value.split(";"):
                name, _, setting = (part.strip() for part in declaration.partition(":"))
                if name and not name.startswith("font-family"):
                    element.set(name, colours.get(setting, setting))
        elif key == "id":
            if value in linked:
                element.set("id", f"{prefix}-{value}")
        elif key == _LINK:
            element.set("href", f"#{prefix}-{value[1:]}")
        elif value.startswith("url(#"):
            element.set(key, f"url(#{prefix}-{value[5:]}")
        elif key == "d":
            element.set("d", " ".join(value.split()))
        elif key == "transform" and value.startswith("rotate(-0 "):
            continue
        else:
            element.set(_local(key), value)


def _local(name: str) -> str:
    return name.rpartition("}")[2]
