"""Delimited text to tables: encodings, separators, headers, row numbers, rows of the wrong shape."""

import io

import pytest

from pipelines.errors import FileRefusedError
from pipelines.ingest.delimited import read_delimited, read_delimited_batches
from pipelines.ingest.encodings import _CHARACTER, detect_encoding, is_certain
from pipelines.ingest.text_table import TextTable, cleaned

HEADERS = {"编号", "名称", "日期", "id"}


def known(header: str) -> bool:
    return header in HEADERS


def read(text: str | bytes) -> TextTable:
    data = text.encode("utf-8") if isinstance(text, str) else text
    return cleaned(read_delimited(data, "t.csv", known))


def rows(table: TextTable) -> list[tuple[int, ...]]:
    """Row number and values, as in a spreadsheet."""
    return [
        (number, *values) for number, values in zip(table.row_numbers.to_list(), table.frame.iter_rows(), strict=True)
    ]


def faults(table: TextTable) -> list[tuple[int, str]]:
    return [(fault.row_number, fault.reason_code) for fault in table.faults]


PLAIN = "编号,名称\n1,甲\n2,乙\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (PLAIN.encode("utf-8"), "utf-8"),
        (PLAIN.encode("utf-8-sig"), "utf-8-sig"),
        (PLAIN.encode("gb18030"), "gb18030"),
        (PLAIN.encode("gbk"), "gb18030"),
        (PLAIN.encode("utf-16"), "utf-16"),
        (PLAIN.encode("utf-16-be"), "utf-16-be"),
        (PLAIN.encode("utf-16-le"), "utf-16-le"),
        (PLAIN.replace("\n", "\r\n").encode("gb18030"), "gb18030"),
    ],
)
def test_every_encoding_gives_the_same_table(data: bytes, encoding: str) -> None:
    table = read(data)
    assert table.headers == ("编号", "名称")
    assert rows(table) == [(2, "1", "甲"), (3, "2", "乙")]
    assert table.encoding == encoding


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_by_the_headers_it_gives(separator: str) -> None:
    # The comma inside the title would make two columns as well; only one separator makes known headers.
    table = read(f"编号{separator}名称{separator}备,注\n1{separator}甲{separator}x\n".replace("备,注", "备注"))
    assert table.headers == ("编号", "名称", "备注")
    assert rows(table) == [(2, "1", "甲", "x")]


def test_row_numbers_are_those_of_a_spreadsheet() -> None:
    table = read('\n编号,名称\n1,"甲\n乙"\n\n2\n3,丙,多\n,\n4,丁')
    #             1  2          3 (two lines) 4 5 6       7 8
    assert rows(table) == [(3, "1", "甲\n乙"), (8, "4", "丁")]
    assert faults(table) == [(5, "TOO_FEW_FIELDS"), (6, "TOO_MANY_FIELDS")]


def test_a_title_above_the_header_is_skipped() -> None:
    table = read("二〇二六年十月\n编号,名称\n1,甲\n")
    assert (table.headers, rows(table)) == (("编号", "名称"), [(3, "1", "甲")])


def test_values_are_trimmed_and_blanks_are_null() -> None:
    assert rows(read("编号,名称\n 1 ,\u3000甲\u00a0\n2,  \n")) == [(2, "1", "甲"), (3, "2", None)]


def test_an_unclosed_quote_is_a_fault_and_not_a_long_value() -> None:
    # The quote of row 2 closes in row 4, so that three lines have the shape of one row.
    table = read('编号,名称,日期\n1,"甲,x\n2,乙,y\n3,丙",z\n4,丁,w\n')
    assert faults(table) == [(2, "UNCLOSED_QUOTE")]
    assert rows(table) == [(3, "4", "丁", "w")]


def test_a_line_break_inside_a_quoted_value_is_no_fault() -> None:
    table = read('编号,名称,日期\n1,"甲，\n乙",x\n')
    assert (faults(table), rows(table)) == ([], [(2, "1", "甲，\n乙", "x")])


