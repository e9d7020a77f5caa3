from pathlib import Path

import pytest

from pipeline.errors import SyntaxProblem, UsageError
from pipeline.project.folder import read_project
from pipeline.project.params import Param, ParamType
from pipeline.project.queries import Query, bind, find_query, project_queries, read_queries
from pipeline.project.render import ProjectRenderer
from pipeline.project.rendered import Rendered
from project.folders_of_projects import CONFIG, project, render

REVENUE = """\
-- A comment of the file.

-- name: daily-revenue
-- title: Revenue per day
-- description: What came in: all of it.
-- section: Revenue
-- param: days int = 30
-- param: currency str = 'EUR'
SELECT day, content:days::INT, ':days', "a:days" -- :days
FROM t /* :days */
WHERE day > DATEADD('day', -:days, x) AND c = :currency AND $$:days$$ <> f(x):days;

SELECT 1;
-- name: top
SELECT 2
"""


def read(text: str) -> tuple[Query, ...]:
    return read_queries(Rendered(text, Path("q.sql")))


def one(text: str) -> Query:
    (query,) = read("-- name: q\n" + text)
    return query


def problem(text: str) -> tuple[str, str, str | None]:
    with pytest.raises(SyntaxProblem) as caught:
        read(text)
    return caught.value.message, str(caught.value.at), caught.value.hint


def test_markers_describe_a_statement() -> None:
    revenue, top = read(REVENUE)

    assert (revenue.name, revenue.title, revenue.section) == ("daily-revenue", "Revenue per day", "Revenue")
    assert revenue.description == "What came in: all of it."
    assert revenue.params == (Param("days", ParamType.INT, "30"), Param("currency", ParamType.STR, "EUR"))
    assert (str(revenue.at), revenue.line) == ("q.sql:3", 9)
    assert (top.name, top.title, top.description, top.section, top.params) == ("top", "top", "", "", ())
    assert top.sql == "SELECT 2"


def test_only_parameters_are_bound() -> None:
    assert bind(read(REVENUE)[0], {"days": "7"}) == (
        "SELECT day, content:days::INT, ':days', \"a:days\" -- :days\n"
        "FROM t /* :days */\n"
        "WHERE day > DATEADD('day', -7, x) AND c = 'EUR' AND $$:days$$ <> f(x):days"
    )


def test_binding_keeps_the_lines() -> None:
    query = one("-- param: text str\nSELECT :text,\n  1")

    assert bind(query, {"text": "a\nb"}) == "SELECT 'a\\nb',\n  1"
    assert query.location(2).line == 4


def test_lines_of_a_query_lead_to_its_template(tmp_path: Path) -> None:
    rendered = render(tmp_path, "{% set n = 1 %}{#\n#}-- name: q\nSELECT\n  {{ days }}\n")
    (query,) = read_queries(rendered)

    assert (query.at.line, query.location(1).line, query.location(2).line) == (2, 3, 4)


def test_a_parameter_without_a_default_must_be_given() -> None:
    query = one("-- param: id str\nSELECT :id")

    with pytest.raises(UsageError, match="query 'q' needs the parameter 'id'") as caught:
        bind(query, {})
    assert caught.value.hint == "--param id=… (str)"
    assert bind(query, {"id": "x"}) == "SELECT 'x'"


def test_unknown_names_and_wrong_values_are_refused() -> None:
    queries = read(REVENUE)

    with pytest.raises(UsageError, match="there is no query 'daily-revenu'") as caught:
        find_query(queries, "daily-revenu")
    assert caught.value.hint == "did you mean 'daily-revenue'?"
    with pytest.raises(UsageError, match="query 'daily-revenue' has no parameter 'dayz'") as caught:
        bind(find_query(queries, "daily-revenue"), {"dayz": "1"})
    assert caught.value.hint == "did you mean 'days'?"
    with pytest.raises(UsageError, match="parameter 'days' must be a whole number, not 'many'"):
        bind(find_query(queries, "daily-revenue"), {"days": "many"})


@pytest.mark.parametrize(
    ("text", "message", "line", "hint"),
    [
        ("-- name: q\n-- parm: days int\nSELECT :days", "unknown marker '-- parm:'", 2, "did you mean '-- param:'?"),
        ("-- title: t\nSELECT 1", "'-- title:' without '-- name:'", 1, "name the query first"),
        ("-- name: a\n-- name: b\nSELECT 1", "a second '-- name:' above one statement", 2, None),
        ("SELECT 1;\n-- name: q\n", "no statement follows '-- name:'", 2, None),
        ("-- name: a\nSELECT 1\n\n-- name: b\nSELECT 2", "'-- name:' stands inside of a statement", 4,
         "a ';' is missing before it"),
        ("-- name: a b\nSELECT 1", "a query's name must be letters, digits, - and _", 1, "such as 'daily-revenue'"),
        ("-- name: q\n-- param: days\nSELECT 1", "a parameter is written NAME TYPE, or NAME TYPE = DEFAULT", 2,
         "such as '-- param: days int = 30'"),
        ("-- name: q\n-- param: days itn\nSELECT 1", "unknown type 'itn' of a parameter", 2, "did you mean 'int'?"),
        ("-- name: q\n-- param: days int = x\nSELECT 1", "the default of 'days' must be a whole number", 2, None),
        ("-- name: q\n-- param: d int\n-- param: d int\nSELECT :d", "a second parameter is named 'd'", 3, None),
        ("-- name: q\n-- param: days int\nSELECT 1,\n :dys", "unknown parameter ':dys'", 4, "did you mean 'days'?"),
        ("-- name: q\nSELECT\n :days", "unknown parameter ':days'", 3, "declare it: -- param: days int"),
        ("-- name: q\n-- param: days int\nSELECT 1", "the statement does not use the parameter 'days'", 1, None),
        ("SELECT 1;\nSELECT 'a", "This string is never closed.", 2, None),
    ],
)  # fmt: skip
def test_a_faulty_definition_is_named_with_its_line(text: str, message: str, line: int, hint: str | None) -> None:
    found = problem(text)

    assert found[:2] == (message, f"q.sql:{line}")
    assert hint is None or found[2] == hint


def test_other_comments_are_only_comments() -> None:
    assert read("-- note: x\n-- see: https://example.org\nSELECT 1") == ()
    assert one("-- note: not a marker\nSELECT 1").name == "q"


def test_the_queries_of_all_queries_steps_are_read(tmp_path: Path) -> None:
    config = CONFIG + "  - name: queries\n    kind: queries\n    scripts: [sql/b.sql, sql/c.sql]\n"
    files = {"config.yaml": config, "sql/a.sql": "-- name: not-a-query\nSELECT 1", "sql/b.sql": "-- name: b\nSELECT 1"}
    shop = project(tmp_path, {**files, "sql/c.sql": "-- name: c\nSELECT {{ days }}"})

    assert [query.name for query in project_queries(shop, ProjectRenderer(shop))] == ["b", "c"]

    shop = project(tmp_path, {**files, "sql/c.sql": "-- name: b\nSELECT 1"})
    with pytest.raises(SyntaxProblem, match=r"a second query is named 'b'; first in .*b\.sql:1"):
        project_queries(shop, ProjectRenderer(shop))


def test_the_repository_s_own_queries_bind_with_their_defaults() -> None:
    own = read_project(Path(__file__).parents[2], None, {}, {})
    queries = project_queries(own, ProjectRenderer(own))

    assert "daily-revenue" in [query.name for query in queries]
    for query in queries:
        assert bind(query, {}).startswith(("SELECT", "WITH"))
        assert query.description
