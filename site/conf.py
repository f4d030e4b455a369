"""Sphinx's configuration of the site; tools/website/pages.py makes the pages, `make site` builds them.

Nothing is executed: notebooks show the outputs that the repository keeps. Nothing is loaded from elsewhere:
the theme brings its own files, and formulas become MathML, which browsers draw without a script.
"""

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

project = html_title = "Stale Prices"
copyright = "the Stale Prices authors; text CC BY 4.0, code MIT"
extensions = ["myst_nb", "sphinx.ext.githubpages"]
exclude_patterns = ["notebooks"]  # those to download, as they are
suppress_warnings = ["mystnb.unknown_mime_type"]

nb_execution_mode = "off"
nb_merge_streams = True
nb_number_source_lines = False
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
myst_dmath_allow_labels = False
myst_dmath_allow_space = False  # "USD 5 $" and the like stay text
myst_dmath_allow_digits = False

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_math_renderer = "mathml"


def block(translator, node: nodes.math_block) -> None:
    translator.body.append(f"<p class='formula'>{convert(node.astext(), display='block')}</p>")
    raise nodes.SkipNode


def inline(translator, node: nodes.math) -> None:
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
