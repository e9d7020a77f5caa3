"""Run by test_clients.py in SQLAlchemy's environment: prints what it saw as JSON."""

import json
import os
import sys

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, inspect, select, text

given = {name: os.environ[f"LOCAL_{name.upper()}"] for name in ("account", "user", "password", "host", "port")}
engine = create_engine(
    f"snowflake://{given['user']}:{given['password']}@{given['account']}/",
    connect_args={"host": given["host"], "port": int(given["port"]), "protocol": "http"},
)
with engine.connect() as connection:
    connection.execute(text("CREATE DATABASE sa"))
    connection.execute(text("USE SCHEMA sa.public"))
    metadata = MetaData()
    people = Table(
        "people", metadata, Column("id", Integer, primary_key=True, autoincrement=False), Column("name", String(50))
    )
    metadata.create_all(connection)
    connection.execute(people.insert(), [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}])
    connection.commit()
    seen = inspect(connection)
    found = {
        "rows": [list(row) for row in connection.execute(select(people).where(people.c.id > 1))],
        "tables": seen.get_table_names(),
        "columns": [column["name"] for column in seen.get_columns("people")],
        "key": seen.get_pk_constraint("people")["constrained_columns"],
    }
engine.dispose()
sys.stdout.write(json.dumps(found))
