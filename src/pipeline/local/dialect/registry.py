"""The functions of Snowflake that the local account has, and those it refuses by name.

A rule is found by the function's name alone; what is in neither table is unknown to Snowflake too, or to us.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from sqlglot import exp

from pipeline.local.dialect.compiler import Compiler
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import Typed
from pipeline.local.errors import SnowflakeError, compilation, unsupported
from pipeline.sql.types import DataType


class Role(Enum):
    """Where a function may stand."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"
    """Only with OVER."""


Rule = Callable[["Call"], Typed]
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Function:
    """A supported function: its rule, how many arguments it takes, where it may stand."""

    name: str
    rule: Rule
    least: int
    most: int
    role: Role


@dataclass(slots=True)
class Call:
    """One call of a function: its arguments as trees, translated when a rule asks for them."""

    compiler: Compiler
    scope: Scope
    name: str
    nodes: list[exp.Expression]
    distinct: bool = False
    order: str = ""
    """DuckDB's ORDER BY … of WITHIN GROUP, with a space before."""
    order_values: tuple[Typed, ...] = ()
    descending: bool = False
    suffix: str = ""
    """FILTER and OVER, as they follow the call's closing parenthesis."""
    window: bool = False
    framed: bool = False
    ignore_nulls: bool = False

    def arg(self, index: int) -> Typed:
        return self.compiler.expression(self.nodes[index], self.scope)

    def args(self) -> list[Typed]:
        return self.compiler.expressions(self.nodes, self.scope)

    def has(self, index: int) -> bool:
        return index < len(self.nodes)

    def aggregate(self, function: str, arguments: str, result: DataType, *, order: bool = True) -> Typed:
        """DuckDB's aggregate with what goes with this call: DISTINCT, ORDER BY, FILTER, OVER."""
        distinct = "DISTINCT " if self.distinct else ""
        return Typed(f"{function}({distinct}{arguments}{self.order if order else ''}){self.suffix}", result)


FUNCTIONS: dict[str, Function] = {}
"""Every supported function by its name."""


def function(*names: str, args: int | tuple[int, int], role: Role = Role.SCALAR) -> Callable[[Rule], Rule]:
    """Register a rule under a function's name and its synonyms; `args` is the number, or the least and the most."""
    least, most = (args, args) if isinstance(args, int) else args

    def register(rule: Rule) -> Rule:
        for name in names:
            FUNCTIONS[name] = Function(name, rule, least, most if most >= 0 else _MANY, role)
        return rule

    return register


def find(name: str) -> Function:
    """The function by its name. Raises SnowflakeError 2140 if Snowflake has none, or says that we have none."""
    found = FUNCTIONS.get(name)
    if found is not None:
        return found
    if name in REFUSED:
        raise unsupported(f"The function {name}")
    raise unknown_function(name)


def unknown_function(name: str) -> SnowflakeError:
    return compilation(f"Unknown function {name}.", 2140, "42601")


def check_count(entry: Function, nodes: list[exp.Expression]) -> None:
    """Errors 000938 (not enough) and 000939 (too many arguments)."""
    if len(nodes) < entry.least:
        raise compilation(
            f"not enough arguments for function [{entry.name}], expected {entry.least}, got {len(nodes)}", 938, "22023"
        )
    if len(nodes) > entry.most:
        raise compilation(
            f"too many arguments for function [{entry.name}] expected {entry.most}, got {len(nodes)}", 939, "22023"
        )


REFUSED = frozenset(
    [
        "ALL_USER_NAMES",
        "APPROXIMATE_JACCARD_INDEX",
        "APPROXIMATE_SIMILARITY",
        "APPROX_PERCENTILE_ACCUMULATE",
        "APPROX_TOP_K",
        "APPROX_TOP_K_ACCUMULATE",
        "APPROX_TOP_K_COMBINE",
        "APPROX_TOP_K_ESTIMATE",
        "ARRAYS_TO_OBJECT",
        "ARRAYS_ZIP",
        "AS_BINARY",
        "BASE64_DECODE_BINARY",
        "BITMAP_BIT_POSITION",
        "BITMAP_BUCKET_NUMBER",
        "BITMAP_CONSTRUCT_AGG",
        "BITMAP_COUNT",
        "BITMAP_OR_AGG",
        "BITNOT",
        "BIT_LENGTH",
        "BUILD_SCOPED_FILE_URL",
        "BUILD_STAGE_FILE_URL",
        "CHECK_XML",
        "COLLATE",
        "COLLATION",
        "COMPLETE",
        "COMPRESS",
        "CONDITIONAL_CHANGE_EVENT",
        "CONDITIONAL_TRUE_EVENT",
        "DATE_FROM_PARTS_TZ",
        "DECOMPRESS_BINARY",
        "DECOMPRESS_STRING",
        "DECRYPT",
        "DECRYPT_RAW",
        "ENCRYPT",
        "ENCRYPT_RAW",
        "ESTIMATE_REMAINING_DML_RETENTION",
        "EXTRACT_SEMANTIC_CATEGORIES",
        "FILTER",
        "GETVARIABLE",
        "GET_ABSOLUTE_PATH",
        "GET_DDL",
        "GET_OBJECT_REFERENCES",
        "GET_PRESIGNED_URL",
        "GET_RELATIVE_PATH",
        "GET_STAGE_LOCATION",
        "H3_CELL_TO_BOUNDARY",
        "HASH",
        "HASH_AGG",
        "HAVERSINE",
        "HLL_ACCUMULATE",
        "HLL_COMBINE",
        "HLL_ESTIMATE",
        "HLL_EXPORT",
        "HLL_IMPORT",
        "INTERPOLATE_FFILL",
        "INVOKER_ROLE",
        "INVOKER_SHARE",
        "IS_ROLE_IN_SESSION",
        "JAROWINKLER_SIMILARITY",
        "KURTOSIS",
        "MINHASH",
        "MINHASH_COMBINE",
        "NORMAL",
        "PARSE_IP",
        "PARSE_URL",
        "PARSE_XML",
        "PERCENT_RANK_AGG",
        "RANDOM",
        "RANDSTR",
        "REDUCE",
        "REGEXP_INSTR",
        "REGEXP_SUBSTR_ALL",
        "REGR_AVGX",
        "REGR_AVGY",
        "REGR_COUNT",
        "REGR_SXX",
        "REGR_SXY",
        "REGR_SYY",
        "SEARCH",
        "SEQ1",
        "SEQ2",
        "SKEW",
        "SOUNDEX",
        "ST_AREA",
        "ST_ASGEOJSON",
        "ST_ASTEXT",
        "ST_ASWKT",
        "ST_CONTAINS",
        "ST_DISTANCE",
        "ST_DWITHIN",
        "ST_INTERSECTS",
        "ST_MAKEPOINT",
        "ST_POINT",
        "TO_GEOGRAPHY",
        "TO_GEOMETRY",
        "TO_QUERY",
        "TO_XML",
        "TRANSFORM",
        "TRY_BASE64_DECODE_BINARY",
        "TRY_BASE64_DECODE_STRING",
        "TRY_HEX_DECODE_BINARY",
        "TRY_HEX_DECODE_STRING",
        "TRY_TO_BINARY",
        "UNICODE",
        "UNIFORM",
        "VALIDATE",
        "VECTOR_COSINE_SIMILARITY",
        "WIDTH_BUCKET",
        "XMLGET",
        "ZIPF",
    ]
)
"""Functions that Snowflake has and the local account does not (…/sql-reference/functions-all)."""
