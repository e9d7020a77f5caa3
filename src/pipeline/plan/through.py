"""What is read through views and streams: to read one is to read the tables behind it, and DML empties a stream. Pure.

Without this a statement that writes a table could overtake one that reads it through a view.
"""

from collections.abc import Iterable, Mapping

from pipeline.plan.keys import base_of
from pipeline.plan.resolve import Resolved
from pipeline.sql.effects import Effects, StatementKind, Target
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName

Sources = Mapping[QualifiedName, Iterable[QualifiedName]]
"""The tables and views behind streams of the account."""

_KINDS = (ObjectKind.VIEW, ObjectKind.MATERIALIZED_VIEW, ObjectKind.DYNAMIC_TABLE, ObjectKind.STREAM)
_PREFIXES = tuple(f"{kind.value} " for kind in _KINDS)
_STREAM = f"{ObjectKind.STREAM.value} "


class Through:
    """Looks up what stands behind a name, in the project and, for streams, in the account."""

    def __init__(self, resolved: Iterable[Resolved], streams: Sources) -> None:
        self._makers: dict[str, list[Resolved]] = {}
        self._streams = {str(name): frozenset(sources) for name, sources in streams.items()}
        for each in resolved:
            prefix = next((prefix for prefix in _PREFIXES if each.key.startswith(prefix)), None)
            if prefix is None:
                continue
            name = base_of(each.key).removeprefix(prefix)
            self._makers.setdefault(name, []).append(each)
            if prefix == _STREAM:
                self._streams.setdefault(name, frozenset())

    def read(self, effects: Effects) -> frozenset[Target]:
        """All that a statement reads, directly or through something."""
        found = set(effects.reads | effects.runs_reads)
        left = list(found)
        while left:
            for target in self._behind(left.pop()):
                if target not in found:
                    found.add(target)
                    left.append(target)
        return frozenset(found)

    def emptied(self, effects: Effects) -> frozenset[Target]:
        """The streams that a statement empties by reading: any DML does (docs: user-guide/streams-intro)."""
        makes_table = any(target.kind is ObjectKind.TABLE for target in effects.creates | effects.replaces)
        if effects.kind is StatementKind.QUERY or (effects.kind is StatementKind.DDL and not makes_table):
            return frozenset()
        return frozenset(target for target in self.read(effects) if str(target.name) in self._streams)

    def _behind(self, target: Target) -> frozenset[Target]:
        name = str(target.name)
        made = [each.effects.reads for each in self._makers.get(name, ())]
        live = frozenset(Target(None, source) for source in self._streams.get(name, ()))
        return live.union(*made)
