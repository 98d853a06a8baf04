"""Runs queries written for Athena over a folder of reports, as near to Athena as it goes without it.

Rows are read as the tables declare them: the JSON SerDe gives columns in lower case, and an object as text where the
column is a string. The SQL is parsed as Athena's dialect and executed by DuckDB. Reads a request from standard input
and writes the answer to standard output, both JSON.
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path

import duckdb
import sqlglot

PRIMITIVES = {"string": str, "bigint": int, "boolean": bool}
# Tables whose rows are in a folder of another name.
FOLDERS = {"packages": "sbom/images"}
DUCKDB_TYPES = {"string": "VARCHAR", "bigint": "BIGINT", "boolean": "BOOLEAN"}


def parse_type(text):
    """`struct<a:string,b:array<bigint>>` as nested tuples."""
    kind, _, inner = text.partition("<")
    if not inner:
        return kind
    inner = inner[:-1]
    if kind == "array":
        return ("array", parse_type(inner))
    fields, depth, start = {}, 0, 0
    for at, char in enumerate(inner + ","):
        depth += (char == "<") - (char == ">")
        if char == "," and depth == 0:
            name, _, field = inner[start:at].partition(":")
            fields[name] = parse_type(field)
            start = at + 1
    return ("struct", fields)


def duckdb_type(parsed):
    if isinstance(parsed, str):
        return DUCKDB_TYPES[parsed]
    kind, inner = parsed
    if kind == "array":
        return f"{duckdb_type(inner)}[]"
    return f"STRUCT({', '.join(f'{json.dumps(name)} {duckdb_type(of)}' for name, of in inner.items())})"


def as_declared(value, parsed, where, problems):
    """The value as the SerDe hands it to a column of this type; what does not fit is a problem."""
    if value is None:
        return None
    if parsed == "string" and isinstance(value, (dict, list)):
        if where != "evidence":
            problems.add(f"{where} is an object, declared as text")
        return json.dumps(value)
    if isinstance(parsed, str):
        if type(value) is not PRIMITIVES[parsed]:
            problems.add(f"{where} is {type(value).__name__}, declared as {parsed}")
        return value
    kind, inner = parsed
    if kind == "array":
        return [as_declared(one, inner, f"{where}[]", problems) for one in value]
    return fields(value, inner, f"{where}.", problems)


def fields(value, declared, prefix, problems):
    found = {key.lower(): one for key, one in value.items()}
    for key in found.keys() - declared.keys():
        problems.add(f"{prefix}{key} is written, and no column")
    for key in declared.keys() - found.keys():
        problems.add(f"{prefix}{key} is a column, and not written")
    return {key: as_declared(found.get(key), of, f"{prefix}{key}", problems) for key, of in declared.items()}


def rows_of(folder, columns, problems):
    for path in sorted(folder.rglob("*.ndjson.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = fields(json.loads(line), columns, "", problems)
                yield {
                    **row,
                    "$path": f"s3://reports/{folder.name}/{path.relative_to(folder)}",
                }


def main():
    request = json.load(sys.stdin)
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    problems, counts = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        for table, declared in request["tables"].items():
            columns = {name: parse_type(text) for name, text in declared.items()}
            found = set()
            file = Path(scratch) / f"{table}.ndjson"
            with file.open("w", encoding="utf-8") as out:
                count = 0
                for row in rows_of(Path(request["folder"]) / FOLDERS.get(table, table), columns, found):
                    out.write(f"{json.dumps(row)}\n")
                    count += 1
            types = {name: duckdb_type(of) for name, of in columns.items()}
            types["$path"] = "VARCHAR"
            listed = ", ".join(f"{json.dumps(name)}: '{of}'" for name, of in types.items())
            database.execute(
                f"CREATE TABLE {table} AS SELECT * FROM "
                f"read_json('{file}', format = 'newline_delimited', columns = {{{listed}}})"
            )
            problems[table], counts[table] = sorted(found), count
        answers = {}
        for query in request["queries"]:
            sql = sqlglot.parse_one(query["sql"], read="athena").sql(dialect="duckdb")
            result = database.execute(sql)
            names = [column[0] for column in result.description]
            answers[query["id"]] = [dict(zip(names, row)) for row in result.fetchall()]
    json.dump({"problems": problems, "counts": counts, "answers": answers}, sys.stdout, default=str)


if __name__ == "__main__":
    main()
