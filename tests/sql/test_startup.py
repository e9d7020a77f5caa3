"""What the text floor imports: start-up time is part of its contract."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["pipeline.sql.splitter", "pipeline.sql.grammar", "pipeline.sql.effects"])
def test_sqlglot_is_imported_only_when_a_query_is_read(module: str) -> None:
    program = f"import sys, {module}; print('sqlglot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
