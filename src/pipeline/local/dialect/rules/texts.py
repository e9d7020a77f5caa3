"""Text functions (docs.snowflake.com/en/sql-reference/functions-string)."""

from pipeline.local.dialect.casts import cast, text, whole
from pipeline.local.dialect.registry import Call, function
from pipeline.local.dialect.rules.numbers import tried
from pipeline.local.dialect.typed import ARRAY, BINARY, BOOLEAN, COUNT, VARCHAR, Typed
from pipeline.local.errors import unsupported
from pipeline.sql.types import Kind

_SIMPLE = {
    "LOWER": "lower",
    "UPPER": "upper",
    "REVERSE": "reverse",
    "MD5": "md5",
    "MD5_HEX": "md5",
    "SHA1": "sha1",
    "SHA1_HEX": "sha1",
}


@function(*_SIMPLE, args=1)
def simple(call: Call) -> Typed:
    """LOWER(a) → lower(a)"""
    return Typed(f"{_SIMPLE[call.name]}({text(call.arg(0))})", VARCHAR)


@function("LENGTH", "LEN", "CHAR_LENGTH", "CHARACTER_LENGTH", args=1)
def length(call: Call) -> Typed:
    """LENGTH(a): characters of a text, bytes of a BINARY"""
    value = call.arg(0)
    return Typed(f"octet_length({value.sql})" if value.kind is Kind.BINARY else f"length({text(value)})", COUNT)


@function("OCTET_LENGTH", args=1)
def octet_length(call: Call) -> Typed:
    """OCTET_LENGTH(a) → strlen(a)"""
    return Typed(f"strlen({text(call.arg(0))})", COUNT)


@function("CONCAT", args=(1, -1))
def concat(call: Call) -> Typed:
    """CONCAT(a, b) → (a || b): NULL if any is NULL"""
    return Typed(f"({' || '.join(text(each) for each in call.args())})", VARCHAR)


@function("CONCAT_WS", args=(2, -1))
def concat_ws(call: Call) -> Typed:
    """CONCAT_WS(s, a, b): NULL if any is NULL"""
    separator, *values = (text(each) for each in call.args())
    return Typed(f"({f' || {separator} || '.join(values)})", VARCHAR)


@function("SUBSTR", "SUBSTRING", args=(2, 3))
def substr(call: Call) -> Typed:
    """SUBSTR(a, 2, 3): counts from 1, 0 is 1, a negative start counts from the end"""
    subject, start = text(call.arg(0)), whole(call.arg(1))
    if call.has(2):
        return Typed(f"sf_substr({subject}, {start}, {whole(call.arg(2))})", VARCHAR)
    return Typed(f"sf_substr({subject}, {start}, length({subject}))", VARCHAR)


@function("LEFT", "RIGHT", args=2)
def left_right(call: Call) -> Typed:
    """LEFT(a, 2) → left(a, 2), nothing for a negative length"""
    return Typed(f"{call.name.lower()}({text(call.arg(0))}, greatest({whole(call.arg(1))}, 0))", VARCHAR)


@function("LPAD", "RPAD", args=(2, 3))
def pad(call: Call) -> Typed:
    """LPAD(a, 5) → lpad(a, 5, ' ')"""
    filler = text(call.arg(2)) if call.has(2) else "' '"
    subject, count = text(call.arg(0)), f"greatest({whole(call.arg(1))}, 0)"
    return Typed(
        f"CASE WHEN {filler} = '' THEN left({subject}, {count}) "
        f"ELSE {call.name.lower()}({subject}, CAST({count} AS INTEGER), {filler}) END",
        VARCHAR,
    )


@function("TRIM", "LTRIM", "RTRIM", args=(1, 2))
def trim(call: Call) -> Typed:
    """TRIM(a, 'xy') → trim(a, 'xy'): any of the characters; spaces when none are given"""
    characters = text(call.arg(1)) if call.has(1) else "' '"
    return Typed(f"{call.name.lower()}({text(call.arg(0))}, {characters})", VARCHAR)


@function("REPLACE", args=(2, 3))
def replace(call: Call) -> Typed:
    """REPLACE(a, b) → replace(a, b, '')"""
    new = text(call.arg(2)) if call.has(2) else "''"
    return Typed(f"replace({text(call.arg(0))}, {text(call.arg(1))}, {new})", VARCHAR)


