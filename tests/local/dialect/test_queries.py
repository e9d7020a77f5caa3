"""Facts of whole queries: what rows they give, and under which names."""

import pytest

from local.dialect.account import Account
from pipeline.local.errors import SnowflakeError


@pytest.fixture(scope="module")
def account() -> Account:
    made = Account(
        variables={"LIMIT_": "2", "WORD": "'hi'"}, bindings={"1": ("NUMBER(38,0)", 7), "NAME": ("VARCHAR", "b")}
    )
    made.create(
        "T",
        {"ID": "INT", "NAME": "VARCHAR", "AMOUNT": "NUMBER(10,2)", "DAY": "DATE", "V": "VARIANT"},
        """SELECT $1, $2, $3, $4, PARSE_JSON($5) FROM VALUES
        (1, 'a', 10.50, '2024-01-01', '{"x": 1, "y": "p", "z": [1, 2]}'),
        (2, 'b', 20.25, '2024-01-02', '{"x": 2, "y": "q", "z": []}'),
        (3, 'b', NULL, '2024-01-09', NULL)""",
    )
    made.create("U", {"ID": "INT", "COLOR": "VARCHAR"}, "SELECT * FROM VALUES (1, 'red'), (2, 'blue'), (2, 'green')")
    return made


FACTS = [
    ("select * exclude (v, day) from t order by id", "[(1, 'a', 10.50), (2, 'b', 20.25), (3, 'b', None)]"),
    ("select * exclude v rename (name as label) ilike '%' from u limit 0", "error"),
    ("select id from t order by amount", "[(1,), (2,), (3,)]"),
    ("select id from t order by amount desc", "[(3,), (2,), (1,)]"),
    ("select id from t order by amount desc nulls last limit 1", "[(2,)]"),
    ("select top 1 id from t order by 1 desc", "[(3,)]"),
    ("select id from t order by id limit 1 offset 1", "[(2,)]"),
    ("select id from t order by id fetch first 1 rows only", "[(1,)]"),
    ("select name, count(*) c, sum(amount) from t group by name order by c", "[('a', 1, 10.50), ('b', 2, 20.25)]"),
    ("select name, avg(amount) from t group by 1 order by 1", "[('a', 10.50000000), ('b', 20.25000000)]"),
    ("select upper(name) as n, count(*) from t group by n order by n", "[('A', 1), ('B', 2)]"),
    ("select name, count(*) from t group by all order by all", "[('a', 1), ('b', 2)]"),
    ("select id * 2 as d, d + 1 as e from t where d > 2 order by e", "[(4, 5), (6, 7)]"),
    ("select count(distinct name), count(amount), count(*) from t", "[(2, 2, 3)]"),
    ("select id from t qualify row_number() over (partition by name order by id desc) = 1 order by id", "[(1,), (3,)]"),
    ("select id, row_number() over (order by id) as rn from t qualify rn = 2", "[(2, 2)]"),
    ("select name from t group by name having count(*) > 1", "[('b',)]"),
    ("select t.id, color from t join u on t.id = u.id order by 1, 2", "[(1, 'red'), (2, 'blue'), (2, 'green')]"),
    (
        "select id, color from t left join u using (id) order by 1, 2",
        "[(1, 'red'), (2, 'blue'), (2, 'green'), (3, None)]",
    ),
    (
        "select * from u natural join (select id, name from t) order by 1, 2",
        "[(1, 'red', 'a'), (2, 'blue', 'b'), (2, 'green', 'b')]",
    ),
    ("select a.id from t a, t b where a.id = b.id + 1 order by 1", "[(2,), (3,)]"),
    ("select id from t a where exists (select 1 from u where u.id = a.id) order by 1", "[(1,), (2,)]"),
    ("select id from t where id not in (select id from u)", "[(3,)]"),
    ("select (select max(color) from u where u.id = t.id) from t order by id", "[('red',), ('green',), (None,)]"),
    ("with a as (select id i from t), b(j) as (select i + 1 from a) select max(j) from b", "[(4,)]"),
    ("with recursive r as (select 1 as n union all select n + 1 from r where n < 4) select max(n) from r", "[(4,)]"),
    ("with r as (select 1 as n union all select n + 1 from r where n < 3) select count(*) from r", "[(3,)]"),
    ("select 1 union select 1.5 order by 1", "[(1.0,), (1.5,)]"),
    ("select id from t union all select id from u order by id desc limit 2", "[(3,), (2,)]"),
    ("select id from t minus select id from u", "[(3,)]"),
    ("select id from t intersect select id from u order by 1", "[(1,), (2,)]"),
    ("select 'x' union all select null", "[('x',), (None,)]"),
    ("select v:x::int, v:y::string, v:z[0] from t order by id", "[(1, 'p', '1'), (2, 'q', None), (None, None, None)]"),
    ("select id from t order by v:x desc nulls last", "[(2,), (1,), (3,)]"),
    ("select v:y, count(*) from t group by v:y order by 1", "[('\"p\"', 1), ('\"q\"', 1), (None, 1)]"),
    (
        "select f.index, f.value::int, f.path from t, lateral flatten(input => v:z) f order by 1",
        "[(0, 1, '[0]'), (1, 2, '[1]')]",
    ),
    (
        "select id, f.value from t, lateral flatten(v:z, outer => true) f order by 1, 2",
        "[(1, '1'), (1, '2'), (2, None), (3, None)]",
    ),
    (
        "select key, value::string from t, table(flatten(t.v)) where id = 2 order by 1",
        "[('x', '2'), ('y', 'q'), ('z', '[]')]",
    ),
    ("select value from table(flatten(parse_json('[5]')))", "[('5',)]"),
    ("select seq, index from t, lateral flatten(input => v:z) order by 1, 2", "[(1, 0), (1, 1)]"),
    ("select * from table(flatten(parse_json('{\"a\": 1}')))", "[(1, 'a', 'a', None, '1', '{\"a\": 1}')]"),
    (
        "select g.value::int from table(flatten(parse_json('[[1], [2]]'))) f, lateral flatten(f.value) g order by 1",
        "[(1,), (2,)]",
    ),
    ("select index, value from table(split_to_table('a.b', '.')) order by 1", "[(1, 'a'), (2, 'b')]"),
    (
        "select t.id, s.value from t, lateral split_to_table(t.name || ',z', ',') s where id = 1 order by 2",
        "[(1, 'a'), (1, 'z')]",
    ),
    (
        "select path, key, index, value, this "
        'from table(flatten(parse_json(\'{"a": [1, {"b c": 2}]}\'), recursive => true)) order by path',
        """[('a', 'a', None, '[1,{"b c":2}]', '{"a":[1,{"b c":2}]}'), ('a[0]', None, 0, '1', '[1,{"b c":2}]'), """
        """('a[1]', None, 1, '{"b c":2}', '[1,{"b c":2}]'), ("a[1]['b c']", 'b c', None, '2', '{"b c":2}')]""",
    ),
    (
        "select f.path from t, lateral flatten(v, recursive => true) f where id = 1 order by 1",
        "[('x',), ('y',), ('z',), ('z[0]',), ('z[1]',)]",
    ),
    ("select count(distinct id, name) from t", "[(3,)]"),
    ('select t.id from t where exists (select 1 from t "t" where "t".id = t.id + 2)', "[(1,)]"),
    ("select seq4() from table(generator(rowcount => 3))", "[(0,), (1,), (2,)]"),
    ("select count(*) from table(generator(rowcount => 5))", "[(5,)]"),
    ("select * from values (1, 'a'), (2, null)", "[(1, 'a'), (2, None)]"),
    ("select column1 + 1 from values (1)", "[(2,)]"),
    ("select x from (values (1), (2.5)) as w(x) order by x", "[(1.0,), (2.5,)]"),
    ("select listagg(name, ',') within group (order by id desc) from t", "[('b,b,a',)]"),
    ("select listagg(distinct name) from t where id > 99", "[('',)]"),
    ("select array_agg(name) within group (order by id) from t", '[(\'["a","b","b"]\',)]'),
    ("select array_size(array_agg(distinct amount)) from t", "[(2,)]"),
    ("select object_agg(color, id) from u", '[(\'{"blue":2,"green":2,"red":1}\',)]'),
    ("select object_construct(*) from u where color = 'red'", '[(\'{"COLOR":"red","ID":1}\',)]'),
    ("select max_by(name, amount), min_by(id, day) from t", "[('b', 1)]"),
    ("select median(id), median(amount) from t", "[(2.000, 15.37500)]"),
    ("select percentile_cont(0.5) within group (order by id) from t", "[(2.000,)]"),
    ("select count_if(amount > 15), boolor_agg(amount > 15), any_value(1) from t", "[(1, True, 1)]"),
    ("select sum(amount) over (order by id) from t order by id", "[(10.50,), (30.75,), (30.75,)]"),
    ("select first_value(id) over (order by id), last_value(id) over (order by id) from t", "[(1, 3), (1, 3), (1, 3)]"),
    ("select lag(amount) ignore nulls over (order by id desc) from t order by id", "[(20.25,), (None,), (None,)]"),
    ("select lead(id, 1, 0) over (order by id) from t order by id", "[(2,), (3,), (0,)]"),
    ("select ntile(2) over (order by id) from t order by 1", "[(1,), (1,), (2,)]"),
    ("select ratio_to_report(id) over () from t order by 1", "[(0.166667,), (0.333333,), (0.500000,)]"),
    ("select avg(id) over (partition by name) from t order by id", "[(1.000000,), (2.500000,), (2.500000,)]"),
    ("select name, sum(id) from t group by rollup(name) order by 1", "[('a', 1), ('b', 5), (None, 6)]"),
    ("select name, sum(id) from t group by grouping sets ((name), ()) order by 2", "[('a', 1), ('b', 5), (None, 6)]"),
    ("select $word, $limit_ + 1", "[('hi', 3)]"),
    ("select ?, id from t where name = :name and id > 2", "[(7, 3)]"),
    ("select metadata$filename, $1:a::int, t.$1:b from @st/x t", "[('@st/x', 1, '\"x\"')]"),
    ("select * from @st", '[(\'{"a": 1, "b": "x"}\',)]'),
    ("select * from t at(offset => -60)", "[(1,)]"),
    (
        "select f from table(information_schema.task_history(result_limit => 10))",
        "[('INFORMATION_SCHEMA.TASK_HISTORY',)]",
    ),
    ("select color from identifier('u') where id = 1", "[('red',)]"),
    ("select system$stream_has_data('s')", "[(True,)]"),
    ("select distinct name from t order by name", "[('a',), ('b',)]"),
    ("select id from (select id, id from t) q(id, other) order by 1 limit 1", "[(1,)]"),
    ('select "a", "A" from (select 1 as "a", 2 as "A")', "[(1, 2)]"),
    ("select datediff(day, min(day), max(day)) from t", "[(8,)]"),
    (
        "select date_trunc('week', day) w, count(*) from t group by w order by w",
        "[('2024-01-01', 2), ('2024-01-08', 1)]",
    ),
    ("select id from t where v:x = 2 or v:y = 'p' order by 1", "[(1,), (2,)]"),
    ("select sum(v:x) from t", "[(3.0,)]"),
    ("select case when v:x > 1 then 'big' else 'small' end from t where id < 3 order by id", "[('small',), ('big',)]"),
    ("select id from t where name like any ('a%', 'z%')", "[(1,)]"),
    (
        "select t.* from t join u on t.id = u.id and u.color = 'red' where t.v:x::int = 1",
        '[(1, \'a\', 10.50, \'2024-01-01\', \'{"x": 1, "y": "p", "z": [1, 2]}\')]',
    ),
    ("(select 1) union all (select 2) order by 1", "[(1,), (2,)]"),
    ("select 1 as a from t where a = 1 limit 1", "[(1,)]"),
    ("select (select count(*) from u) - count(*) from t", "[(0,)]"),
]


