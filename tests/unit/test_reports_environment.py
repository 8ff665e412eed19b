"""How templates are read, and what pages make of the heads of their tables."""

import pytest
from jinja2 import UndefinedError

from reports.environment import environment
from reports.markup import labelled, without_blank_lines


def printed(template: str, **context: object) -> str:
    return environment().from_string(template).render(context)


def test_a_field_of_a_row_comes_before_an_attribute_of_it() -> None:
    # A dict has methods `items` and `values`; a row that has such fields means these.
    assert printed(
        "{{ row.items }} {{ row.values }} {{ word.upper() }}", row={"items": 3, "values": None}, word="a"
    ) == ("3 None A")


def test_a_field_that_a_row_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="lacking"):
        printed("{{ row.lacking }}", row={"there": 1})


def test_needless_tags_are_left_out_of_templates_and_never_of_data() -> None:
    template = '<tr><th scope="row" class="r">{{ a }}</th><td class="quiet">{{ b }}</td></tr>'
    assert printed(template, a="</td>", b=' class="r"') == (
        "<tr><th class=r>&lt;/td&gt;<td class=quiet> class=&#34;r&#34;"
    )


def test_a_line_that_ends_with_a_needless_tag_still_ends() -> None:
    # Without its end tag a statement would be the last of its line, and Jinja would take the line's end with it.
    assert printed("<td>{% if true %}a{% endif %}</td>\n<td>b</td>") == "<td>a\n<td>b"


def test_the_list_of_editions_keeps_its_tags() -> None:
    assert environment(shortened=False).from_string("<li>{{ a }}</li>").render(a=1) == "<li>1</li>"


def test_tables_carry_the_words_of_their_heads_but_the_first() -> None:
    table = (
        "<table class=x><caption>c</caption>\n<thead><tr><th>Body\n<th class=r>It&#39;s <small>in %</small>\n</thead>\n"
    )
    assert labelled(f"<p>{table}<tbody><tr><th>a<td>1</table>") == (
        "<p><table class=x style=\"--2:'It’s '\"><caption>c</caption>\n"
        "<thead><tr><th>Body\n<th class=r>It&#39;s <small>in %</small>\n</thead>\n<tbody><tr><th>a<td>1</table>"
    )


def test_empty_lines_are_left_out() -> None:
    assert without_blank_lines("a\n\n\nb\nc") == "a\nb\nc"
