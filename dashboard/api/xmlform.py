"""XML of the same shape as the JSON: one element per field, lists as an element around their items.

``null`` is ``xsi:nil="true"``.  Fields with free names (``custom``) are written as
``<entry name="…" type="…">`` because a field's name need not be a name in XML.
Document types and entities are refused by defusedxml before anything is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, register_namespace, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dashboard.api import shapes
from dashboard.api.shapes import Schema

XSI = "http://www.w3.org/2001/XMLSchema-instance"
NIL = f"{{{XSI}}}nil"
register_namespace("xsi", XSI)

# What XML 1.0 cannot carry in any form; a text that holds it is shown with U+FFFD instead.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


class MalformedXml(Exception):
    """Not well-formed, or with a document type, an entity, a foreign attribute or mixed content."""


def to_xml(value: Any, schema: Schema, definitions: Mapping[str, Schema], *, pretty: bool = False) -> bytes:
    """Write a JSON value as an XML document; the root is the schema's ``xml.name``. ``pretty``: one element a line."""
    resolved = shapes.resolve(schema, definitions)
    root = Element(str(resolved.get("xml", {}).get("name", "data")))
    _fill(root, value, schema, definitions)
    if pretty:
        indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")


def _fill(element: Element, value: Any, schema: Schema, definitions: Mapping[str, Schema]) -> None:
    option = _option(value, schema, definitions)
    if value is None:
        element.set(NIL, "true")
    elif isinstance(value, dict) and "properties" in option:
        for name, item in value.items():
            _fill(SubElement(element, name), item, option["properties"].get(name, {}), definitions)
    elif isinstance(value, dict):
        for name, item in value.items():
            _fill_free(SubElement(element, "entry", {"name": legal(str(name))}), item)
    elif isinstance(value, list):
        items = shapes.resolve(option.get("items", {}), definitions)
        for item in value:
            _fill(SubElement(element, _item_name(items)), item, items, definitions)
    else:
        element.text = legal(_text(value))


def _fill_free(element: Element, value: Any) -> None:
    """A value no schema describes says its type itself."""
    if value is not None and type(value) in _TYPES:
        element.set("type", _TYPES[type(value)])
    if isinstance(value, list):
        for item in value:
            _fill_free(SubElement(element, "item"), item)
    elif isinstance(value, dict):
        for name, item in value.items():
            _fill_free(SubElement(element, "entry", {"name": legal(str(name))}), item)
    elif value is None:
        element.set(NIL, "true")
    else:
        element.text = legal(_text(value))


def _option(value: Any, schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    wanted = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else ""
    options = shapes.kinds(schema, definitions)
    return next((option for option in options if wanted in shapes.types_of(option)), options[0])


def _item_name(items: Schema) -> str:
    return str(items.get("xml", {}).get("name", "item"))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def legal(text: str) -> str:
    """The text with what XML 1.0 cannot carry replaced by U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text)


def from_xml(data: bytes, schema: Schema, definitions: Mapping[str, Schema]) -> Any:
    """Read an XML document as the JSON value its schema describes. Raises :class:`MalformedXml`."""
    try:
        root = fromstring(data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise MalformedXml(str(error)[:200]) from None
    name = shapes.resolve(schema, definitions).get("xml", {}).get("name")
    if name is not None and root.tag != name:
        raise MalformedXml(f"<{name}>")
    return _value(root, schema, definitions, shapes.MAX_DEPTH)


def _value(element: Element, schema: Schema, definitions: Mapping[str, Schema], depth: int) -> Any:
    if depth == 0 or set(element.keys()) - {NIL}:
        raise MalformedXml(_local(element))
    if element.get(NIL) in ("true", "1"):
        return None
    children = list(element)
    if children and ((element.text or "").strip() or any((child.tail or "").strip() for child in children)):
        raise MalformedXml(_local(element))
    options = shapes.kinds(schema, definitions)
    names = {name for option in options for name in shapes.types_of(option)}
    if not names:
        return _free(element, depth)
    if "array" in names and (children or "string" not in names):
        items = next(option for option in options if "array" in shapes.types_of(option)).get("items", {})
        return _array(children, items, definitions, depth)
    if "object" in names or children:
        option = next((option for option in options if "object" in shapes.types_of(option)), {})
        return _object(children, option, definitions, depth)
    return shapes.coerce(element.text or "", schema, definitions)


def _array(children: list[Element], items: Schema, definitions: Mapping[str, Schema], depth: int) -> list[Any]:
    wanted = _item_name(shapes.resolve(items, definitions))
    for child in children:
        if child.tag != wanted:
            raise MalformedXml(f"<{wanted}>")
    return [_value(child, items, definitions, depth - 1) for child in children]


def _object(children: list[Element], schema: Schema, definitions: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    properties: Mapping[str, Schema] | None = schema.get("properties")
    found: dict[str, Any] = {}
    for child in children:
        name = child.get("name") or str(child.tag) if properties is None else str(child.tag)
        if name in found:
            raise MalformedXml(_local(child))
        if properties is None:
            found[name] = _free(child, depth - 1)
        else:
            found[name] = _value(child, properties.get(name, {}), definitions, depth - 1)
    return found


def _free(element: Element, depth: int) -> Any:
    """The value of an element that no schema describes, by its own ``type``."""
    if depth == 0 or set(element.keys()) - {NIL, "name", "type"}:
        raise MalformedXml(_local(element))
    if element.get(NIL) in ("true", "1"):
        return None
    children, kind = list(element), element.get("type", "")
    if kind == "array":
        return [_free(child, depth - 1) for child in children]
    if kind == "object" or children:
        return {child.get("name") or str(child.tag): _free(child, depth - 1) for child in children}
    if kind in ("integer", "number", "boolean"):
        value = shapes.coerce(element.text or "", {"type": kind}, {})
        return float(value) if kind == "number" and not isinstance(value, (str, int)) else value
    return element.text or ""


def _local(element: Element) -> str:
    return f"<{str(element.tag)[:100]}>"
