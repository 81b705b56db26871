"""Shows a document as a web page, for people without Word at hand."""

from io import BytesIO

import mammoth
import nh3

STYLES = "p[style-name='Title'] => h1:fresh"
ALLOWED_TAGS = {"h1", "p", "br", "strong", "em", "table", "thead", "tbody", "tr", "td", "th"}
ALLOWED_ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


def preview_html(docx: bytes) -> str:
    """Return the text and tables of a .docx as harmless HTML without links, pictures, scripts and styles.

    Page breaks, borders and alignment are the page's own: what is signed is the Word file.
    """
    html = mammoth.convert_to_html(BytesIO(docx), style_map=STYLES, include_default_style_map=False).value
    return nh3.clean(html, tags=ALLOWED_TAGS, attributes=ALLOWED_ATTRIBUTES)
