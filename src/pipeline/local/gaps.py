"""Where the local account differs from Snowflake by decision, each with its reason; `docs/local-account.md` lists them.

What is refused by name is no gap of this kind: it can be found in the registries, and it never gives wrong rows.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """`here` is what the local account does, `reason` why, and what it means for a user."""

    what: str
    here: str
    reason: str


GAPS = (
    Gap(
        "Locks",
        "One transaction of the account writes at a time; others wait up to LOCK_TIMEOUT (000625). Snowflake locks "
        "tables and partitions. Readers never wait.",
        "The order of versions is then the order of commits, so no stream can pass over a row. A transaction that "
        "holds the lock and is idle for five minutes is rolled back when another one waits; its session is told so "
        "(391902) until its ROLLBACK.",
    ),
    Gap(
        "Reads within a transaction",
        "After its first write a transaction sees the account as it was at that write, and nobody can write meanwhile; "
        "before it, each statement sees the last commit.",
        "Nobody else can commit while it holds the lock, so READ COMMITTED shows the same rows.",
    ),
    Gap(
        "A failed statement in a transaction",
        "It is undone alone by doing the earlier statements again. If one of them drew values of UUID_STRING or of "
        "an AUTOINCREMENT column, the transaction is refused by name (391902) until ROLLBACK.",
        "DuckDB has no savepoints; a second draw would differ.",
    ),
    Gap(
        "Fractions of seconds",
        "Times have microseconds; TIMESTAMP(9) and TIME(9) are accepted, digits beyond the sixth are cut.",
        "DuckDB's timestamps with zones have microseconds.",
    ),
    Gap(
        "Names of columns",
        'Two columns of a table whose names differ only in case ("a" and A) are refused.',
        "DuckDB compares names of columns without regard to case.",
    ),
    Gap(
        "Append-only streams and updates",
        "A row that is inserted and then updated is shown as it was inserted; if both happen in one transaction, as "
        "that transaction left it.",
        "Snowflake's documentation leaves it open. The image within one transaction is not kept.",
    ),
    Gap(
        "METADATA$ROW_ID of views",
        "A stream on a view gives other ids than a stream on its table; those of a join are made of both rows' ids.",
        "Snowflake does not promise that they are equal either.",
    ),
    Gap(
        "Statements of one session",
        "They run one after the other, those sent asynchronously too. Statements of several sessions run at once.",
        "A session has one transaction.",
    ),
    Gap(
        "Roles and grants",
        "One user owns all; GRANT and REVOKE are accepted, SHOW GRANTS lists none, and nothing is ever forbidden.",
        "One person's machine. 003001 is never raised.",
    ),
    Gap(
        "Warehouses",
        "They are recorded and shown, and USE WAREHOUSE sets the current one; a statement needs none. 000606 is never "
        "raised.",
        "There is one machine. Tasks check that their warehouse exists.",
    ),
    Gap(
        "ON_ERROR = 'SKIP_FILE_n%'",
        "A file is left out when its errors reach n percent of its records, rounded down, but at least one.",
        "Recorded so from live accounts; the documentation says that the percentage must be exceeded.",
    ),
    Gap(
        "Numbers with an exponent in JSON",
        'TYPEOF of a number that is read by a path and has an exponent (`{"a": 1e3}`) is DECIMAL; in Snowflake DOUBLE. '
        "A check by TYPEOF takes such a number here that it rejects there.",
        "DuckDB's JSON functions write the numbers that they take out anew, without the exponent.",
    ),
    Gap(
        "Keys twice in PARSE_JSON",
        "PARSE_JSON keeps both; Snowflake takes it for an error, unless told to. COPY INTO refuses such a line as "
        "Snowflake does.",
        "DuckDB's JSON parser takes them.",
    ),
    Gap(
        "Floating-point results that are no number",
        "SQRT(-1), LN(0) and an overflow of FLOAT give NaN or an infinity; Snowflake refuses some of them.",
        "Which ones, and with what error, is not documented.",
    ),
    Gap(
        "Errors that are never raised",
        "001501 and 001503, as EXECUTE IMMEDIATE FROM is refused by name; 002300, as clustering keys are recorded "
        "only; `CREATE OR ALTER execution failed. Partial updates may have been applied.`, as it is done whole or not "
        "at all.",
        "Nothing here can fail in those ways.",
    ),
    Gap(
        "Sizes of stages' files",
        "md5 in LIST is that of the file. Snowflake's is that of the encrypted file.",
        "Files are not encrypted here.",
    ),
    Gap(
        "Text of error 090105 and its kin",
        "Texts for missing objects end without the advice on roles that accounts add nowadays.",
        "There are no roles to speak of. Match by number.",
    ),
    Gap(
        "Positions of errors",
        "Syntax errors and unknown columns have line and position; other errors of compilation have them where the "
        "text that Snowflake gives holds them.",
        "The parser keeps the places of names only.",
    ),
    Gap(
        "Retention",
        "Dropped tables and replaced row versions are removed when the account opens, not in the background.",
        "Nothing runs while the account is closed.",
    ),
    Gap(
        "Streams in a cloned schema or database",
        "CREATE SCHEMA … CLONE and CREATE DATABASE … CLONE are refused by name.",
        "What Snowflake does with the streams in them is not documented well enough to be copied.",
    ),
    Gap(
        "Stages' directory tables",
        "DIRECTORY = (ENABLE = TRUE) is recorded; a stream on a stage is refused by name.",
        "Nothing announces files that other programs put into a folder.",
    ),
    Gap(
        "DROP … RESTRICT",
        "Refused by name; DROP and DROP … CASCADE work.",
        "Foreign keys are recorded as text, so what depends on a table is not known.",
    ),
    Gap(
        "CREATE OR ALTER VIEW, STAGE, SCHEMA and DATABASE",
        "They answer as CREATE does: `… successfully created.`",
        "The text of their answers is not documented.",
    ),
    Gap(
        "Own numbers of errors",
        "391900: not supported by the local account. 391902: a transaction that cannot go on. 391903: a refusal of "
        "CREATE OR ALTER. 300002: a fault of this program, with its trace in the log. 300005: no memory left. "
        "300006: the disk is full or cannot be read.",
        "Snowflake has no such errors, or does not document their numbers.",
    ),
)
