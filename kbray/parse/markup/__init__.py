"""HTML, XHTML, SVG and what becomes them → elements, by one walker."""
