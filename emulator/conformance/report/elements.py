"""Build elements of HTML, SVG and XML whose texts cannot become markup."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

from emulator.core.one_line import one_line

Child = Element | str | int | None


def element(name: str, /, *children: Child, **attributes: str | int | None) -> Element:
    """Return an element. What is None is left out.

    Args:
        name: the name of the element.
        children: elements and texts, in their order.
        attributes: ``_`` in a name becomes ``-``, and one at its end is dropped: ``class_``.
    """
    made = Element(name)
    for attribute, value in attributes.items():
        if value is not None:
            made.set(attribute.rstrip("_").replace("_", "-"), printable(str(value)))
    for child in children:
        if isinstance(child, Element):
            made.append(child)
        elif child is not None:
            _append(made, printable(str(child)))
    return made


def printable(text: str) -> str:
    """Return ``text`` with its lines, and every other character that is not printable as an escape
    sequence: XML has no way to write some of them, and others change the order of a line."""
    return "\n".join(map(one_line, text.split("\n")))


def as_html(root: Element) -> str:
    """Return an element as HTML; the texts of ``script`` and ``style`` stay as they are."""
    return tostring(root, encoding="unicode", method="html")


def as_xml(root: Element) -> str:
    """Return an element as XML."""
    return tostring(root, encoding="unicode")


def _append(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
