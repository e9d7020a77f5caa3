"""GET_DDL."""

from pipeline.local.errors import unsupported
from pipeline.local.session import Session


def get_ddl(session: Session, kind: str, name: str, qualified: bool) -> str:
    raise unsupported("GET_DDL")