def test_a_header_without_rows_is_an_empty_table() -> None:
    assert rows(read("编号,名称\n")) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\n", "is empty"),
        (b"\x00\x01\x02\x03", "not text"),
        (b"PK\x03\x04\x00\x00\x08\x00", "not text"),
        (b"id\n\xff\xfe\xfd\x80", "not recognised"),
        (
            "编号,名称\n".encode() + "甲乙丙丁戊己庚辛壬癸,子丑寅卯辰巳午未申酉\n".encode() * 3 + b"\xe7\x94,x\n",
            "damaged",
        ),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(FileRefusedError, match=said) as caught:
        read(data)
    assert str(caught.value).startswith("t.csv: ")


def test_the_beginning_of_a_file_may_end_inside_a_character() -> None:
    assert detect_encoding("编号".encode()[:-1], "t.csv", whole=False) == "utf-8"
    assert detect_encoding("编号".encode("gb18030")[:-1], "t.csv", whole=False) == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_batches_hold_the_same_rows_as_the_whole(encoding: str) -> None:
    lines = ["编号,名称"] + [f"{n},甲{n}" if n % 1000 else f"{n}" for n in range(1, 20_001)]
    data = "\n".join(lines).encode(encoding)
    whole = read_delimited(data, "t.csv", known)
    batches = list(read_delimited_batches(io.BytesIO(data), io.BytesIO(data), "t.csv", known, rows=3000, block=1 << 14))
    assert len(batches) > 3
    assert [row for batch in batches for row in rows(batch)] == rows(whole)
    assert [fault for batch in batches for fault in faults(batch)] == faults(whole)
    assert len(faults(whole)) == 20


@pytest.mark.parametrize("text", ["喆中国有限责任公司，经营范围食品销售", "王喆，中国公民，现住天津市滨海新区"])
def test_a_character_that_gbk_added_does_not_shift_those_after_it(text: str) -> None:
    # 喆 is 86 B4: read apart, B4 and the D6 of 中 (D6 D0) would make a character that nobody wrote.
    assert [found.group().decode("gb18030") for found in _CHARACTER.finditer(text.encode("gb18030"))] == list(text)
    assert is_certain(text.encode("gb18030"), "gb18030")


#: As a value stands in the file, unquoted or as a program quotes it, and what it is.
GUARDED = [
    ('="0007"', "0007"),
    ('"=""0007"""', "0007"),
    ('　="0007" ', "0007"),
    ('"=""a""""b"""', 'a"b'),
    ('=""', None),
    ("'0007", "0007"),
    (" '0007", "0007"),
    ("'=SUM(A1)", "=SUM(A1)"),
    ("'+86", "+86"),
    ("'-5", "-5"),
    ("'@x", "@x"),
    # Any other formula, and an apostrophe before a letter, is text.
    ("=SUM(A1)", "=SUM(A1)"),
    ('"=""0""&""7"""', '="0"&"7"'),
    ("'甲", "'甲"),
    ("''7", "''7"),
    ("0'7", "0'7"),
    ("'", "'"),
    ("=", "="),
]


@pytest.mark.parametrize(("written", "value"), GUARDED)
@pytest.mark.parametrize("separator", [",", "\t"])
def test_what_keeps_a_spreadsheet_off_a_value_is_no_part_of_it(written: str, value: str | None, separator: str) -> None:
    text = "\n".join(separator.join(row) for row in (("编号", "名称"), (written, "甲"), ("8", "乙"))) + "\n"
    assert rows(read(text)) == [(2, value, "甲"), (3, "8", "乙")]


def test_a_guard_is_removed_in_every_batch_and_its_column_is_looked_at_anew() -> None:
    text = "编号,名称\n" + "".join(f"8,乙{at}\n" for at in range(200)) + '="#N/A",甲\n'
    data = text.encode()
    batches = list(read_delimited_batches(io.BytesIO(data), io.BytesIO(data), "t.csv", known, rows=50, block=1 << 10))
    assert len(batches) > 1
    assert [row for batch in batches for row in rows(batch)][-1] == (202, "#N/A", "甲")
    assert [batch.bytes["0"].may_begin_with_hash for batch in batches if batch.frame.height][-1]
    assert not batches[0].bytes["0"].may_begin_with_guard
