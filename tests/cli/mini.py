"""A project of a few statements, and the command line called in this process or in one of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

CONFIG = """\
project: mini
vars:
  database: MINI
environments:
  local:
    target: local
    tasks:
      after_deploy: resume
steps:
  - name: setup
    script: sql/a.sql
  - name: queries
    kind: queries
    script: sql/q.sql
"""

SETUP = """\
-- a project that is small
CREATE DATABASE IF NOT EXISTS {{ database }};
CREATE SCHEMA IF NOT EXISTS {{ database }}.s;
CREATE TABLE IF NOT EXISTS {{ database }}.s.t (a NUMBER(10,2), b VARCHAR);
INSERT INTO {{ database }}.s.t SELECT 1.50, 'é' UNION ALL SELECT 2, NULL;
"""

QUERIES = """\
-- name: some-rows
-- title: Some rows
-- description: The rows from a given value on.
-- section: Rows
-- param: least decimal = 0
SELECT a, b FROM {{ database }}.s.t WHERE a >= :least ORDER BY a;
"""


def mini_project(folder: Path, setup: str = SETUP, queries: str = QUERIES, config: str = CONFIG) -> Path:
    """Write the project into `folder`."""
    (folder / "sql").mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    (folder / "sql" / "a.sql").write_text(setup, encoding="utf-8")
    (folder / "sql" / "q.sql").write_text(queries, encoding="utf-8")
    return folder


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """`pipeline` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "120"},
    )


def masked(text: str) -> str:
    """Output without what differs from run to run."""
    text = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{6}", "<deploy>", text)
    text = re.sub(r"query id: [0-9a-f-]{36}", "query id: <id>", text)
    return re.sub(r"\b\d+(\.\d)? (ms|s)\b", "<time>", text)
