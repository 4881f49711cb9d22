from __future__ import annotations

import pytest

from mlgitops.page.element import Html, element, joined, link


def test_text_opens_no_element_and_ends_no_attribute() -> None:
    made = element("p", "<b>&", title="\"'><i>")
    assert made == '<p title="&quot;&#x27;&gt;&lt;i&gt;">&lt;b&gt;&amp;</p>'


def test_markup_stays_and_lists_are_joined() -> None:
    assert element("ul", [element("li", 1), None], Html("<hr>")) == "<ul><li>1</li><hr></ul>"
    assert joined(["a", element("br"), "<"], ", ") == "a, <br>, &lt;"


def test_attributes_without_a_value_are_left_out_or_bare() -> None:
    made = element("input", class_="x", aria_label="y", hidden=True, checked=False, id=None, width=0)
    assert made == '<input class="x" aria-label="y" hidden width="0">'


def test_what_hides_or_turns_text_is_shown_escaped() -> None:
    assert element("p", "a\u202eb\x00\x1b[2Jc") == "<p>a\\u202eb\\u0000c</p>"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil", "http://[", "https://a\u202e.example", ""]
)
def test_only_web_addresses_become_links(address: str) -> None:
    assert "<a" not in link(address, "there")


def test_a_web_address_is_a_link_that_tells_nobody_where_from() -> None:
    assert link("https://a.example/?a=1&b=2") == (
        '<a href="https://a.example/?a=1&amp;b=2" rel="noopener noreferrer">https://a.example/?a=1&amp;b=2</a>'
    )
