from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import RenderError
from pipeline.project.render import LoadTarget, ProjectRenderer
from pipeline.project.rendered import Rendered
from pipeline.project.templates import ident, literal
from project.folders_of_projects import CONFIG, project, render


def places(root: Path, rendered: Rendered) -> list[str]:
    """`file:line` of each rendered line, the file without its ending."""
    count = rendered.text.count("\n") + 1
    found = [rendered.location(line) for line in range(1, count + 1)]
    return [f"{at.path.relative_to(root / 'sql').with_suffix('').as_posix()}:{at.line}" for at in found]


def problem(root: Path, script: str, **files: str) -> tuple[str, str, str | None, str | None]:
    with pytest.raises(RenderError) as caught:
        render(root, script, **files)
    at = caught.value.at
    assert at is not None
    place = f"{at.path.relative_to(root / 'sql').as_posix()}:{at.line}"
    return caught.value.message, place, at.source, caught.value.hint


def test_a_text_without_markers_is_kept_byte_for_byte_with_its_columns(tmp_path: Path) -> None:
    rendered = render(tmp_path, "SELECT '%}';\n\n  SELECT 2")

    assert rendered.text == "SELECT '%}';\n\n  SELECT 2"
    at = rendered.location(3, 5)
    assert (at.line, at.column, at.source) == (3, 5, "  SELECT 2")


def test_variables_environment_and_project_are_seen(tmp_path: Path) -> None:
    assert render(tmp_path, "{{ database }} {{ days }} {{ env }} {{ project }}\n").text == "SHOP 30 local shop\n"


def test_lines_of_loops_includes_macros_and_blocks_lead_to_their_templates(tmp_path: Path) -> None:
    script = (
        "{% from 'm.sql' import two %}\n"  # 1
        "a\n"
        "{%- for x in [1, 2] %}\n"  # 3
        "  b{{ x }}\n"
        "{%- endfor %}\n"  # 5
        "{{ two('x') }}\n"
        "{% include 'i.sql' %}\n"  # 7
        "{% set text %}c\nd{% endset -%}\n"
        "{{ text }}\n"  # 9, or 10 in the file: the set spans two lines
        "{{ two('y') | indent(4) }} e\n"
        "{{ two('z') | upper }}"
    )
    rendered = render(
        tmp_path, script, m="{% macro two(x) -%}\n\nm {{ x }}\nn\n{%- endmacro %}", i="i\n{{ two('i') }}\nj"
        .replace("{{ two('i') }}", "{{ days }}"),
    )  # fmt: skip

    assert list(zip(rendered.text.split("\n"), places(tmp_path, rendered), strict=True)) == [
        ("", "a:1"),
        ("a", "a:2"),
        ("  b1", "a:4"),
        ("  b2", "a:4"),
        ("m x", "macros/m:3"),
        ("n", "macros/m:4"),
        ("i", "macros/i:1"),
        ("30", "macros/i:2"),
        ("j", "macros/i:3"),
        ("c", "a:8"),
        ("d", "a:9"),
        ("m y", "macros/m:3"),
        ("    n e", "macros/m:4"),
        ("M Z", "a:12"),
        ("N", "a:12"),
    ]


def test_lines_of_inherited_blocks_calls_and_recursive_loops_lead_to_their_templates(tmp_path: Path) -> None:
    base = "b1\n{% block x %}b2\n{% endblock %}b3\n{% macro w() %}<\n{{ caller() }}>{% endmacro %}"
    script = (
        "{% extends 'base.sql' %}{% from 'base.sql' import w %}\n"
        "{% block x %}a2\n"
        "{{ super() -}}\n"
        "{% for i in [1, [2]] recursive %}{{ '' if i is iterable else i }}\n"
        "{{ loop(i) if i is iterable }}{% endfor %}{% call w() %}a5\n"
        "a6{% endcall %}\n"
        "{% endblock %}"
    )
    rendered = render(tmp_path, script, base=base)

    assert [line for line in zip(rendered.text.split("\n"), places(tmp_path, rendered), strict=True) if line[0]] == [
        ("b1", "macros/base:1"),
        ("a2", "a:2"),
        ("b2", "macros/base:2"),
        ("1", "a:4"),
        ("2", "a:4"),
        ("<", "macros/base:4"),
        ("a5", "a:5"),
        ("a6>", "a:6"),
        ("b3", "macros/base:3"),
    ]


