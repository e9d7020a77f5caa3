"""Macros on JSON values. `j` is a JSON value, `k` a key, `i` an index from 0."""


def _once(body: str) -> str:
    """A macro whose argument stands in it once, as `e` in `body`.

    Casts reach these macros only for what the quick way could not read. An argument that stands there several times
    would be computed for every row all the same: DuckDB takes common parts out, also from behind COALESCE.
    """
    return f"(j) AS list_transform([j], lambda e: {body})[1]"


def _failed_to_cast(kind: str) -> str:
    """JSON null is NULL; everything else that got here has no such value (error 100071)."""
    return (
        "CASE json_type(e) WHEN 'NULL' THEN NULL ELSE CASE WHEN e IS NOT NULL THEN "
        f"error('SF|100071|22000|Failed to cast variant value ' || CAST(e AS VARCHAR) || ' to {kind}') END END"
    )


def _incomparable(kind: str) -> str:
    return (
        "CASE WHEN j IS NOT NULL THEN error('SF|391900|0A000|The comparison of the VARIANT ' || CAST(j AS VARCHAR) || "
        f"' with a {kind} is not supported by the local account; cast it.') END"
    )


_NUMERIC = "('BIGINT', 'UBIGINT', 'DOUBLE')"

CONVERSIONS: dict[str, str] = {
    "sf_variant_to_number": _once(
        "CASE WHEN json_type(e) = 'BOOLEAN' THEN CAST(CAST(e AS VARCHAR) = 'true' AS INTEGER) "
        f"ELSE {_failed_to_cast('FIXED')} END"
    ),
    "sf_variant_to_boolean": _once(
        f"CASE WHEN json_type(e) IN {_NUMERIC} THEN CAST(CAST(e AS VARCHAR) AS DOUBLE) <> 0 "
        f"ELSE {_failed_to_cast('BOOLEAN')} END"
    ),
    "sf_variant_to_date": _once(_failed_to_cast("DATE")),
    "sf_variant_to_time": _once(_failed_to_cast("TIME")),
    "sf_variant_to_timestamp": _once(_failed_to_cast("TIMESTAMP")),
    "sf_to_array": "(j) AS CASE json_type(j) WHEN 'ARRAY' THEN j WHEN 'NULL' THEN NULL ELSE "
    "CASE WHEN j IS NOT NULL THEN json_array(j) END END",
    "sf_no_object": _once(_failed_to_cast("OBJECT")),
    "sf_to_object": "(j) AS CASE WHEN json_type(j) = 'OBJECT' THEN j ELSE sf_no_object(j) END",
    "sf_variant_number": f"(j) AS CASE WHEN json_type(j) IN {_NUMERIC} THEN CAST(CAST(j AS VARCHAR) AS DOUBLE) END",
    "sf_variant_as_number": f"(j) AS CASE WHEN json_type(j) IN {_NUMERIC} "
    "THEN TRY_CAST(CAST(j AS VARCHAR) AS DECIMAL(38,10)) "
    f"WHEN json_type(j) = 'NULL' THEN NULL ELSE {_incomparable('number')} END",
    "sf_variant_as_text": "(j) AS CASE WHEN json_type(j) = 'VARCHAR' THEN j ->> '$' "
    f"WHEN json_type(j) = 'NULL' THEN NULL ELSE {_incomparable('text')} END",
    "sf_variant_key": f"(j) AS CASE WHEN json_type(j) IN {_NUMERIC} "
    "THEN CAST(CAST(CAST(j AS VARCHAR) AS DOUBLE) AS VARCHAR) ELSE CAST(json(j) AS VARCHAR) END",
    "sf_typeof": "(j) AS CASE json_type(j) WHEN 'BIGINT' THEN 'INTEGER' WHEN 'UBIGINT' THEN 'INTEGER' "
    "WHEN 'DOUBLE' THEN "
    "CASE WHEN contains(lower(CAST(j AS VARCHAR)), 'e') THEN 'DOUBLE' ELSE 'DECIMAL' END "
    "WHEN 'NULL' THEN 'NULL_VALUE' ELSE json_type(j) END",
}

READING: dict[str, str] = {
    "sf_blank": "(x) AS trim(x, chr(32) || chr(9) || chr(10) || chr(13)) = ''",
    "sf_try_parse_json": "(x) AS CASE WHEN sf_blank(x) THEN NULL ELSE TRY_CAST(x AS JSON) END",
    "sf_bad_json": "(x) AS CASE WHEN x IS NOT NULL THEN "
    "error('SF|100069|22P02|Error parsing JSON: ' || left(x, 200)) END",
    "sf_parse_json": "(x) AS CASE WHEN sf_blank(x) THEN NULL "
    "ELSE coalesce(TRY_CAST(x AS JSON), CAST(sf_bad_json(x) AS JSON)) END",
    "sf_check_json": "(x) AS CASE WHEN sf_blank(x) OR json_valid(x) THEN NULL WHEN x IS NOT NULL "
    "THEN 'Error parsing JSON: ' || left(x, 200) END",
    "sf_get_index": "(j, i) AS CASE WHEN i >= 0 THEN json_extract(j, '$[' || CAST(i AS VARCHAR) || ']') END",
    "sf_get_key": "(j, k) AS CASE WHEN json_type(j) = 'OBJECT' THEN "
    "json_extract(j, '/' || replace(replace(k, '~', '~0'), '/', '~1')) END",
}

