"""Why a file is refused or a row goes to quarantine, in both languages.

The code of a reason is stored and counted; its texts are what the person who mends the file reads.
Texts name the field and the rule, never the value: values are masked where the contract says PII.
"""

from pipelines.contract.model import Label
from pipelines.errors import FileRefusedError

#: The reason of a row whose personal data is a mask that nothing can take the place of.
MASKED = "MASKED_VALUE"
#: The same where the record was loaded since, with other values than the row's.
MASKED_LOADED_SINCE = "MASKED_LOADED_SINCE"
#: The reason of a row that withdraws a record nobody knows and does not say itself what it is.
UNKNOWN_WITHDRAWAL = "UNKNOWN_WITHDRAWAL"
#: Reasons for a row. `{field}` is the field's label, `{limit}` the bound of the contract or the expected.
ROW_REASONS: dict[str, Label] = {
    "MISSING_REQUIRED": Label(zh="“{field}”必填，此行为空。请补填。", en="`{field}` is required but empty. Fill it."),
    "UNREADABLE_DATE": Label(
        zh="“{field}”不是可识别的日期。请写成 2026-01-05 或 2026-01-05 09:03:00。",
        en="`{field}` is not a date. Write it as 2026-01-05 or 2026-01-05 09:03:00.",
    ),
    "UNREADABLE_NUMBER": Label(
        zh="“{field}”不是可识别的数值（{limit}）。请只填数字。",
        en="`{field}` is not a number ({limit}). Write digits only.",
    ),
    "UNREADABLE_BOOLEAN": Label(zh="“{field}”应为“是”或“否”。", en="`{field}` must be true or false, 是 or 否."),
    "UNKNOWN_CODE": Label(
        zh="“{field}”不在代码表内。可用：{limit}。", en="`{field}` is not in its code list. Use one of: {limit}."
    ),
    "BELOW_MINIMUM": Label(zh="“{field}”小于下限 {limit}。", en="`{field}` is below its minimum {limit}."),
    "ABOVE_MAXIMUM": Label(zh="“{field}”大于上限 {limit}。", en="`{field}` is above its maximum {limit}."),
    "TOO_LONG": Label(zh="“{field}”超过 {limit} 个字符。", en="`{field}` is longer than {limit} characters."),
    "MANGLED_ID": Label(
        zh="“{field}”已被电子表格改成数值，尾数丢失。请从系统重新导出，并把该列设为文本。",
        en="`{field}` became a number in a spreadsheet and lost digits. Export it again, the column as text.",
    ),
    "ERROR_CELL": Label(
        zh="“{field}”是表格公式的错误值（如 #N/A）。请更正公式或填入数值。",
        en="`{field}` is the error of a formula (such as #N/A). Correct the formula or write the value.",
    ),
    "UNCALCULATED_CELL": Label(
        zh="“{field}”是公式，但文件里没有存储其结果。请用表格软件打开该文件并保存后再载入。",
        en="`{field}` is a formula without a stored value. Open the file in a spreadsheet program and save it.",
    ),
    MASKED: Label(
        zh="“{field}”是掩码，找不到此行的原值（_批次、_文件、_row_number 或主键可能被改动）。请填写原值。",
        en="`{field}` is masked and its value not found (_批次, _文件, _row_number and key must stay). Write it.",
    ),
    MASKED_LOADED_SINCE: Label(
        zh="“{field}”是掩码；此记录已由后来的批次载入，内容与此行不同，原值已删除。不必再改的请删去此行，否则请填写原值。",
        en="`{field}` is masked; its record was loaded since with other values. Delete the row, or write the value.",
    ),
    UNKNOWN_WITHDRAWAL: Label(
        zh="此行撤回的记录从未载入，又缺少必填项，无从补全。请先载入该记录，或补填必填项。",
        en="The row withdraws a record that was never loaded, and lacks required fields. Load it first, or fill them.",
    ),
    "TOO_MANY_FIELDS": Label(
        zh="此行的列数多于表头（应为 {limit} 列）。请检查分隔符和引号。",
        en="The row has more fields than the header ({limit}). Check separators and quotes.",
    ),
    "TOO_FEW_FIELDS": Label(
        zh="此行的列数少于表头（应为 {limit} 列）。请检查分隔符和引号。",
        en="The row has fewer fields than the header ({limit}). Check separators and quotes.",
    ),
    "UNCLOSED_QUOTE": Label(
        zh="“{field}”的引号没有闭合，吞并了后面的行。请补上引号后重新导出。",
        en="A quote opened in `{field}` is not closed and swallows the lines after it. Close it and export again.",
    ),
    "UNREADABLE_LINE": Label(zh="此行不是一个 JSON 对象。", en="The line is not a JSON object."),
    "UNMAPPED_VALUE": Label(
        zh="“{field}”的来源取值未在映射文件中列出。请在映射的 values 中补充。",
        en="The source's value for `{field}` is not in the mapping. Add it to `values` there.",
    ),
}  # fmt: skip


def refused(name: str, *, zh: str, en: str) -> FileRefusedError:
    """An error that refuses the file `name` whole; `reason_of` gives back both texts."""
    error = FileRefusedError(f"{name}: {en}")
    error.add_note(f"{name}：{zh}")
    return error


def reason_of(error: FileRefusedError) -> Label:
    """Both texts of a refusal made by `refused`."""
    english = str(error)
    notes = getattr(error, "__notes__", None) or [english]
    return Label(zh=notes[0], en=english)
