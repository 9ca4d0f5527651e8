"""Drawings for notebooks. Graphviz's program ``dot`` draws; without it a table says the same."""

import html
import re
import shutil
import subprocess


def svg_of(dot):
    """Graphviz text as an SVG element, or None where the program ``dot`` is missing or takes longer than 20 s."""
    program = shutil.which("dot")
    if program is None:
        return None
    try:
        drawn = subprocess.run([program, "-Tsvg"], input=dot, capture_output=True, text=True, timeout=20, check=True)
    except (subprocess.SubprocessError, OSError):
        return None
    return re.sub(r"<title>.*?</title>", "", drawn.stdout[drawn.stdout.index("<svg") :], flags=re.DOTALL)


def table_of(head, rows):
    """An HTML table; cells are text."""

    def line(cells, tag):
        return "<tr>" + "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    return f"<table><thead>{line(head, 'th')}</thead><tbody>{''.join(line(row, 'td') for row in rows)}</tbody></table>"
