/*
Package workbook writes the Excel files that officials work with: the
supervision lists of a run, one workbook for each department and division, and
what a department should mend in the data it sent. People who will never open a
warehouse decide by these files, so they must open anywhere, keep every code
as it is, run nothing, and say where they come from.

# Cells

Codes, names, grades and shares are text cells in a column with the number
format "@", so an 18-character code is neither rounded nor shown as 9.1E+17,
also when it is typed anew. Counts are numbers. Days are text in the form
2026-04-01: it sorts, filters and reads the same in every locale, and survives
a save as CSV. An empty cell is "nothing there"; 未评价 is a value.

A text that a spreadsheet would take for a formula once the file is saved as
CSV is written with ※ before it; see [Neutral], and [Plain] for the way back.
Formulas are never written.

In a CSV file a code of digits alone would become a number, and the 16th digit
and those after it zeros. There it has ※ before it too; see [Guarded].

# To be filled in

The sheets of the classes are forms. All is locked, without a password, but the
columns that an inspector answers in: 检查日期, 检查结果, 发现问题, 整改情况, 文书编号
and 检查人员代码. 检查结果 takes a code of the sheet 结果代码, chosen or typed, or
several joined by ; as a drop-down gives one only. Each row ends in 行校验码, the
contract.RowCheck over 名单编号, 期间, 主管部门, 评价方案代码, 统一社会信用代码,
企业名称 and 监管类别 as they stand in the cells: so a row that comes back is checked
from itself, without the warehouse.

# The same bytes for the same run

The times in a workbook are the as-of day, the parts of its archive stand in
the order of their names under one fixed day, rows have a total order. Two
exports of a run are equal byte for byte, so a run's manifest can name the
files by digest.

# The digest of a list

说明 gives a digest of the list's rows: the row checks (行校验码) of every row
of the list, those that left included, in ascending order, each followed by a
line feed, under SHA-256. Anyone can recompute it from the columns, or from that
of the CSV file beside the workbook, with sort and sha256sum.
*/
package workbook