ARRAYS: dict[str, str] = {
    "sf_elements": "(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN json_extract(j, '$[*]') END",
    "sf_array_size": "(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN CAST(json_array_length(j) AS BIGINT) END",
    "sf_array_contains": "(x, j) AS list_contains(list_transform(sf_elements(j), lambda e: sf_variant_key(e)), "
    "sf_variant_key(x))",
    "sf_array_position": "(x, j) AS nullif(list_position(list_transform(sf_elements(j), lambda e: sf_variant_key(e)), "
    "sf_variant_key(x)), 0) - 1",
    "sf_array_cat": "(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN "
    "to_json(list_concat(sf_elements(a), sf_elements(b))) END",
    "sf_place": "(i, n) AS CASE WHEN i < 0 THEN greatest(n + i, 0) ELSE i END",
    "sf_array_slice": "(a, i, j) AS to_json(list_slice(sf_elements(a), "
    "CAST(sf_place(i, json_array_length(a)) + 1 AS BIGINT), CAST(sf_place(j, json_array_length(a)) AS BIGINT)))",
    "sf_array_to_string": "(a, s) AS array_to_string("
    "list_transform(sf_elements(a), lambda e: coalesce(e ->> '$', '')), s)",
}

OBJECTS: dict[str, str] = {
    "sf_members": "(l) AS CAST('{' || array_to_string(list_transform(list_sort(coalesce(l, [])), "
    "lambda e: CAST(to_json(e.k) AS VARCHAR) || ':' || CAST(e.v AS VARCHAR)), ',') || '}' AS JSON)",
    "sf_object_of": "(l) AS CASE WHEN len(l) > len(list_distinct(list_transform(l, lambda e: e.k))) "
    "THEN CAST(error('SF|100103|22000|Duplicate field key in OBJECT_AGG') AS JSON) ELSE sf_members(l) END",
    "sf_pairs": "(j) AS list_transform(json_keys(j), lambda key: struct_pack(k := key, v := sf_get_key(j, key)))",
    "sf_object_filter": "(j, names, wanted) AS CASE WHEN json_type(j) = 'OBJECT' THEN "
    "sf_members(list_filter(sf_pairs(j), lambda e: list_contains(names, e.k) = wanted)) END",
    "sf_object_insert": "(j, name, x, replacing) AS CASE WHEN x IS NULL THEN j "
    "WHEN list_contains(json_keys(j), name) AND NOT replacing "
    "THEN CAST(error('SF|100103|22000|Duplicate field key ''' || name || '''') AS JSON) "
    "ELSE sf_members(list_append(list_filter(sf_pairs(j), lambda e: e.k <> name), struct_pack(k := name, v := x))) END",
}

FLATTEN: dict[str, str] = {
    "sf_key_path": "(p, k) AS CASE WHEN regexp_full_match(k, '[A-Za-z_][A-Za-z0-9_$]*') "
    "THEN (CASE WHEN p = '' THEN '' ELSE p || '.' END) || k ELSE p || '[''' || k || ''']' END",
    "sf_flatten": "(j, mode, p0) AS CASE WHEN json_type(j) = 'ARRAY' AND mode <> 'OBJECT' THEN "
    "list_transform(json_extract(j, '$[*]'), lambda e, n: struct_pack(k := CAST(NULL AS VARCHAR), "
    "p := p0 || '[' || CAST(n - 1 AS VARCHAR) || ']', i := CAST(n - 1 AS BIGINT), v := e)) "
    "WHEN json_type(j) = 'OBJECT' AND mode <> 'ARRAY' THEN list_transform(list_sort(json_keys(j)), lambda key: "
    "struct_pack(k := key, p := sf_key_path(p0, key), i := CAST(NULL AS BIGINT), v := sf_get_key(j, key))) END",
    "sf_tree_steps": r"""(x) AS regexp_replace(substr(x, 2), '\."((?:[^"\\]|\\.)*)"', '[''\1'']', 'g')""",
    "sf_tree_path": "(x, p) AS CASE WHEN p = '' THEN ltrim(sf_tree_steps(x), '.') ELSE p || sf_tree_steps(x) END",
    "sf_flatten_outer": "(l) AS CASE WHEN l IS NULL OR len(l) = 0 THEN [struct_pack(k := CAST(NULL AS VARCHAR), "
    "p := CAST(NULL AS VARCHAR), i := CAST(NULL AS BIGINT), v := CAST(NULL AS JSON))] ELSE l END",
}

MACROS = {**CONVERSIONS, **READING, **ARRAYS, **OBJECTS, **FLATTEN}
