"""What statements do to which objects."""

import json
import sys

import pytest

from pipeline.sql.effects import Effects, StatementKind, Target, text_effects
from pipeline.sql.effects.statements import RULES
from pipeline.sql.grammar.model import ObjectKind, Statement
from pipeline.sql.names import QualifiedName

FIELDS = ("creates", "replaces", "alters", "drops", "reads", "writes", "runs_reads", "runs_writes")


def told(effects: Effects) -> dict[str, list[str]]:
    """Effects as text: "TABLE D.S.T", or "D.S.T" for a relation of unknown kind."""
    found = {
        field: sorted(f"{target.kind.value if target.kind else ''} {target.name}".strip() for target in targets)
        for field in FIELDS
        if (targets := getattr(effects, field))
    }
    flags: dict[str, list[str]] = {flag: [] for flag in ("unknown", "runs_unknown") if getattr(effects, flag)}
    return found | flags


CASES: dict[str, dict[str, list[str]]] = {
    # queries and DML
    "SELECT 1": {},
    'SELECT * FROM a JOIN s."b" ON 1 = 1': {"reads": ["A", 'S."b"']},
    "WITH c AS (SELECT * FROM base) SELECT * FROM c, C AS d, other": {"reads": ["BASE", "OTHER"]},
    "WITH c AS (SELECT * FROM c) SELECT * FROM c": {"reads": ["C"]},
    "WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM b": {"reads": ["B"]},
    "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c) SELECT * FROM c": {},
    "SELECT * FROM (WITH c AS (SELECT 1) SELECT * FROM c) JOIN c ON 1 = 1": {"reads": ["C"]},
    "SELECT (SELECT MAX(x) FROM u WHERE u.y = t.y) FROM t WHERE EXISTS (SELECT 1 FROM w)": {"reads": ["T", "U", "W"]},
    "SELECT $1:a FROM @d.x.st/p": {"reads": ["STAGE D.X.ST"]},
    "SELECT $1 FROM @~/p": {},
    "SELECT * FROM IDENTIFIER('s.t')": {"reads": ["S.T"]},
    "SELECT * FROM IDENTIFIER($t)": {"unknown": []},
    "SELECT sq.NEXTVAL, d.x.f(a) FROM t": {"reads": ["FUNCTION D.X.F", "SEQUENCE SQ", "T"]},
    "SELECT f.value FROM t, LATERAL FLATTEN(input => t.v) f": {"reads": ["T"]},
    "SELECT SYSTEM$STREAM_HAS_DATA('d.x.\"s\"')": {"reads": ['STREAM D.X."s"']},
    "SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('d.x.t')": {"alters": ["TASK D.X.T"]},
    "SELECT SYSTEM$ABORT_SESSION(1)": {"unknown": []},
    "SELECT * FROM t AT (STREAM => 's')": {"reads": ["STREAM S", "T"]},
    "SELECT FROM WHERE": {"unknown": []},
    "INSERT INTO t (a) SELECT a FROM s": {"reads": ["S"], "writes": ["T"]},
    "INSERT OVERWRITE INTO d.x.t WITH c AS (SELECT 1 FROM b) SELECT * FROM c": {"reads": ["B"], "writes": ["D.X.T"]},
    "INSERT ALL WHEN a > 1 THEN INTO x VALUES (a) ELSE INTO y VALUES (a) SELECT a FROM src": {
        "reads": ["SRC"],
        "writes": ["X", "Y"],
    },
    "UPDATE t SET a = u.a FROM u WHERE u.b = t.b": {"reads": ["U"], "writes": ["T"]},
    "DELETE FROM t USING u WHERE t.a = u.a": {"reads": ["U"], "writes": ["T"]},
    "MERGE INTO x.t USING (SELECT * FROM s) q ON t.a = q.a WHEN MATCHED THEN DELETE": {
        "reads": ["S"],
        "writes": ["X.T"],
    },
    "TRUNCATE TABLE t": {"writes": ["TABLE T"]},
    "SHOW TABLES ->> SELECT * FROM $1, t": {"reads": ["T"]},
    # tables and views
    "CREATE TABLE t (a INT DEFAULT s.NEXTVAL, b INT REFERENCES o (x))": {
        "creates": ["TABLE T"],
        "reads": ["SEQUENCE S", "TABLE O"],
    },
    "CREATE OR REPLACE TABLE t AS SELECT * FROM u": {"replaces": ["TABLE T"], "reads": ["U"]},
    "CREATE OR ALTER TABLE t (a INT)": {"creates": ["TABLE T"], "alters": ["TABLE T"]},
    "CREATE TABLE t CLONE u": {"creates": ["TABLE T"], "reads": ["TABLE U"]},
    "CREATE TABLE t LIKE u": {"creates": ["TABLE T"], "reads": ["U"]},
    "ALTER TABLE t ADD COLUMN a INT": {"alters": ["TABLE T"]},
    "ALTER TABLE d.x.t RENAME TO u": {"alters": ["TABLE D.X.T"], "creates": ["TABLE D.X.U"]},
    "ALTER TABLE t SWAP WITH u": {"alters": ["TABLE T", "TABLE U"]},
    "DROP TABLE IF EXISTS d.x.t": {"drops": ["TABLE D.X.T"]},
    "UNDROP TABLE t": {"creates": ["TABLE T"]},
    "CREATE OR REPLACE VIEW v AS SELECT * FROM t": {"replaces": ["VIEW V"], "reads": ["T"]},
    "CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' WAREHOUSE = w AS SELECT * FROM u": {
        "creates": ["DYNAMIC TABLE T"],
        "reads": ["U", "WAREHOUSE W"],
    },
    "CREATE STREAM s ON TABLE d.x.t": {"creates": ["STREAM S"], "reads": ["TABLE D.X.T"]},
    "CREATE OR REPLACE STREAM s ON VIEW v AT (STREAM => 'o')": {
        "replaces": ["STREAM S"],
        "reads": ["STREAM O", "VIEW V"],
    },
    "CREATE SCHEMA d.s": {"creates": ["SCHEMA D.S"]},
    "CREATE WAREHOUSE w": {"creates": ["WAREHOUSE W"]},
    "GRANT SELECT ON TABLE d.x.t TO ROLE r": {"alters": ["TABLE D.X.T"]},
    "GRANT SELECT ON ALL TABLES IN SCHEMA s TO ROLE r": {"alters": ["SCHEMA S"]},
    "GRANT SELECT ON FUTURE TABLES IN DATABASE d TO ROLE r": {"alters": ["DATABASE D"]},
    "GRANT ROLE a TO ROLE b": {"unknown": []},
    "COMMENT ON COLUMN s.t.c IS 'x'": {"alters": ["TABLE S.T"]},
    # files
    "CREATE STAGE s FILE_FORMAT = (FORMAT_NAME = 'd.x.f')": {"creates": ["STAGE S"], "reads": ["FILE FORMAT D.X.F"]},
    "PUT file:///a @s/b": {"writes": ["STAGE S"]},
    "COPY INTO t FROM (SELECT $1 FROM @x.s/p) FILE_FORMAT = x.f": {
        "reads": ["FILE FORMAT X.F", "STAGE X.S"],
        "writes": ["TABLE T"],
    },
    "COPY INTO @s FROM (SELECT * FROM t)": {"reads": ["T"], "writes": ["STAGE S"]},
    # what runs later
    "CREATE TASK t WAREHOUSE = w AFTER a, b WHEN SYSTEM$STREAM_HAS_DATA('s') AS INSERT INTO x SELECT * FROM s": {
        "creates": ["TASK T"],
        "reads": ["TASK A", "TASK B", "WAREHOUSE W"],
        "runs_reads": ["S", "STREAM S"],
        "runs_writes": ["X"],
    },
    "CREATE OR REPLACE TASK t FINALIZE = r AS CALL d.x.p()": {
        "replaces": ["TASK T"],
        "reads": ["TASK R"],
        "runs_reads": ["PROCEDURE D.X.P"],
        "runs_unknown": [],
    },
    "ALTER TASK t MODIFY AS DELETE FROM x": {"alters": ["TASK T"], "runs_writes": ["X"]},
    "ALTER TASK t ADD AFTER a": {"alters": ["TASK T"], "reads": ["TASK A"]},
    "EXECUTE TASK t": {"reads": ["TASK T"], "unknown": []},
    "CREATE PIPE p AS COPY INTO t FROM @s": {
        "creates": ["PIPE P"],
        "reads": ["STAGE S", "TABLE T"],
        "runs_reads": ["STAGE S"],
        "runs_writes": ["TABLE T"],
    },
    "CREATE ALERT a IF (EXISTS (SELECT 1 FROM t)) THEN INSERT INTO u VALUES (1)": {
        "creates": ["ALERT A"],
        "runs_reads": ["T"],
        "runs_writes": ["U"],
    },
    "CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL AS $$ BEGIN DELETE FROM t; RETURN 1; END $$": {
        "creates": ["PROCEDURE P"],
        "runs_writes": ["T"],
    },
    "CREATE PROCEDURE p() RETURNS INT LANGUAGE PYTHON HANDLER = 'h' AS $$ x $$": {
        "creates": ["PROCEDURE P"],
        "runs_unknown": [],
    },
    "CREATE FUNCTION f(a INT) RETURNS INT AS 'g(a) + (SELECT MAX(x) FROM t)'": {
        "creates": ["FUNCTION F"],
        "reads": ["FUNCTION G", "T"],
    },
    # scripts
    "CALL p((SELECT MAX(a) FROM t))": {"reads": ["PROCEDURE P", "T"], "unknown": []},
    "EXECUTE IMMEDIATE 'DELETE FROM t'": {"writes": ["T"]},
    "EXECUTE IMMEDIATE $$ BEGIN DROP TABLE t; END; $$": {"drops": ["TABLE T"]},
    "EXECUTE IMMEDIATE $x": {"unknown": []},
    "SET x = (SELECT MAX(a) FROM t)": {"reads": ["T"]},
    "USE SCHEMA d.s": {"reads": ["SCHEMA D.S"]},
    "EXPLAIN DELETE FROM t": {"reads": ["T"]},
    "ANALYZE t": {"unknown": []},
}


