"""From words with boxes to elements in reading order: pure geometry, the same for a PDF's text layer and for recognised pages.

words → tables between rules (`ruled`, `banded`), their headers (`heads`), and lines (`lines`) → columns in reading order
(`columns`) → tables by white space (`aligned`), blocks beside each other (`beside`), code (`listings`) and paragraphs
(`paragraphs`, `labelled`) → elements (`headings`, `structure`), some with the lines of their print (`verse`).
All lengths are points with the origin at the top left of the page as displayed.
"""