@function("TRANSLATE", args=3)
def translate(call: Call) -> Typed:
    """TRANSLATE(a, 'ab', 'x') → translate(a, 'ab', 'x')"""
    return Typed(f"translate({', '.join(text(each) for each in call.args())})", VARCHAR)


@function("REPEAT", args=2)
def repeat(call: Call) -> Typed:
    """REPEAT(a, 3) → repeat(a, 3)"""
    return Typed(f"repeat({text(call.arg(0))}, {whole(call.arg(1))})", VARCHAR)


@function("INITCAP", args=(1, 2))
def initcap(call: Call) -> Typed:
    """INITCAP(a): the first letter of each word; words end at white space and punctuation"""
    if call.has(1):
        raise unsupported("INITCAP with delimiters")
    return Typed(f"sf_initcap({text(call.arg(0))})", VARCHAR)


@function("SPLIT_PART", args=3)
def split_part(call: Call) -> Typed:
    """SPLIT_PART(a, ',', -1): from the end for a negative number, 0 is 1, '' beyond the parts"""
    return Typed(f"sf_split_part({text(call.arg(0))}, {text(call.arg(1))}, {whole(call.arg(2))})", VARCHAR)


@function("SPLIT", args=2)
def split(call: Call) -> Typed:
    """SPLIT(a, ',') → an ARRAY of texts"""
    return Typed(f"to_json(string_split({text(call.arg(0))}, {text(call.arg(1))}))", ARRAY)


@function("STRTOK", args=(1, 3))
def strtok(call: Call) -> Typed:
    """STRTOK(a, ' ,', 2): delimiters are single characters, empty tokens do not count; NULL beyond them"""
    delimiters = text(call.arg(1)) if call.has(1) else "' '"
    place = whole(call.arg(2)) if call.has(2) else "1"
    return Typed(f"sf_strtok({text(call.arg(0))}, {delimiters})[{place}]", VARCHAR)


@function("STRTOK_TO_ARRAY", args=(1, 2))
def strtok_to_array(call: Call) -> Typed:
    """STRTOK_TO_ARRAY(a, ' ,') → an ARRAY of the tokens"""
    delimiters = text(call.arg(1)) if call.has(1) else "' '"
    return Typed(f"to_json(sf_strtok({text(call.arg(0))}, {delimiters}))", ARRAY)


@function("CONTAINS", "STARTSWITH", "ENDSWITH", args=2)
def contains(call: Call) -> Typed:
    """STARTSWITH(a, b) → starts_with(a, b)"""
    name = {"CONTAINS": "contains", "STARTSWITH": "starts_with", "ENDSWITH": "ends_with"}[call.name]
    return Typed(f"{name}({text(call.arg(0))}, {text(call.arg(1))})", BOOLEAN)


@function("CHARINDEX", "POSITION", args=(2, 3))
def charindex(call: Call) -> Typed:
    """CHARINDEX('b', a, 2): the place from 1 of the first match at or after the start, 0 if none"""
    needle, subject = text(call.arg(0)), text(call.arg(1))
    if not call.has(2):
        return Typed(f"instr({subject}, {needle})", COUNT)
    return Typed(f"sf_position({needle}, {subject}, {whole(call.arg(2))})", COUNT)


@function("INSERT", args=4)
def insert(call: Call) -> Typed:
    """INSERT(a, 2, 1, 'x'): replaces one character at place 2"""
    subject, place, count, new = text(call.arg(0)), whole(call.arg(1)), whole(call.arg(2)), text(call.arg(3))
    return Typed(f"(left({subject}, {place} - 1) || {new} || substr({subject}, {place} + {count}))", VARCHAR)


@function("CHR", "CHAR", args=1)
def chr_(call: Call) -> Typed:
    """CHR(65) → chr(65)"""
    return Typed(f"chr(CAST({whole(call.arg(0))} AS INTEGER))", VARCHAR)


@function("ASCII", args=1)
def ascii_(call: Call) -> Typed:
    """ASCII('a') → 97, and 0 for an empty text"""
    subject = text(call.arg(0))
    return Typed(f"CASE WHEN {subject} = '' THEN 0 ELSE ascii({subject}) END", COUNT)


@function("SPACE", args=1)
def space(call: Call) -> Typed:
    """SPACE(3) → repeat(' ', 3)"""
    return Typed(f"repeat(' ', {whole(call.arg(0))})", VARCHAR)