@pytest.mark.parametrize(("text", "wanted"), CASES.items(), ids=CASES.keys())
def test_effects(text: str, wanted: dict[str, list[str]]) -> None:
    assert told(text_effects(text)) == wanted


def test_a_block_holds_the_effects_of_all_its_statements() -> None:
    text = """
        DECLARE c CURSOR FOR SELECT a FROM cursor_table; r RESULTSET DEFAULT (SELECT 1 FROM result_table);
        BEGIN
            LET x := (SELECT MAX(a) FROM let_table);
            FOR row_ IN c DO
                IF (EXISTS (SELECT 1 FROM if_table)) THEN
                    INSERT INTO inserted SELECT CASE WHEN a THEN 1 END FROM s;
                ELSE
                    CREATE OR REPLACE TABLE replaced (a INT);
                END IF;
            END FOR;
            CASE (x) WHEN 1 THEN UPDATE updated SET a = :x; ELSE DELETE FROM deleted; END CASE;
            BEGIN TRANSACTION; COPY INTO copied FROM @st; COMMIT;
            EXCEPTION WHEN OTHER THEN ROLLBACK; RETURN TABLE(r);
        END
    """
    assert told(text_effects(text)) == {
        "reads": ["CURSOR_TABLE", "IF_TABLE", "LET_TABLE", "RESULT_TABLE", "S", "STAGE ST"],
        "writes": ["DELETED", "INSERTED", "TABLE COPIED", "UPDATED"],
        "replaces": ["TABLE REPLACED"],
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT 1", StatementKind.QUERY),
        ("DELETE FROM t", StatementKind.DML),
        ("CREATE VIEW v AS SELECT 1", StatementKind.DDL),
        ("COPY INTO t FROM @s", StatementKind.LOAD),
        ("USE ROLE r", StatementKind.SESSION),
        ("COMMIT", StatementKind.TRANSACTION),
        ("BEGIN RETURN 1; END", StatementKind.CALL),
        ("SHOW TASKS", StatementKind.SHOW),
        ("GRANT ROLE a TO ROLE b", StatementKind.GRANT),
        ("ANALYZE t", StatementKind.OTHER),
    ],
)
def test_kind(text: str, kind: StatementKind) -> None:
    assert text_effects(text).kind is kind


