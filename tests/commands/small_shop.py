"""A project with a stream, a task graph, a view and a named query, small enough to deploy in a moment."""

from pathlib import Path

from pipeline.commands.workspace import Request

CONFIG = """\
project: small_shop
vars:
  database: SHOP
environments:
  local:
    target: local
    tasks:
      after_deploy: resume
steps:
  - name: all
    script: sql/all.sql
  - name: queries
    kind: queries
    script: sql/queries.sql
load:
  stage: SHOP.S.FILES
  table: SHOP.S.RAW
  copy: sql/copy.sql
"""

ALL = """\
CREATE DATABASE IF NOT EXISTS {{ database }};
CREATE SCHEMA IF NOT EXISTS shop.s;
CREATE STAGE IF NOT EXISTS shop.s.files FILE_FORMAT = (TYPE = JSON);
CREATE TABLE IF NOT EXISTS shop.s.raw (content VARIANT, loaded_at TIMESTAMP_LTZ);
CREATE TABLE IF NOT EXISTS shop.s.sales (id INT, amount NUMBER(10, 2), rate FLOAT, day DATE, tags VARIANT);
CREATE TABLE IF NOT EXISTS shop.s.days (day DATE, amount NUMBER(10, 2));
CREATE STREAM IF NOT EXISTS shop.s.new_raw ON TABLE shop.s.raw APPEND_ONLY = TRUE;
CREATE STREAM IF NOT EXISTS shop.s.new_sales ON TABLE shop.s.sales APPEND_ONLY = TRUE;
CREATE TASK IF NOT EXISTS shop.s.read_raw SCHEDULE = '1 MINUTE' WHEN SYSTEM$STREAM_HAS_DATA('shop.s.new_raw') AS
    INSERT INTO shop.s.sales (id, amount, day)
    SELECT content:id::INT, content:amount::NUMBER(10, 2), content:day::DATE FROM shop.s.new_raw;
CREATE TASK IF NOT EXISTS shop.s.add_days AFTER shop.s.read_raw WHEN SYSTEM$STREAM_HAS_DATA('shop.s.new_sales') AS
    INSERT INTO shop.s.days SELECT day, SUM(amount) FROM shop.s.new_sales GROUP BY day;
CREATE OR REPLACE VIEW shop.s.totals AS SELECT COUNT(*) AS sales, SUM(amount) AS amount FROM shop.s.sales;
"""

QUERIES = """\
-- name: sales-of
-- param: id int
SELECT id, amount FROM shop.s.sales WHERE id = :id;
"""

COPY = """\
COPY INTO {{ table }} FROM (SELECT $1, METADATA$START_SCAN_TIME FROM @{{ stage }})
FILES = ({{ files }}) ON_ERROR = {{ on_error }};
"""


def small_shop(folder: Path, files: dict[str, str]) -> Request:
    """Write the project and more files into `folder`."""
    project = {"config.yaml": CONFIG, "sql/all.sql": ALL, "sql/queries.sql": QUERIES, "sql/copy.sql": COPY}
    for name, text in {**project, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Request(project=folder)
