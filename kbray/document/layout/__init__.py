"""From words with boxes to elements in reading order: pure geometry, the same for a PDF's text layer and for recognised pages.

words → lines (`lines`) → columns in reading order (`columns`) → paragraphs (`paragraphs`) → elements (`structure`).
All lengths are points with the origin at the top left of the page as displayed.
"""