def test_names_are_completed_as_their_kinds_have_them() -> None:
    effects = text_effects("CREATE TASK t WAREHOUSE = w AS INSERT INTO s2.x SELECT * FROM d2.s2.y").within("D", "S")
    assert told(effects) == {
        "creates": ["TASK D.S.T"],
        "reads": ["WAREHOUSE W"],
        "runs_reads": ["D2.S2.Y"],
        "runs_writes": ["D.S2.X"],
    }
    assert told(text_effects("CREATE SCHEMA s").within("D", "X")) == {"creates": ["SCHEMA D.S"]}
    assert told(text_effects("CREATE DATABASE e").within("D", "X")) == {"creates": ["DATABASE E"]}


def target(kind: ObjectKind | None, *parts: str) -> Target:
    return Target(kind, QualifiedName.of(*parts))


def test_what_meets_what() -> None:
    table = target(ObjectKind.TABLE, "D", "S", "T")
    assert table.meets(target(None, "D", "S", "T"))
    assert table.meets(target(ObjectKind.SCHEMA, "D", "S"))
    assert target(ObjectKind.DATABASE, "D").meets(table)
    assert not table.meets(target(ObjectKind.TASK, "D", "S", "T"))
    assert not table.meets(target(ObjectKind.TABLE, "D", "S", "U"))
    assert not table.meets(target(ObjectKind.SCHEMA, "D", "X"))
    assert not target(ObjectKind.TABLE, "D", "S", "T").meets(target(ObjectKind.TABLE, "D", "S2", "T"))


@pytest.mark.parametrize("text", CASES)
def test_effects_survive_a_cache(text: str) -> None:
    effects = text_effects(text)
    assert Effects.from_data(json.loads(json.dumps(effects.as_data()))) == effects


def test_every_class_of_statement_has_a_rule() -> None:
    # a dataclass with slots leaves the class that it was made from behind, among the subclasses
    known = {
        kind for kind in Statement.__subclasses__() if getattr(sys.modules[kind.__module__], kind.__name__) is kind
    }
    assert known == set(RULES)
