"""How Sphinx builds the site; `autograder.site.building` runs it."""

import html
import json
import re
from pathlib import Path

from docutils import nodes

HERE = Path(__file__).parent
README = (HERE.parents[2] / "README.md").read_text(encoding="utf-8")

project = README.partition("\n")[0].removeprefix("# ")
language = "en"
extensions = ["myst_nb", "sphinx.ext.githubpages"]
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "off"
templates_path = ["templates"]
highlight_language = "python"

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["static"]
html_css_files = ["katex/katex.min.css", "course.css"]
html_js_files = [("katex/katex.min.js", {"defer": "defer"}), ("course.js", {"defer": "defer"})]
html_math_renderer = "katex"
html_copy_source = False
html_use_index = False
html_permalinks_icon = "#"
html_context = {"default_mode": "auto"}
html_sidebars = {"**": ["lessons.html"]}
html_theme_options = {
    "logo": {"text": "Norms course"},
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "article_header_start": [],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "show_toc_level": 2,
    "search_bar_text": "Search the lessons",
    "footer_start": ["licence.html"],
    "footer_end": [],
    "back_to_top_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def visit_math(self, node):
    """Write a formula as TeX, which KaTeX turns into mathematics in the browser."""
    self.body.append(f'<span class="tex">{html.escape(node.astext(), quote=False)}</span>')
    raise nodes.SkipNode


def visit_math_block(self, node):
    """Write a formula on a line of its own."""
    self.body.append(f'<div class="tex display">{html.escape(node.astext(), quote=False)}</div>')
    raise nodes.SkipNode


def section_of(node):
    """Innermost section around a node."""
    while not isinstance(node, nodes.section):
        node = node.parent
    return node


def block_text(block):
    """Text of a paragraph or of some code; formulas and underlines are left out."""
    texts = (" … " if isinstance(text.parent, nodes.math) else text for text in block.findall(nodes.Text))
    return re.sub(r"-{3,}", "", "".join(texts))


def section_text(section):
    """What can be found in a section: its prose and code, without what is folded."""
    texts, folded = [], False
    for node in section.findall():
        if isinstance(node, nodes.raw):
            folded = "<details" in node.astext() or (folded and "</details>" not in node.astext())
        is_block = isinstance(node, nodes.paragraph | nodes.literal_block)
        if is_block and not folded and section_of(node) is section:
            texts.append(block_text(node))
    return " ".join(" ".join(texts).split())


def collect_sections(app, doctree, docname):
    """Note the sections of a page for the search."""
    title = next(doctree.findall(nodes.title)).astext()
    app.course_sections += [
        {
            "page": title,
            "title": section.next_node(nodes.title).astext(),
            "url": f"{docname}.html#{section['ids'][0]}",
            "text": section_text(section),
        }
        for section in doctree.findall(nodes.section)
    ]


def write_sections(app, error):
    """Write the sections as a script, since a page opened from a folder can read nothing else."""
    if not error:
        text = f"const SECTIONS = {json.dumps(app.course_sections, ensure_ascii=False)};\n"
        (Path(app.outdir) / "_static" / "sections.js").write_text(text, encoding="utf-8")


def setup(app):
    """Let Sphinx know of all this."""
    app.course_sections = []
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    app.connect("doctree-resolved", collect_sections)
    app.connect("build-finished", write_sections)
