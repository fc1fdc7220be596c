"""XML of the same shape as JSON. No database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.api.components import definitions
from dashboard.api.examples import examples
from dashboard.api.xmlform import MalformedXml, from_xml, legal, to_xml

FREE = {"type": "object", "additionalProperties": True, "xml": {"name": "custom"}}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize("name", sorted(examples()))
def test_examples_come_back_the_same(name: str) -> None:
    value = examples()[name]
    assert from_xml(to_xml(value, reference(name), definitions()), reference(name), definitions()) == value


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
_FREE = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT.filter(bool), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_TEXT.filter(bool), _FREE, max_size=4))
def test_fields_with_free_names_keep_names_and_types(value: dict[str, Any]) -> None:
    assert from_xml(to_xml(value, FREE, {}), FREE, {}) == value


@given(st.text())
def test_every_text_can_be_written(text: str) -> None:
    read = from_xml(to_xml(text, {"type": "string"}, {}), {"type": "string"}, {})
    assert read == legal(text).replace("\r\n", "\n").replace("\r", "\n")


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><client><name>&c;</name></client>"""
OUTSIDE = b'<!DOCTYPE client [<!ENTITY x SYSTEM "file:///etc/passwd">]><client><name>&x;</name></client>'


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS, OUTSIDE, b'<!DOCTYPE client><client/>', b"", b"<client>", b"{}", b"<deal/>", b"\xff\xfe<client/>",
        b"<client><name>a</name><name>b</name></client>", b"<client>text<name>a</name></client>",
        b'<client id="5"><name>a</name></client>', b"<client>" + b"<a>" * 100 + b"</a>" * 100 + b"</client>",
        b"<client><tags><colour>red</colour></tags></client>", b'<?xml version="1.0" encoding="nonsense"?><client/>',
    ],
)  # fmt: skip
def test_what_is_not_plainly_ours_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedXml):
        from_xml(data, reference("ClientInput"), definitions())
