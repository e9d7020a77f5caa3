"""Streams held against a plain model: random DML, transactions, two sessions, several consumers.

The model keeps every committed state of the table; a stream is an index into them, and its changes are the difference.
"""

import os
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from local.accounts import Client, client, open_account

STREAMS = {"S_ONE": False, "S_TWO": False, "S_APPEND": True}
KEYS = st.integers(0, 5)
VALUES = st.integers(0, 3)

Rows = dict[int, tuple[int, int]]
"""Row number (never used again) → key and value."""


@dataclass
class Transaction:
    start: int
    """The number of commits before it."""
    rows: Rows
    own_inserts: list[int] = field(default_factory=list)
    """Numbers of the rows that it inserted: those that are there at its commit count, as they are then."""
    consumed: set[str] = field(default_factory=set)
    dirty: bool = False


class Streams(RuleBasedStateMachine):
    """Commands against the account and the model, compared after each."""

    def __init__(self) -> None:
        super().__init__()
        self.account = open_account()
        self.writer = client(self.account)
        self.other = client(self.account, user="OTHER")
        self.states: list[Rows] = [{}]
        self.inserts: list[tuple[int, int, int]] = []
        self.offsets: dict[str, int] = {}
        self.transaction: Transaction | None = None
        self.numbers = 0
        self.known: set[int] = set()
        """Numbers of all rows that were ever there."""

    @initialize()
    def make(self) -> None:
        self.writer.run("CREATE TABLE t (k INT, v INT)", "CREATE TABLE sink (name STRING, k INT, v INT, act STRING)")
        self.writer.run("INSERT INTO t VALUES (0, 0), (1, 1)")
        self.states.append({1: (0, 0), 2: (1, 1)})
        self.numbers = 2
        self.known = {1, 2}
        for name, append_only in STREAMS.items():
            self.writer.run(f"CREATE STREAM {name} ON TABLE t APPEND_ONLY = {append_only}")
            self.offsets[name] = len(self.states) - 1

    # --- what the model does ----------------------------------------------------------------------------------

    def current(self) -> Rows:
        return self.transaction.rows if self.transaction is not None else self.states[-1]

    def change(self, rows: Rows) -> None:
        """Rows that were not there before are inserted."""
        inserted = sorted(rows.keys() - self.known)
        self.known |= rows.keys()
        if self.transaction is not None:
            self.transaction.rows = rows
            self.transaction.own_inserts += inserted
            self.transaction.dirty = True
        else:
            self.commit(rows, inserted)

    def commit(self, rows: Rows, inserted: list[int]) -> None:
        self.states.append(rows)
        self.inserts += [(len(self.states) - 1, *rows[number]) for number in inserted if number in rows]

    def added(self, rows: Rows, pairs: list[tuple[int, int]]) -> Rows:
        new = dict(rows)
        for pair in pairs:
            self.numbers += 1
            new[self.numbers] = pair
        return new

    def expected(self, name: str, upto: int) -> list[tuple[int, int, str, bool]]:
        start = self.offsets[name]
        if upto <= start:
            return []
        if STREAMS[name]:
            return sorted((k, v, "INSERT", False) for version, k, v in self.inserts if start < version <= upto)
        old, new = self.states[start], self.states[upto]
        changes = []
        for number in old.keys() | new.keys():
            before, after = old.get(number), new.get(number)
            if before == after:
                continue
            update = before is not None and after is not None
            if before is not None:
                changes.append((*before, "DELETE", update))
            if after is not None:
                changes.append((*after, "INSERT", update))
        return sorted(changes)

    # --- commands -----------------------------------------------------------------------------------------------

    @rule(pairs=st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=3))
    def insert(self, pairs: list[tuple[int, int]]) -> None:
        self.writer.run("INSERT INTO t VALUES " + ", ".join(str(pair) for pair in pairs))
        self.change(self.added(self.current(), pairs))

    @rule(key=KEYS, value=VALUES)
    def update(self, key: int, value: int) -> None:
        self.writer.run(f"UPDATE t SET v = {value} WHERE k = {key}")
        rows = {number: (k, value if k == key else v) for number, (k, v) in self.current().items()}
        self.change(rows)

    @rule(key=KEYS)
    def delete(self, key: int) -> None:
        self.writer.run(f"DELETE FROM t WHERE k = {key}")
        self.change({number: row for number, row in self.current().items() if row[0] != key})

    @rule(key=KEYS, value=VALUES, deletes=st.booleans())
    def merge(self, key: int, value: int, deletes: bool) -> None:
        matched = "DELETE" if deletes else "UPDATE SET v = s.v"
        self.writer.run(
            f"MERGE INTO t USING (SELECT {key} AS k, {value} AS v) s ON t.k = s.k WHEN MATCHED THEN {matched}"
            " WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)"
        )
        rows = self.current()
        if not any(row[0] == key for row in rows.values()):
            self.change(self.added(rows, [(key, value)]))
        elif deletes:
            self.change({number: row for number, row in rows.items() if row[0] != key})
        else:
            self.change({n: (k, value if k == key else v) for n, (k, v) in rows.items()})

    @rule(key=KEYS, value=VALUES)
    def update_from(self, key: int, value: int) -> None:
        self.writer.run(
            f"UPDATE t SET v = s.v FROM (SELECT {key} AS k, {value} AS v UNION ALL SELECT 99, 0) s WHERE t.k = s.k"
        )
        self.change({n: (k, value if k == key else v) for n, (k, v) in self.current().items()})

    @rule()
    def truncate(self) -> None:
        self.writer.run("TRUNCATE TABLE t")
        self.change({})

    @rule(pairs=st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=2))
    def overwrite(self, pairs: list[tuple[int, int]]) -> None:
        self.writer.run("INSERT OVERWRITE INTO t VALUES " + ", ".join(str(pair) for pair in pairs))
        self.change(self.added({}, pairs))

    @rule(name=st.sampled_from(sorted(STREAMS)), keep=st.booleans())
    def consume(self, name: str, keep: bool) -> None:
        """A DML that reads the stream moves it, whether or not it keeps a row."""
        where = "" if keep else " WHERE 1 = 0"
        upto = self.transaction.start if self.transaction is not None else len(self.states) - 1
        wanted = self.expected(name, upto)
        self.writer.run(f"INSERT INTO sink SELECT '{name}', k, v, METADATA$ACTION FROM {name}{where}")
        got = self.writer.value("SELECT COUNT(*) FROM sink")
        assert got == (len(wanted) if keep else 0)
        self.writer.run("DELETE FROM sink")
        if self.transaction is not None:
            self.transaction.consumed.add(name)
            self.transaction.dirty = True
        else:
            self.commit(self.states[-1], [])
            self.offsets[name] = max(self.offsets[name], upto)

    @precondition(lambda self: self.transaction is None)
    @rule()
    def begin(self) -> None:
        self.writer.run("BEGIN")
        self.transaction = Transaction(len(self.states) - 1, dict(self.states[-1]))

    @precondition(lambda self: self.transaction is not None)
    @rule(commits=st.booleans())
    def end(self, commits: bool) -> None:
        transaction = self.transaction
        assert transaction is not None
        self.transaction = None
        self.writer.run("COMMIT" if commits else "ROLLBACK")
        if commits and transaction.dirty:
            self.commit(transaction.rows, transaction.own_inserts)
            for name in transaction.consumed:
                self.offsets[name] = max(self.offsets[name], transaction.start)

    @precondition(lambda self: self.transaction is not None)
    @rule()
    def fail(self) -> None:
        """A statement that fails is undone alone."""
        error = self.writer.error("INSERT INTO t SELECT 'x'::STRING || k, v FROM (SELECT 7 AS k, 7 AS v)")
        assert error.errno == 100038

    @precondition(lambda self: self.transaction is None or not self.transaction.dirty)
    @rule(pair=st.tuples(KEYS, VALUES))
    def other_inserts(self, pair: tuple[int, int]) -> None:
        """The other session commits, also while the first one's transaction has not written yet."""
        self.other.run(f"INSERT INTO t VALUES {pair}")
        rows = self.added(self.states[-1], [pair])
        self.known.add(self.numbers)
        self.commit(rows, [self.numbers])
        if self.transaction is not None:
            self.transaction.rows = dict(self.states[-1])

    # --- what must hold -----------------------------------------------------------------------------------------

    @invariant()
    def streams_are_as_in_the_model(self) -> None:
        for name in self.offsets:
            if self.transaction is None:
                assert self.read(self.writer, name) == self.expected(name, len(self.states) - 1)
            elif name not in self.transaction.consumed:
                assert self.read(self.writer, name) == self.expected(name, self.transaction.start)
            assert self.read(self.other, name) == self.expected(name, len(self.states) - 1)

    @invariant()
    def rows_are_as_in_the_model(self) -> None:
        if self.offsets:
            assert sorted(self.writer.rows("SELECT k, v FROM t")) == sorted(self.current().values())
            assert sorted(self.other.rows("SELECT k, v FROM t")) == sorted(self.states[-1].values())

    def read(self, reader: Client, name: str) -> list[tuple[object, ...]]:
        return sorted(reader.rows(f"SELECT k, v, METADATA$ACTION, METADATA$ISUPDATE FROM {name}"))

    def teardown(self) -> None:
        self.account.close()


TestStreams = Streams.TestCase
TestStreams.settings = settings(
    max_examples=int(os.environ.get("PIPELINE_EXAMPLES", "20")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Without shrinking: each try opens an account, and the steps that failed are printed as they are.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
