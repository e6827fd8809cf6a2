"""What a program that uses clickhouse-connect gets to see.

One JSON document on stdout. TABLE is the table to read, INSERT one to write to (empty: the caller may only read).
"""
import datetime
import decimal
import json
import os
import uuid
from importlib.metadata import version

import clickhouse_connect
from clickhouse_connect import common
from clickhouse_connect.driver.exceptions import ClickHouseError

TABLE, INSERT = os.environ["TABLE"], os.environ.get("INSERT", "")
COLUMNS = "u64, s, t, n0, n1, a, lc, m, f, d, e, u, tp, b, dt"
METHODS = {"none": False, "gzip": "gzip", "lz4": "lz4", "zstd": "zstd", "any": True}


def connect(compress, **options):
    return clickhouse_connect.get_client(
        host=os.environ["CLICKHOUSE_HOST"],
        port=int(os.environ["CLICKHOUSE_PORT"]),
        proxy_path=os.environ.get("CLICKHOUSE_PATH", ""),
        username=os.environ["CLICKHOUSE_USER"],
        password=os.environ["CLICKHOUSE_PASSWORD"],
        compress=compress,
        **options,
    )


def code_of(action):
    try:
        action()
        return None
    except ClickHouseError as error:
        return error.code if getattr(error, "code", None) else str(error)


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, int) and value > 2**53:
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def types(client, table):
    result = client.query(f"SELECT {COLUMNS} FROM {table} LIMIT 1")
    return {name: plain(value) for name, value in zip(result.column_names, result.first_row)}


def streamed(client, query):
    rows = 0
    with client.query_row_block_stream(query) as stream:
        for block in stream:
            rows += len(block)
    return rows


def read(client):
    return {
        "rows": streamed(client, "SELECT number, toString(number) FROM numbers(300000)"),
        "fault": code_of(lambda: streamed(client, "SELECT number, throwIf(number = 1500000) FROM numbers(2000000)")),
        "unknown": code_of(lambda: client.query("SELECT * FROM nowhere")),
        "types": types(client, TABLE),
    }


def insert(client, source):
    client.command(f"TRUNCATE TABLE {INSERT}")
    client.insert(INSERT, source * 1000)
    return {"rows": client.query(f"SELECT * FROM {INSERT}").row_count, "types": types(client, INSERT)}


def in_session(client):
    """Settings and temporary tables stay from one request of a session to the next."""
    client.command("SET max_threads = 3")
    client.command("CREATE TEMPORARY TABLE kept (n UInt8)")
    client.insert("kept", [[1], [2]], column_names=["n"], column_type_names=["UInt8"])
    threads, total = client.query("SELECT toUInt8(getSetting('max_threads')), sum(n) FROM kept").first_row
    return {"threads": threads, "sum": total}


def main():
    # A server marks every setting as not to be changed for who only reads; which of them it takes all the same is its say.
    common.set_setting("invalid_setting_action", "send")
    clients = {name: connect(compress) for name, compress in METHODS.items()}
    client = clients["any"]
    bound = client.query("SELECT {text:String}", parameters={"text": "it's\ta \\ 'quote'"}).first_row[0]
    limited = client.query("SELECT 1", settings={"max_execution_time": 30, "session_timezone": "Europe/Berlin"})
    result = {
        "version": version("clickhouse-connect"),
        "server": client.server_version,
        "ping": client.ping(),
        "reads": {name: read(each) for name, each in clients.items()},
        "bound": bound,
        "limited": limited.first_row[0],
        "raw": client.raw_query("SELECT 1 AS one", fmt="JSONEachRow").decode(),
        "errors": {
            "syntax": code_of(lambda: client.query("SELEC 1")),
            "create": code_of(lambda: client.command("CREATE TABLE IF NOT EXISTS made_by_python (a UInt8) ENGINE = Memory")),
        },
    }
    if INSERT:
        source = client.query(f"SELECT {COLUMNS} FROM {TABLE}").result_rows
        result["inserted"] = {name: insert(each, source) for name, each in clients.items()}
        result["session"] = in_session(connect(True, session_id="python"))
    print(json.dumps(result))


main()