@function("SHA2", "SHA2_HEX", args=(1, 2))
def sha2(call: Call) -> Typed:
    """SHA2(a) → sha256(a)"""
    if call.has(1) and str(call.arg(1).constant) not in ("256", "0"):
        raise unsupported("SHA2 with another size than 256")
    return Typed(f"sha256({text(call.arg(0))})", VARCHAR)


@function("HEX_ENCODE", args=(1, 2))
def hex_encode(call: Call) -> Typed:
    """HEX_ENCODE(a) → hex(a)"""
    if call.has(1):
        raise unsupported("HEX_ENCODE with a case")
    return Typed(f"hex({_bytes(call.arg(0))})", VARCHAR)


@function("HEX_DECODE_STRING", args=1)
def hex_decode(call: Call) -> Typed:
    """HEX_DECODE_STRING(a) → decode(unhex(a))"""
    return Typed(f"decode(unhex({text(call.arg(0))}))", VARCHAR)


@function("BASE64_ENCODE", args=1)
def base64_encode(call: Call) -> Typed:
    """BASE64_ENCODE(a) → to_base64(encode(a))"""
    return Typed(f"to_base64({_bytes(call.arg(0))})", VARCHAR)


@function("BASE64_DECODE_STRING", args=1)
def base64_decode(call: Call) -> Typed:
    """BASE64_DECODE_STRING(a) → decode(from_base64(a))"""
    return Typed(f"decode(from_base64({text(call.arg(0))}))", VARCHAR)


def _bytes(value: Typed) -> str:
    return value.sql if value.kind is Kind.BINARY else f"encode({text(value)})"


@function("TO_BINARY", args=(1, 2))
def to_binary(call: Call) -> Typed:
    """TO_BINARY('ff', 'HEX') → unhex('ff')"""
    written = call.arg(1).constant if call.has(1) else "HEX"
    read = {"HEX": "unhex({})", "UTF-8": "encode({})", "BASE64": "from_base64({})"}.get(str(written).upper())
    if read is None:
        raise unsupported(f"TO_BINARY with the format {written}")
    return Typed(read.format(text(call.arg(0))), BINARY)


@function("UUID_STRING", args=(0, 2))
def uuid_string(call: Call) -> Typed:
    """UUID_STRING() → CAST(uuid() AS VARCHAR)"""
    if call.nodes:
        raise unsupported("UUID_STRING with a namespace")
    return Typed("CAST(uuid() AS VARCHAR)", VARCHAR)


@function("TO_VARCHAR", "TO_CHAR", args=(1, 2))
def to_varchar(call: Call) -> Typed:
    """TO_VARCHAR(d, 'YYYY') writes a date or time in a format"""
    from pipeline.local.dialect.formats import render_moment

    value = call.arg(0)
    if not call.has(1):
        return cast(value, VARCHAR)
    written = call.arg(1).constant
    if not isinstance(written, str):
        raise unsupported(f"{call.name} with a format that is not a constant")
    if value.kind not in (Kind.DATE, Kind.TIME, Kind.TIMESTAMP_NTZ, Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ):
        raise unsupported(f"{call.name} of {value.type} with a format")
    return Typed(render_moment(value, written), VARCHAR)


@function("TO_BOOLEAN", args=1)
def to_boolean(call: Call) -> Typed:
    """TO_BOOLEAN(a) → CAST(a AS BOOLEAN)"""
    return cast(call.arg(0), BOOLEAN)


@function("TRY_TO_BOOLEAN", args=1)
def try_to_boolean(call: Call) -> Typed:
    """TRY_TO_BOOLEAN(a) → TRY_CAST(a AS BOOLEAN)"""
    return tried(call, BOOLEAN)


@function("EDITDISTANCE", args=2)
def edit_distance(call: Call) -> Typed:
    """EDITDISTANCE(a, b) → levenshtein(a, b)"""
    return Typed(f"levenshtein({text(call.arg(0))}, {text(call.arg(1))})", COUNT)


@function("LIKE", "ILIKE", args=(2, 3))
def like(call: Call) -> Typed:
    """LIKE(a, 'x%') → a LIKE 'x%'"""
    escaping = f" ESCAPE {text(call.arg(2))}" if call.has(2) else ""
    return Typed(f"({text(call.arg(0))} {call.name} {text(call.arg(1))}{escaping})", BOOLEAN)