def test_a_value_of_many_lines_stays_on_the_line_of_its_expression(tmp_path: Path) -> None:
    rendered = render(tmp_path, "{{ 'a\\nb\\n' }}\nc")

    assert rendered.text == "a\nb\n\nc"
    assert places(tmp_path, rendered) == ["a:1", "a:1", "a:1", "a:2"]


def test_trim_keeps_the_lines(tmp_path: Path) -> None:
    rendered = render(tmp_path, "{% set t %}\n\n a\nb\n{% endset %}{{ t | trim }}\nc")

    assert rendered.text == "a\nb\nc"
    assert places(tmp_path, rendered) == ["a:3", "a:4", "a:6"]


def test_a_traced_text_behaves_as_its_text(tmp_path: Path) -> None:
    script = "{% macro m() %}ab{% endmacro %}{{ m() | length }}{{ m() == 'ab' }}{{ m() ~ 'c' }}{{ {'ab': 1}[m()] }}"

    assert render(tmp_path, script).text == "2Trueabc1"


def test_the_source_of_a_line_is_the_template_s_not_what_it_rendered_to(tmp_path: Path) -> None:
    assert render(tmp_path, "a\nUSE {{ database }};\n").location(2).source == "USE {{ database }};"


@pytest.mark.parametrize(
    ("script", "message", "place", "hint"),
    [
        ("a\n{{ databse }}", "'databse' is undefined", "a.sql:2", "did you mean 'database'?"),
        ("a\n{% if databse %}b{% endif %}", "'databse' is undefined", "a.sql:2", "did you mean 'database'?"),
        ("{% for x in\n y %}{% endfor %}", "'y' is undefined", "a.sql:1",
         "valid variables are database, days, env, project"),
        ("a\n{{ database | idnt }}", "No filter named 'idnt'.", "a.sql:2", "did you mean 'ident'?"),
        ("a\n\n{% if %}", "Expected an expression, got 'end of statement block'", "a.sql:3", None),
        ("a\n{{ 1 + 'x' }}", "unsupported operand type(s) for +: 'int' and 'str'", "a.sql:2", None),
        ("a\n{{ 1 // 0 }}", "integer division or modulo by zero", "a.sql:2", None),
        ("a\n{{ none }}", "the expression gives none, which is no SQL text", "a.sql:2", None),
        ("a\n{{ [1] }}", "the expression gives a list, which is no SQL text", "a.sql:2", None),
        ("a\n{{ ''.__class__.__mro__ }}",
         "access to attribute '__class__' of 'str' object is unsafe.", "a.sql:2", None),
        ("a\n{% include 'x.sql' %}", "there is no template 'x.sql' in sql/macros", "a.sql:2", "did you mean 'm.sql'?"),
        ("a\n{% include '../a.sql' %}", "there is no template '../a.sql' in sql/macros", "a.sql:2",
         "did you mean 'm.sql'?"),
        ("a\n{% from 'm.sql' import f %}\n{{ f() }}", "'nowhere' is undefined", "macros/m.sql:2",
         "valid variables are database, days, env, project"),
        ("a\n{% include 'b.sql' %}", "unexpected '}'", "macros/b.sql:2", None),
        ("{{ '' | ident }}", "an identifier cannot be empty", "a.sql:1", None),
        ("{{ [1] | ident }}", "ident wants text, not list", "a.sql:1", None),
    ],
)  # fmt: skip
def test_an_error_names_the_template_s_line(
    tmp_path: Path, script: str, message: str, place: str, hint: str | None
) -> None:
    macros = {"m": "{% macro f() %}\n{{ nowhere }}{% endmacro %}", "b": "\n{{ } }}"}
    found = problem(tmp_path, script, **macros)

    assert (found[0], found[1]) == (message, place)
    assert hint is None or found[3] == hint
    assert found[2] is not None


