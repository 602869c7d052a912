"""Workbooks written part by part, to have in them what no library of ours would write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_WORKBOOK = '<workbook xmlns:r="r">{properties}<sheets>{sheets}</sheets>{calculation}</workbook>'
_LINK = '<Relationship Id="r{n}" Type="x/{kind}" Target="{target}"/>'


def number(digits: str, style: int = 0) -> str:
    """A numeric cell as it stands in the file; its reference is put in later."""
    return f'<c s="{style}"><v>{digits}</v></c>'


def text(value: str, style: int = 0) -> str:
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def error(value: str) -> str:
    return f'<c t="e"><v>{value}</v></c>'


DATE = 1
"""The style of dates in every workbook made here; fonts follow from 2 on."""


def by_hand(
    sheets: Mapping[str, Sequence[Sequence[str | None]]],
    *,
    merges: Sequence[str] = (),
    fonts: Sequence[str] = (),
    strings: str = "",
    main: str = "xl/workbook.xml",
    properties: str = "",
    calculation: str = "",
    separator: str = "/",
) -> bytes:
    """``sheets``: by name, rows of cells. A cell is text, or XML as the functions above write it."""
    folder, _, name = main.rpartition("/")
    parts = {
        "_rels/.rels": f'<Relationships><Relationship Id="a" Type="x/officeDocument" Target="{main}"/></Relationships>',
        main: _WORKBOOK.format(
            properties=properties,
            calculation=calculation,
            sheets="".join(
                f'<sheet name="{escape(title)}" r:id="r{n}"/>' for n, title in enumerate(sheets)
            ),
        ),
        f"{folder}/_rels/{name}.rels": "<Relationships>"
        + "".join(
            _LINK.format(n=n, kind="worksheet", target=f"worksheets/sheet{n}.xml")
            for n in range(len(sheets))
        )
        + _LINK.format(n="s", kind="sharedStrings", target="sharedStrings.xml")
        + _LINK.format(n="t", kind="styles", target="styles.xml")
        + "</Relationships>",
        f"{folder}/styles.xml": "<styleSheet><fonts><font/>"
        + "".join(f'<font><name val="{font}"/></font>' for font in fonts)
        + '</fonts><cellXfs><xf/><xf numFmtId="14"/>'
        + "".join(f'<xf fontId="{n}"/>' for n in range(1, len(fonts) + 1))
        + "</cellXfs></styleSheet>",
    }
    if strings:
        parts[f"{folder}/sharedStrings.xml"] = f"<sst>{strings}</sst>"
    for n, rows in enumerate(sheets.values()):
        merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in merges)
        parts[f"{folder}/worksheets/sheet{n}.xml"] = (
            "<worksheet><sheetData>"
            + "".join(_row(line, cells) for line, cells in enumerate(rows, start=1))
            + f"</sheetData><mergeCells>{merged}</mergeCells></worksheet>"
        )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for path, content in parts.items():
            book.writestr(path.replace("/", separator), content)
    return target.getvalue()


def _row(line: int, cells: Sequence[str | None]) -> str:
    out = ""
    for position, cell in enumerate(cells):
        if cell is not None:
            xml = cell if cell.startswith("<c ") else text(cell)
            out += xml.replace("<c ", f'<c r="{chr(65 + position)}{line}" ', 1)
    return f'<row r="{line}">{out}</row>'