@pytest.mark.parametrize(("sql", "expected"), FACTS, ids=[each[0][:70] for each in FACTS])
def test_rows(account: Account, sql: str, expected: str) -> None:
    if expected == "error":
        with pytest.raises(SnowflakeError):
            account.rows(sql)
        return
    assert _shown(account.rows(sql)) == expected


def _shown(rows: list[tuple[object, ...]]) -> str:
    """Rows as Python writes them, numbers with their scale, dates as texts."""
    lines = []
    for row in rows:
        values = [_value(value) for value in row]
        lines.append(f"({values[0]},)" if len(values) == 1 else f"({', '.join(values)})")
    return f"[{', '.join(lines)}]"


def _value(value: object) -> str:
    if value is None or isinstance(value, (bool, str)):
        return repr(value)
    return str(value) if isinstance(value, (int, float)) or hasattr(value, "as_tuple") else repr(str(value))


def test_names_of_columns_are_the_text_in_upper_case(account: Account) -> None:
    translated = account.translate("select count( * ), 1, 'a', max(id)+1, max(v:x.y::int), max(t.id) as other from t")
    assert [column.name for column in translated.columns] == [
        "COUNT( * )",
        "1",
        "'A'",
        "MAX(ID)+1",
        "MAX(V:X.Y::INT)",
        "OTHER",
    ]


