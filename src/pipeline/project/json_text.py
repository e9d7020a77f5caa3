"""Values of YAML as JSON: decimals keep the digits that were written, which `json` would not."""

import json
from decimal import Decimal

from pipeline.project.nodes import Value


def json_text(value: Value) -> str:
    """The value as JSON on one line.

    >>> json_text({"amount": Decimal("12.50"), "tags": ["é", None]})
    '{"amount":12.50,"tags":["é",null]}'
    """
    match value:
        case dict():
            return "{" + ",".join(f"{json_text(key)}:{json_text(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ",".join(json_text(item) for item in value) + "]"
        case Decimal():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)