def test_a_variable_without_a_value_says_how_to_give_one(tmp_path: Path) -> None:
    config = CONFIG.replace("days: 30", "days: null")
    shop = project(tmp_path, {"config.yaml": config, "sql/a.sql": "{{ days }}"})

    with pytest.raises(RenderError) as caught:
        ProjectRenderer(shop).script(shop.scripts[0])

    assert caught.value.hint == "'days' has no value in 'vars': give it one for the environment, or --var days=…"


def test_a_condition_without_else_gives_nothing(tmp_path: Path) -> None:
    script = "{% for x in ['a', 'b'] %}{{ x }}{{ ', ' if not loop.last }}{% endfor %}"

    assert render(tmp_path, script).text == "a, b"


def test_macros_that_are_imported_see_the_variables(tmp_path: Path) -> None:
    script = "{% import 'm.sql' as m %}{{ m.f() }}"

    assert render(tmp_path, script, m="{% macro f() %}{{ database }}.{{ env }}{% endmacro %}").text == "SHOP.local"


def test_variables_cannot_be_changed_by_a_template(tmp_path: Path) -> None:
    config = CONFIG.replace("days: 30", "days: [1]")
    shop = project(tmp_path, {"config.yaml": config, "sql/a.sql": "{{ days.append(2) }}"})

    with pytest.raises(RenderError, match="access to attribute 'append' of 'list' object is unsafe"):
        ProjectRenderer(shop).script(shop.scripts[0])


@pytest.mark.parametrize(
    ("value", "text"),
    [("orders", "orders"), ("Orders_1$", "Orders_1$"), ("order", '"ORDER"'), ("my table", '"my table"'),
     ('a"b', '"a""b"'), ("1st", '"1st"'), ("é", '"é"'), ("a; DROP TABLE t", '"a; DROP TABLE t"')],
)  # fmt: skip
def test_ident_quotes_what_needs_it(value: str, text: str) -> None:
    assert ident(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "'a'"), ("it's", "'it''s'"), ("a\\b", "'a\\\\b'"), (3, "3"), (Decimal("1.10"), "1.10"), (True, "TRUE"),
     (None, "NULL"), (["a", 1], "'a', 1")],
)  # fmt: skip
def test_literal_quotes_text_and_leaves_numbers(value: object, text: str) -> None:
    assert literal(value) == text


def test_the_load_target_and_its_copy_are_templates(tmp_path: Path) -> None:
    load = 'load:\n  stage: "{{ database }}.S"\n  table: T\n  copy: sql/copy.sql\n'
    copy = "COPY INTO {{ table }} FROM @{{ stage }} FILES = ({{ files }}) ON_ERROR = {{ on_error }}"
    renderer = ProjectRenderer(project(tmp_path, {"config.yaml": CONFIG + load, "sql/copy.sql": copy}))
    rendered = renderer.copy_statement(("a.gz", "it's.gz"), "CONTINUE")

    assert renderer.load_target() == LoadTarget("SHOP.S", "T", None)
    assert rendered is not None
    assert rendered.text == "COPY INTO T FROM @SHOP.S FILES = ('a.gz', 'it''s.gz') ON_ERROR = CONTINUE"


def test_a_fault_in_the_load_target_is_shown_in_the_configuration(tmp_path: Path) -> None:
    load = 'load:\n  stage: "{{ databse }}.S"\n  table: T\n  copy: sql/a.sql\n'
    renderer = ProjectRenderer(project(tmp_path, {"config.yaml": CONFIG + load}))

    with pytest.raises(RenderError, match="'databse' is undefined") as caught:
        renderer.load_target()

    assert str(caught.value.at).endswith("config.yaml:9:3")


def test_a_project_without_load_has_no_target(tmp_path: Path) -> None:
    renderer = ProjectRenderer(project(tmp_path, {}))

    assert renderer.load_target() is None
    assert renderer.copy_statement(("a",), "CONTINUE") is None
