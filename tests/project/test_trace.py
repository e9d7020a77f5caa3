"""The law of the origins: a line that carries its own place in its text is led back to that place."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from pipeline.project.rendered import Origin
from pipeline.project.templates import compile_template
from pipeline.project.trace import Traced, TracingEnvironment, concat, line_origins

_FRAMES = (
    ("{% for i in [1, 2] %}", "{% endfor %}"),
    ("{%- for i in [1, 2] -%}", "{%- endfor -%}"),
    ("{% if true %}", "{% else %}never{% endif %}"),
    ("{% set t %}", "{% endset %}{{ t }}"),
    ("{%- macro m() -%}", "{%- endmacro -%}\n{{ m() }}"),
    ("{% macro m() %}", "{% endmacro %}\n{{ m() | indent(2, first=true) }}"),
    ("{% set t %}", "{% endset %}{{ t | trim }}"),
    ("{# a comment\nof two lines #}", "{{ 'value' }}"),
)

_line = st.sampled_from(
    [
        "LINE\n",
        "LINE\n",
        "  LINE\n",
        "\n",
        "LINE {{ 'x' }}\n",
        "LINE {#- c -#}\n",
        "{% raw %}LINE\n{{ LINE{% endraw %}\n",
    ]
)
_template = st.recursive(
    st.lists(_line, max_size=4).map("".join),
    lambda inner: st.lists(
        st.tuples(st.sampled_from(_FRAMES), inner, st.sampled_from(["", "\n"])).map(
            lambda drawn: drawn[0][0] + drawn[2] + drawn[1] + drawn[0][1] + drawn[2]
        ),
        max_size=3,
    ).map("".join),
    max_leaves=8,
)


def _numbered(text: str) -> str:
    """Each LINE tells which line of the template it is."""
    lines = text.split("\n")
    return "\n".join(line.replace("LINE", f"@{number}@") for number, line in enumerate(lines, 1))


def _plain(source: str) -> str:
    return Environment(keep_trailing_newline=True).from_string(source).render()


@given(_template)
def test_every_line_leads_to_where_it_was_written(template: str) -> None:
    source = _numbered(template)
    environment = TracingEnvironment(keep_trailing_newline=True)
    rendered = compile_template(environment, source, Path("t"), {}).render()

    assert isinstance(rendered, Traced)
    assert str(rendered) == _plain(source)
    origins = line_origins(rendered, Origin("t", 1))
    for line, origin in zip(rendered.split("\n"), origins, strict=True):
        text = line.lstrip()
        if text.startswith("@"):
            assert origin == Origin("t", int(text.split("@")[1]))
        assert 1 <= origin.line <= source.count("\n") + 1


def test_what_trim_cuts_off_at_the_end_leaves_no_origin() -> None:
    environment = TracingEnvironment(keep_trailing_newline=True)
    template = "{% set t %}one\n\n\n{% if true %}\n{% endif %}{% endset %}{{ t | trim }}\nsix\n"
    rendered = compile_template(environment, template, Path("t"), {}).render()

    assert isinstance(rendered, Traced)
    assert str(rendered) == "one\nsix\n"
    assert [origin.line for origin in line_origins(rendered, Origin("t", 1))][:2] == [1, 6]


@given(st.lists(st.text("ab\n", max_size=5), max_size=5))
def test_joining_keeps_text_and_order(texts: list[str]) -> None:
    environment = TracingEnvironment()
    joined = concat(environment.trace_text(text, "t", number) for number, text in enumerate(texts))

    assert str(joined) == "".join(texts)
    assert [part.origin.line for part in joined.parts] == [number for number, text in enumerate(texts) if text]
