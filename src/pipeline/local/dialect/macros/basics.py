"""Macros on numbers, texts and booleans."""

NUMBERS: dict[str, str] = {
    "sf_digits": "(x) AS CASE WHEN contains(x, '_') THEN NULL ELSE x END",
    "sf_no_number": "(d) AS d IS NULL OR isinf(d) OR isnan(d)",
    "sf_bad_number": "(x) AS CASE WHEN x IS NULL THEN NULL WHEN sf_no_number(TRY_CAST(sf_digits(x) AS DOUBLE)) "
    "THEN error('SF|100038|22018|Numeric value ''' || x || ''' is not recognized') "
    "ELSE error('SF|100039|22003|Numeric value ''' || x || ''' is out of range') END",
    "sf_nonzero": "(y) AS CASE WHEN y = 0 THEN error('SF|100051|22012|Division by zero') ELSE y END",
    "sf_quotient": "(x, y) AS (2 * x + CAST(sign(x) AS HUGEINT) * abs(y)) // (2 * sf_nonzero(y))",
    "sf_float_text": "(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CAST(x AS VARCHAR) "
    "WHEN x = trunc(x) AND abs(x) < 1e15 THEN CAST(CAST(x AS BIGINT) AS VARCHAR) ELSE CAST(x AS VARCHAR) END",
}

TRUTH: dict[str, str] = {
    "sf_boolean": "(x) AS CASE WHEN lower(x) IN ('true', 't', 'yes', 'y', 'on', '1') THEN TRUE "
    "WHEN lower(x) IN ('false', 'f', 'no', 'n', 'off', '0') THEN FALSE END",
    "sf_bad_boolean": "(x) AS CASE WHEN x IS NOT NULL THEN "
    "error('SF|100037|22018|Boolean value ''' || x || ''' is not recognized') END",
}

TEXTS: dict[str, str] = {
    "sf_try_fit": "(x, n) AS CASE WHEN length(x) <= n THEN x END",
    "sf_fit": "(x, n) AS CASE WHEN length(x) > n THEN "
    "error('SF|100078|22000|String ''' || x || ''' is too long and would be truncated') ELSE x END",
    "sf_substr": "(x, i, n) AS CASE WHEN n <= 0 OR -i > length(x) THEN '' WHEN i = 0 THEN substr(x, 1, n) "
    "WHEN i < 0 THEN substr(x, length(x) + i + 1, n) ELSE substr(x, i, n) END",
    "sf_initcap": "(x) AS array_to_string(list_transform("
    r"regexp_extract_all(x, '[\p{L}\p{N}_]+|[^\p{L}\p{N}_]+'), "
    "lambda w: upper(left(w, 1)) || lower(substr(w, 2))), '')",
    "sf_split_part": "(x, d, n) AS CASE WHEN x IS NULL OR d IS NULL OR n IS NULL THEN NULL WHEN d = '' THEN "
    "CASE WHEN n IN (0, 1, -1) THEN x ELSE '' END ELSE split_part(x, d, CASE WHEN n = 0 THEN 1 ELSE n END) END",
    "sf_strtok": "(x, d) AS list_filter(string_split(translate(x, d, repeat(left(d, 1), length(d))), left(d, 1)), "
    "lambda t: t <> '')",
    "sf_position": "(n, x, s) AS CASE WHEN instr(substr(x, s), n) = 0 THEN 0 ELSE instr(substr(x, s), n) + s - 1 END",
}

MACROS = {**NUMBERS, **TRUTH, **TEXTS}
