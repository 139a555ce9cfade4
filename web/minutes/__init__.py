"""The minutes (biên bản) of a meeting: a page to print, and a DOCX with the same content.

`paper.py` puts what `rooms.minutes` knows into words, once; the page (`pages.py`, `minutes.html`)
and the file (`word.py`) only differ in how they set it.

Whatever language the reader has chosen, minutes are in Vietnamese: they are a document of a
Vietnamese administration. Their form is that of Decree 30/2020/NĐ-CP: layout by appendix I, order
of the parts by the form for minutes in appendix III.
"""
