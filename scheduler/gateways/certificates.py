"""The certificate as a PDF of one page, with the letters it uses embedded (ISO 32000-1).

The font has Latin, Greek and Cyrillic letters. A name in another script is left to be written by hand, on a
line: a name in wrong letters would be worse than none.
"""

import unicodedata
from datetime import UTC, datetime, time
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align
from fpdf.fonts import TTFFont

from scheduler.domain.certificates import TITLE, Certificate

FONT = Path(__file__).parent / "fonts" / "dejavu-sans-subset.ttf"
INK, SOFT = (31, 41, 51), (90, 100, 112)
MARGIN = 25  # millimetres


def pdf_of(certificate: Certificate) -> bytes:
    """Return a certificate as a file, the same bytes for the same certificate."""
    pdf = _page(certificate)
    _line(pdf, TITLE, size=34, above=45)
    name = unicodedata.normalize("NFC", certificate.name)
    if has_letters_for(name):
        _line(pdf, name, size=24, above=26)
    else:
        pdf.ln(38)
        pdf.line(MARGIN + 40, pdf.get_y(), pdf.w - MARGIN - 40, pdf.get_y())
    for number, words in enumerate(certificate.words):
        _line(pdf, words, size=15, above=4 if number else 12)
    _line(pdf, certificate.given, size=11, above=22, ink=SOFT)
    made = bytes(pdf.output())
    _font(pdf).close()
    return made


def has_letters_for(name: str) -> bool:
    """Tell whether the font can write a name as its person does: left to right, every letter there is."""
    pdf = FPDF()
    pdf.add_font("Certificate", fname=FONT)
    font = _font(pdf)
    known = frozenset(font.cmap)
    font.close()
    return all(
        ord(letter) in known and unicodedata.bidirectional(letter) not in ("R", "AL") for letter in name
    )


def _font(pdf: FPDF) -> TTFFont:
    font = pdf.fonts["certificate"]
    assert isinstance(font, TTFFont)
    return font


def _page(certificate: Certificate) -> FPDF:
    pdf = FPDF(orientation="landscape", format="letter")
    pdf.set_creation_date(datetime.combine(certificate.made_on, time(), UTC))
    pdf.set_title(TITLE)
    pdf.set_lang("en")
    pdf.add_font("Certificate", fname=FONT)
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    pdf.set_draw_color(*SOFT)
    pdf.rect(12, 12, pdf.w - 24, pdf.h - 24)
    pdf.set_y(0)
    return pdf


def _line(pdf: FPDF, words: str, *, size: int, above: int, ink: tuple[int, int, int] = INK) -> None:
    pdf.ln(above)
    pdf.set_font("Certificate", size=size)
    pdf.set_text_color(*ink)
    pdf.multi_cell(0, size * 0.5, words, align=Align.C, new_x="LMARGIN", new_y="NEXT")
