"""Rendered text that knows which line of which template each part of it came from.

Jinja's generated code joins what it outputs with the environment's `concat`. Each output is wrapped into a `Traced`
text with its origin, and `concat` keeps the origins of what it joins; so they survive loops, includes, macros, blocks
and `set`, and nothing is ever added to the text itself. What a filter returns is a plain text again: its origin is
the expression that outputs it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self

from jinja2 import TemplateRuntimeError, Undefined, nodes
from jinja2.filters import do_indent, do_trim
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from pipeline.project.rendered import Origin


@dataclass(frozen=True, slots=True)
class Part:
    """What begins at an offset of a text. Template text moves on with its newlines, a value stays on its line."""

    offset: int
    origin: Origin
    moves: bool


class Traced(str):
    """A text and the origins of its parts, in order and without gaps."""

    __slots__ = ("parts",)
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, text: str, parts: tuple[Part, ...]) -> Self:
        """`text` with its parts."""
        traced = cls(text)
        traced.parts = parts
        return traced

    def __str__(self) -> str:
        return self  # str(…) in Jinja's generated code would lose the parts


def concat(chunks: Iterable[str]) -> Traced:
    """Join texts, keeping their origins."""
    texts: list[str] = []
    parts: list[Part] = []
    offset = 0
    for chunk in chunks:
        if isinstance(chunk, Traced) and chunk:
            parts.extend(replace(part, offset=part.offset + offset) for part in chunk.parts)
        texts.append(chunk)
        offset += len(chunk)
    return Traced.of("".join(texts), tuple(parts))


class TracingEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox whose templates, if compiled from `traced_tree`, render to Traced text."""

    concat = staticmethod(concat)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters.update({"indent": indent, "trim": trim})

    def trace_text(self, text: str, template: str, line: int) -> Traced:
        """A piece of the template itself."""
        return Traced.of(text, (Part(0, Origin(template, line), moves=True),))

    def trace_value(self, value: object, template: str, line: int) -> Traced:
        """The value of an expression; TemplateRuntimeError for one that is no SQL, such as none or a list."""
        text = str(value)
        if isinstance(text, Traced):
            return text
        # an Undefined that gets here is that of an `if` without `else`, which is empty; a strict one has raised
        if not isinstance(value, str | int | float | Decimal | Undefined):
            raise TemplateRuntimeError(f"the expression gives {_called(value)}, which is no SQL text")
        return Traced.of(text, (Part(0, Origin(template, line), moves=False),))


def _called(value: object) -> str:
    if value is None:
        return "none"
    return {"list": "a list", "dict": "a mapping", "tuple": "a list"}.get(type(value).__name__, "an object")


class _Wrapper(NodeTransformer):
    def __init__(self, template: str) -> None:
        self._template = template

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802 - the name is Jinja's protocol
        node.nodes = [self._wrapped(child) for child in node.nodes]
        return node

    def _wrapped(self, child: nodes.Expr) -> nodes.Expr:
        if isinstance(child, nodes.TemplateData):
            return self._call("trace_text", nodes.Const(child.data), child.lineno)
        return self._call("trace_value", child, child.lineno)

    def _call(self, method: str, value: nodes.Expr, line: int) -> nodes.Expr:
        arguments = [value, nodes.Const(self._template), nodes.Const(line)]
        call = nodes.Call(nodes.EnvironmentAttribute(method), arguments, [], None, None)
        call.set_lineno(line, override=True)
        return call


def traced_tree(tree: nodes.Template, template: str) -> nodes.Template:
    """The parsed template with every output wrapped; `template` is the path for its origins."""
    wrapped = _Wrapper(template).visit(tree)
    assert isinstance(wrapped, nodes.Template)
    assert tree.environment is not None, "the parser sets it"
    wrapped.set_environment(tree.environment)
    return wrapped


def indent(text: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """Jinja's filter of that name, which keeps the lines' origins."""
    result = do_indent(text, width, first, blank)
    if not isinstance(text, Traced) or not text or result.count("\n") != text.count("\n"):
        return result
    parts, offset = [], 0
    for line, origin in zip(result.split("\n"), line_origins(text, text.parts[0].origin), strict=True):
        parts.append(Part(offset, origin, moves=False))
        offset += len(line) + 1
    return Traced.of(result, tuple(parts))


def trim(text: str, chars: str | None = None) -> str:
    """Jinja's filter of that name, which keeps the lines' origins."""
    result = do_trim(text, chars)
    if not isinstance(text, Traced) or not result:
        return result
    start = text.index(result)
    before = [part for part in text.parts if part.offset <= start]
    moved = text.count("\n", before[-1].offset, start) if before[-1].moves else 0
    origin = before[-1].origin
    head = Part(0, Origin(origin.template, origin.line + moved), before[-1].moves)
    end = start + len(result)
    tail = (replace(part, offset=part.offset - start) for part in text.parts if start < part.offset < end)
    return Traced.of(result, (head, *tail))


def line_origins(text: Traced, fallback: Origin) -> tuple[Origin, ...]:
    """The origin of each line of the text: of its first character that is not a space, else of its first."""
    parts = text.parts or (Part(0, fallback, moves=True),)
    origins: list[Origin] = []
    current, counted, newlines, start = 0, parts[0].offset, 0, 0
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        position = start + (indent if indent < len(line) else 0)
        while current + 1 < len(parts) and parts[current + 1].offset <= position:
            current += 1
            counted, newlines = parts[current].offset, 0
        part = parts[current]
        if part.moves:
            newlines += text.count("\n", counted, position)
            counted = position
        origins.append(Origin(part.origin.template, part.origin.line + newlines))
        start += len(line) + 1
    return tuple(origins)
