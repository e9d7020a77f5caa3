"""Macros on dates and times. `x` is a text, `t` a timestamp with a zone; TIMESTAMP_TZ is a struct (utc, offset)."""

_OFFSET_TEXT = r":[0-9.]+ ?([+-][0-9]{2}):?([0-9]{2})?$"
_OTHER_FORMATS = "['%m/%d/%Y %H:%M:%S', '%d-%b-%Y %H:%M:%S', '%m/%d/%Y', '%d-%b-%Y']"
_LONG_FORMATS = "['%a, %d %b %Y %H:%M:%S', '%a %b %d %H:%M:%S %Y']"
_ZONED_FORMATS = "['%a, %d %b %Y %H:%M:%S %z', '%a %b %d %H:%M:%S %z %Y']"


def _bad(errno: int, what: str) -> str:
    return f"(x) AS CASE WHEN x IS NOT NULL THEN error('SF|{errno}|22007|{what} ''' || x || ''' is not recognized') END"


READING: dict[str, str] = {
    "sf_epoch": "(n) AS CASE WHEN abs(n) < 31536000000 THEN n * 1000000 WHEN abs(n) < 31536000000000 THEN n * 1000 "
    "WHEN abs(n) < 31536000000000000 THEN n ELSE n // 1000 END",
    "sf_instant": "(us) AS timezone('UTC', make_timestamp(us))",
    "sf_epoch_text": "(x) AS CASE WHEN regexp_full_match(x, '-?[0-9]{1,18}') "
    "THEN make_timestamp(sf_epoch(TRY_CAST(x AS BIGINT))) END",
    "sf_ntz": "(x) AS coalesce(CASE WHEN x LIKE '____-%' THEN TRY_CAST(x AS TIMESTAMP) END, "
    "CASE WHEN x LIKE '____-%' THEN TRY_CAST(regexp_replace(x, ' [+-][0-9:]+$', '') AS TIMESTAMP) END, "
    "sf_epoch_text(x), "
    f"try_strptime(x, {_OTHER_FORMATS}), try_strptime(regexp_replace(x, ' [+-][0-9:]+', ''), {_LONG_FORMATS}))",
    "sf_ltz": "(x) AS coalesce(CASE WHEN x LIKE '____-%' THEN TRY_CAST(x AS TIMESTAMPTZ) END, "
    r"CASE WHEN x LIKE '____-%' THEN TRY_CAST(regexp_replace(x, ' ?([+-][0-9]{2}):?([0-9]{2})$', '\1:\2') "
    "AS TIMESTAMPTZ) END, "
    f"timezone('UTC', sf_epoch_text(x)), CAST(try_strptime(x, {_OTHER_FORMATS}) AS TIMESTAMPTZ), "
    f"CAST(try_strptime(x, {_ZONED_FORMATS}) AS TIMESTAMPTZ))",
    "sf_date": "(x) AS coalesce(CASE WHEN x LIKE '____-%' THEN TRY_CAST(x AS DATE) END, CAST(sf_ntz(x) AS DATE))",
    "sf_time": "(x) AS TRY_CAST(x AS TIME)",
    "sf_bad_date": _bad(100040, "Date"),
    "sf_bad_time": _bad(100108, "Time"),
    "sf_bad_timestamp": _bad(100035, "Timestamp"),
}

ZONED: dict[str, str] = {
    "sf_session_offset": "(t) AS CAST(date_diff('minute', timezone('UTC', t), CAST(t AS TIMESTAMP)) AS SMALLINT)",
    "sf_session_tz": "(t) AS CASE WHEN t IS NOT NULL THEN "
    "struct_pack(utc := timezone('UTC', t), \"offset\" := sf_session_offset(t)) END",
    "sf_utc_tz": '(t) AS CASE WHEN t IS NOT NULL THEN struct_pack(utc := t, "offset" := CAST(0 AS SMALLINT)) END',
    "sf_text_offset": "(x) AS CASE WHEN regexp_matches(x, '[0-9][Zz]$') THEN 0 "
    f"WHEN regexp_matches(x, '{_OFFSET_TEXT}') THEN CAST(regexp_extract(x, '{_OFFSET_TEXT}', 1) AS INTEGER) * 60 "
    f"+ (CASE WHEN regexp_extract(x, '{_OFFSET_TEXT}', 1) LIKE '-%' THEN -1 ELSE 1 END) "
    f"* coalesce(TRY_CAST(regexp_extract(x, '{_OFFSET_TEXT}', 2) AS INTEGER), 0) END",
    "sf_tz": "(x) AS CASE WHEN sf_ltz(x) IS NOT NULL THEN struct_pack(utc := timezone('UTC', sf_ltz(x)), "
    '"offset" := CAST(coalesce(sf_text_offset(x), sf_session_offset(sf_ltz(x))) AS SMALLINT)) END',
    "sf_wall": '(t) AS (t).utc + to_minutes((t)."offset")',
    "sf_offset": "(m, colon) AS (CASE WHEN m < 0 THEN '-' ELSE '+' END) || "
    "lpad(CAST(abs(m) // 60 AS VARCHAR), 2, '0') || colon || lpad(CAST(abs(m) % 60 AS VARCHAR), 2, '0')",
    "sf_tz_moved": "(t, step) AS CASE WHEN (t).utc IS NOT NULL AND step IS NOT NULL THEN struct_pack("
    'utc := sf_wall(t) + step - to_minutes((t)."offset"), "offset" := (t)."offset") END',
    "sf_tz_at": "(wall, t) AS CASE WHEN (t).utc IS NOT NULL THEN struct_pack(utc := CAST(wall AS TIMESTAMP) - "
    'to_minutes((t)."offset"), "offset" := (t)."offset") END',
    "sf_tz_in": "(t, zone) AS CASE WHEN t IS NOT NULL THEN struct_pack(utc := timezone('UTC', t), \"offset\" := "
    "CAST(date_diff('minute', timezone('UTC', t), timezone(zone, t)) AS SMALLINT)) END",
    "sf_tz_zoned": "(t, x) AS CASE WHEN t IS NOT NULL THEN struct_pack(utc := timezone('UTC', CAST(t AS TIMESTAMPTZ)), "
    '"offset" := CAST(coalesce(sf_text_offset(x), 0) AS SMALLINT)) END',
}

PARTS: dict[str, str] = {
    "sf_weeks_apart": "(a, b) AS date_diff('day', date_trunc('week', a), date_trunc('week', b)) // 7",
    "sf_floor_div": "(n, d) AS (n - ((n % d) + d) % d) // d",
    "sf_date_parts": "(y, m, d) AS CAST(make_date(y, 1, 1) + to_months(m - 1) + to_days(d - 1) AS DATE)",
    "sf_months_apart": "(a, b) AS (year(a) - year(b)) * 12 + month(a) - month(b)",
    "sf_months_between": "(a, b) AS CASE WHEN day(a) = day(b) OR (a = last_day(a) AND b = last_day(b)) "
    "THEN CAST(sf_months_apart(a, b) AS DECIMAL(38,6)) "
    "ELSE CAST(sf_months_apart(a, b) + (day(a) - day(b)) / 31.0 AS DECIMAL(38,6)) END",
}

MACROS = {**READING, **ZONED, **PARTS}
