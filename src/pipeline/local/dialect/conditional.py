"""CASE and its kin."""

from sqlglot import exp

from pipeline.local.dialect.casts import coerce
from pipeline.local.dialect.compiler import Compiler
from pipeline.local.dialect.predicates import compare
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import NULL, Typed, common_type
from pipeline.local.errors import compilation


def case(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """Both forms of CASE; the results come to one type."""
    branches: list[tuple[str, Typed]] = []
    subject = compiler.expression(node.this, scope) if node.this is not None else None
    for branch in node.args["ifs"]:
        if subject is None:
            condition = compiler.condition(branch.this, scope)
        else:
            condition = compare(subject, "=", compiler.expression(branch.this, scope)).sql
        branches.append((condition, compiler.expression(branch.args["true"], scope)))
    default = node.args.get("default")
    return choose(branches, compiler.expression(default, scope) if default is not None else NULL)


def choose(branches: list[tuple[str, Typed]], default: Typed) -> Typed:
    """`CASE WHEN … THEN … ELSE … END` over values that come to one type."""
    result = common_type([*(value for _, value in branches), default])
    whens = " ".join(f"WHEN {condition} THEN {coerce(value, result).sql}" for condition, value in branches)
    otherwise = "" if default.null else f" ELSE {coerce(default, result).sql}"
    return Typed(f"CASE {whens}{otherwise} END", result)


def if_(_compiler: Compiler, _node: exp.Expression, _scope: Scope) -> Typed:
    raise compilation("Unknown function IF.", 2140, "42601")
