"""Minutes as a DOCX, set as Decree 30/2020/NĐ-CP, appendix I, wants it: A4, margins of 20 mm and
30 mm at the left, Times New Roman of 13 and 14 points, the page's number in the middle of the upper
margin and none on the first page.
"""

import io
import re
from datetime import datetime
from typing import Any, Final

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as DocxTable
from docx.text.paragraph import Paragraph as DocxParagraph

from web.minutes.paper import MOTTO, STATE, Paper, Paragraph, Run, Signature, Table

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT: Final = "Times New Roman"

_UNFIT: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Whatever XML 1.0 has no place for (https://www.w3.org/TR/xml/#charsets)."""
_COLUMNS_MM: Final = (11, 55, 54, 20, 20)
_TEXT_MM: Final = 210 - 30 - 20
_CENTER: Final = WD_ALIGN_PARAGRAPH.CENTER


def word(paper: Paper, *, made_at: datetime) -> bytes:
    """The file. Whatever people wrote stands in it as text."""
    document = Document()
    _set_page(document)
    _set_style(document)
    properties = document.core_properties
    properties.title = _fit(f"{paper.title}: {paper.subject}")
    properties.author = _fit(paper.issuer)
    properties.comments = ""
    properties.language = "vi-VN"
    properties.created = properties.modified = made_at
    _head(document, paper)
    for text, after in ((paper.title, 0), (paper.subject, 12)):
        _write(document.add_paragraph(), Run(text, bold=True), size=14, align=_CENTER, after=after)
    for block in paper.body:
        if isinstance(block, Table):
            _table(document, block)
        else:
            _paragraph(document, block)
    _close(document, paper)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_page(document: DocumentType) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin = Mm(30)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = _CENTER
    field: Any = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number._p.append(field)


def _set_style(document: DocumentType) -> None:
    for name in ("Normal", "Header"):
        style: Any = document.styles[name]
        style.font.name = FONT
        style.font.size = Pt(14)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), FONT)
    form = document.styles["Normal"].paragraph_format
    form.space_before = Pt(0)
    form.space_after = Pt(6)
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    form.widow_control = True


def _head(document: DocumentType, paper: Paper) -> None:
    left, right = _columns(document, 65, 95)
    _write(left.paragraphs[0], Run(paper.above), size=13, align=_CENTER, after=0)
    _write(left.add_paragraph(), Run(paper.issuer, bold=True), size=13, align=_CENTER, after=0)
    _rule(left, 22)
    _write(left.add_paragraph(), Run(paper.number), size=13, align=_CENTER)
    _write(right.paragraphs[0], Run(STATE, bold=True), size=12, align=_CENTER, after=0)
    _write(right.add_paragraph(), Run(MOTTO, bold=True), size=13, align=_CENTER, after=0)
    _rule(right, 20)


def _paragraph(document: DocumentType, block: Paragraph) -> None:
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    if block.kind == "blank":
        form.tab_stops.add_tab_stop(Mm(_TEXT_MM), leader=WD_TAB_LEADER.DOTS)
        paragraph.add_run("\t")
        return
    form.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    if block.kind == "words":
        form.alignment = WD_ALIGN_PARAGRAPH.LEFT
        form.left_indent = Mm(20)
    else:
        form.first_line_indent = Mm(10)
        form.keep_with_next = block.text.endswith(":")
    for run in block.runs:
        _write(paragraph, run)


def _table(document: DocumentType, block: Table) -> None:
    table = document.add_table(rows=1, cols=len(block.head))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    head: Any = table.rows[0]._tr
    head.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # again on the next page
    for cell, name in zip(table.rows[0].cells, block.head, strict=True):
        _write(cell.paragraphs[0], Run(name, bold=True), size=13, align=_CENTER, after=2)
    for row in block.rows:
        for column, (cell, text) in enumerate(zip(table.add_row().cells, row, strict=True)):
            align = WD_ALIGN_PARAGRAPH.LEFT if column in (1, 2) else _CENTER
            _write(cell.paragraphs[0], Run(text), size=13, align=align, after=2)
    _widths(table, _COLUMNS_MM)
    _write(document.add_paragraph(), Run(""), size=6, after=0)


def _close(document: DocumentType, paper: Paper) -> None:
    _write(document.add_paragraph(), Run(""), size=6, after=0)
    left, right = _columns(document, _TEXT_MM // 2, _TEXT_MM // 2)
    for cell, signature in ((left, paper.secretary), (right, paper.chair)):
        _signature(cell, signature)
    copies = document.add_paragraph()
    _write(copies, Run("Nơi nhận:", bold=True, italic=True), size=12, after=0)
    for copy in paper.copies:
        _write(document.add_paragraph(), Run(f"- {copy};"), size=11, after=0)
    last = document.add_paragraph()
    last.paragraph_format.space_before = Pt(12)
    _write(last, Run(paper.printed, italic=True), size=11)


def _signature(cell: Any, signature: Signature) -> None:
    """Never torn from its name by the end of a page."""
    lines = (
        (Run(signature.office, bold=True), 0),
        (Run("(Ký, ghi rõ họ tên)", italic=True), 60),
        (Run(signature.name, bold=True), 6),
    )
    for number, (run, after) in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        _write(paragraph, run, align=_CENTER, after=after)


def _columns(document: DocumentType, left: int, right: int) -> tuple[Any, Any]:
    """Side by side, without lines; widths in millimetres."""
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    row: Any = table.rows[0]._tr
    row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    _widths(table, (left, right))
    cells = table.rows[0].cells
    return cells[0], cells[1]


def _widths(table: DocxTable, millimetres: tuple[int, ...]) -> None:
    """On each cell too: LibreOffice looks at nothing else."""
    for column, width in zip(table.columns, millimetres, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _rule(cell: Any, indent: int) -> None:
    """A thin line below, so many millimetres shorter than the cell on each side."""
    paragraph = cell.add_paragraph()
    _write(paragraph, Run(""), size=4, after=2)
    paragraph.paragraph_format.left_indent = Mm(indent)
    paragraph.paragraph_format.right_indent = Mm(indent)
    borders: Any = OxmlElement("w:pBdr")
    line: Any = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    properties = paragraph._p.get_or_add_pPr()
    # its place among the properties is fixed by the schema (CT_PPrBase)
    properties.insert_element_before(borders, "w:shd", "w:spacing", "w:ind", "w:jc")


def _write(
    paragraph: DocxParagraph,
    run: Run,
    *,
    size: int | None = None,
    align: WD_ALIGN_PARAGRAPH | None = None,
    after: int | None = None,
) -> None:
    written = paragraph.add_run(_fit(run.text))
    written.bold = run.bold or None
    written.italic = run.italic or None
    if size is not None:
        written.font.size = Pt(size)
    if align is not None:
        paragraph.alignment = align
    if after is not None:
        paragraph.paragraph_format.space_after = Pt(after)


def _fit(text: str) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
