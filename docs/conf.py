"""The book: `make book` builds docs/ into var/book, a warning is an error, and nothing is loaded from elsewhere."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

project = "Warrantydesk"
author = "the makers of Warrantydesk"
extensions = ["myst_parser", "photographs"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["pictures"]
myst_heading_anchors = 4
# Links from a page to the source tree (../warrantydesk/…) are for whoever reads it there.
# A rule of the policy is numbered as it was in the maker's own text.
suppress_warnings = ["myst.header"]
html_theme = "furo"
html_title = "Warrantydesk"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0a6863", "color-brand-content": "#0a6863"},
    "dark_css_variables": {"color-brand-primary": "#52cdc1", "color-brand-content": "#52cdc1"},
    "footer_icons": [],
}
