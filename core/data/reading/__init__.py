"""Reading tables as people bring them: files to rows of text, rows to columns of numbers, and what is said of both.

Libraries tell the encoding (chardet) and the dialect (clevercsv), and parse (pyarrow, pandas, calamine). What is here
decides what numbers mean, and says in words what was understood.
"""

from core.data.reading.choices import Choices
from core.data.reading.columns import ColumnReading, odd_cell, read_columns, read_values, shown
from core.data.reading.delimited import read_delimited
from core.data.reading.grid import Grid
from core.data.reading.notices import notices
from core.data.reading.spreadsheet import is_spreadsheet, read_spreadsheet

__all__ = [
    "Choices",
    "ColumnReading",
    "Grid",
    "is_spreadsheet",
    "notices",
    "odd_cell",
    "read_columns",
    "read_delimited",
    "read_spreadsheet",
    "read_values",
    "shown",
]
