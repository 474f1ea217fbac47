#!/usr/bin/env python3
"""spark_reads - Spark reads what spark_samples.py made, in columns, and writes it again for the comparison

    spark_reads.py FOLDER     FOLDER/in/*.parquet and the tables of FOLDER/warehouse become FOLDER/out/NAME

Files by Spark's own vectorised reader, nested columns too; tables by Iceberg's, which reads in columns what is flat. A file
that Spark's planner would read row by row is a failure.
"""
import json
import os
import sys
from pathlib import Path

from pyspark.sql import SparkSession

JARS = ",".join(str(path) for path in Path(os.environ["JOIST_JARS"]).glob("*.jar"))
CATALOG = "spark.sql.catalog.default"


def open_session(folder):
    settings = {
        "spark.jars": JARS, "spark.ui.enabled": "false", "spark.driver.memory": "2g", "spark.sql.session.timeZone": "UTC",
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        CATALOG: "org.apache.iceberg.spark.SparkCatalog", f"{CATALOG}.type": "jdbc", f"{CATALOG}.jdbc.schema-version": "V1",
        f"{CATALOG}.uri": f"jdbc:sqlite:{folder}/warehouse/catalog.db", f"{CATALOG}.warehouse": f"{folder}/warehouse",
        "spark.sql.parquet.enableVectorizedReader": "true", "spark.sql.parquet.enableNestedColumnVectorizedReader": "true",
        "spark.sql.iceberg.vectorization.enabled": "true", "spark.sql.legacy.parquet.nanosAsLong": "true",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS", "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
        "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def is_in_columns(frame):
    return "ColumnarToRow" in frame._jdf.queryExecution().executedPlan().toString()


def is_flat(frame):
    return all(field.dataType.typeName() not in ("array", "map", "struct") for field in frame.schema)


def take(frame, name, folder, must_be_columns):
    assert not must_be_columns or is_in_columns(frame), "read row by row"
    frame.coalesce(1).write.parquet(f"{folder}/out/{name}")


def main():
    folder = os.path.abspath(sys.argv[1])
    session, failed = open_session(folder), {}
    frames = {path.stem: lambda path=path: session.read.parquet(str(path)) for path in Path(folder, "in").glob("*.parquet")}
    tables = [row.tableName for row in session.sql("show tables in default.samples").collect()]
    frames.update({name: lambda name=name: session.table(f"default.samples.{name}") for name in tables})
    for name in sorted(frames):
        try:
            frame = frames[name]()
            take(frame, name, folder, name not in tables or is_flat(frame))
        except Exception as error:  # of the JVM, whatever it was
            failed[name] = str(error)[:2000]
    with open(f"{folder}/failed.json", "w", encoding="utf-8") as file:
        json.dump(failed, file)
    session.stop()
    print(f"{len(frames)} files and tables read by Spark, {len(failed)} failed")


if __name__ == "__main__":
    main()
