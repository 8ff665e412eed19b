"""The form in which a body mends its records: what `hengfa remedy` writes and `hengfa load` reads.

A workbook with one sheet of rows, each one field of one record, and the marker sheet by which it is known.
"""

from pipelines.contract.model import Label

#: The sheet whose presence makes a workbook a correction form.
MARKER_SHEET = "hengfa_corrections"

#: Columns that are read back.
ENTITY, RECORD, FIELD, CORRECTED, WITHDRAW = "entity", "record_id", "field", "corrected", "withdraw"

#: All columns in their order.
COLUMNS: dict[str, Label] = {
    "severity": Label(zh="级别", en="Severity"),
    "label": Label(zh="问题", en="What is wrong"),
    "reason": Label(zh="原因", en="Why it matters"),
    "remedy": Label(zh="处置", en="What to do"),
    ENTITY: Label(zh="数据表", en="Table"),
    RECORD: Label(zh="记录编号", en="Record id"),
    FIELD: Label(zh="字段", en="Field"),
    "value": Label(zh="现值", en="Value now"),
    CORRECTED: Label(zh="更正值", en="Corrected value"),
    WITHDRAW: Label(zh="撤回填d", en="d to withdraw"),
    "source_file": Label(zh="来源文件", en="Source file"),
    "source_row": Label(zh="行", en="Row"),
    "expectation_id": Label(zh="规则", en="Expectation"),
}
