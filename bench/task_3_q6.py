"""TPC-H Q6 over the table's own Parquet files"""
import task_2_q1

TITLE = "TPC-H Q6 over the table"
BAR = task_2_q1.BAR
QUERY = """select sum(l_extendedprice * l_discount) as revenue from {table}
 where l_shipdate >= date '1994-01-01' and l_shipdate < date '1995-01-01'
   and l_discount between 0.05 and 0.07 and l_quantity < 24"""
POLARS = """
import polars as pl, sys, datetime
from decimal import Decimal
c = pl.col
(pl.scan_parquet(sys.argv[1])
 .filter(c("l_shipdate") >= datetime.date(1994, 1, 1), c("l_shipdate") < datetime.date(1995, 1, 1),
         c("l_discount").is_between(Decimal("0.05"), Decimal("0.07")), c("l_quantity") < 24)
 .select((c("l_extendedprice") * c("l_discount")).sum()).collect())
"""
prepare = task_2_q1.prepare


def contenders(work, joist):
    return task_2_q1.contenders(work, joist, QUERY, POLARS)