def test_a_path_takes_the_text_as_its_name(account: Account) -> None:
    assert [column.name for column in account.translate("select v:x.y, id, t.name from t").columns] == [
        "V:X.Y",
        "ID",
        "NAME",
    ]


def test_repeated_names_stay(account: Account) -> None:
    assert [column.name for column in account.translate("select id, id from t").columns] == ["ID", "ID"]


def test_paths_of_a_column_are_gathered(account: Account) -> None:
    sql = account.translate("select v:a::string, v:b::string, v:c::string from t where v:a::string = 'x'").sql
    assert sql.count("json_extract_string(") == 1
    assert "['$.\"a\"', '$.\"b\"', '$.\"c\"']" in sql


ERRORS = [
    ("select (1", 1003, "unexpected '<EOF>'"),
    ("select a from t where", 1003, "unexpected"),
    ("select 1 a b", 1003, "unexpected 'b'"),
    ("select distinct to_timestamp_tz(id) from t", 391900, "DISTINCT of TIMESTAMP_TZ"),
    ("select max(v) from t", 391900, "MAX of VARIANT"),
    ("select nope from t", 904, "invalid identifier 'NOPE'"),
    ("select id from t join u on t.id = u.id", 2028, "ambiguous column name 'ID'"),
    ("select frobnicate(1)", 2140, "Unknown function FROBNICATE."),
    ("select list_sort([1])", 2140, "Unknown function LIST_SORT."),
    ("select hash(1)", 391900, "HASH"),
    ("select iff(1)", 938, "not enough arguments"),
    ("select 1/0", 100051, "Division by zero"),
    ("select 'abc'::int", 100038, "Numeric value 'abc' is not recognized"),
    ("select 'abc'::varchar(2)", 100078, "String 'abc' is too long and would be truncated"),
    ("select parse_json('{a')", 100069, "Error parsing JSON"),
    ("select parse_json('\"x\"')::int", 100071, 'Failed to cast variant value "x" to FIXED'),
    ("select 'x'::timestamp", 100035, "Timestamp 'x' is not recognized"),
    ("select * from missing", 2003, "Object 'MISSING' does not exist"),
    ("select * from t sample (10)", 391900, "SAMPLE"),
    ("select * from t pivot(sum(id) for name in ('a'))", 391900, "PIVOT"),
    ("select * from t asof join u match_condition(t.id >= u.id)", 391900, "ASOF"),
    ("select 1 union select 1, 2", 1789, "invalid number of result columns"),
    ("select dateadd(fortnight, 1, current_date)", 1007, "FORTNIGHT"),
    ("select random()", 391900, "RANDOM"),
    ("select row_number()", 2303, "OVER"),
]


@pytest.mark.parametrize(("sql", "errno", "message"), ERRORS, ids=[each[0] for each in ERRORS])
def test_errors(account: Account, sql: str, errno: int, message: str) -> None:
    with pytest.raises(SnowflakeError) as caught:
        account.rows(sql)
    assert caught.value.errno == errno
    assert message in caught.value.message
