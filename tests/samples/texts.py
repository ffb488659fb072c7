"""What the samples say. All of it was written for kbray; the tests check that these facts come out again."""

TITLE = "A Field Guide to Lost Files"
AUTHOR = "Wilhelmina Quill"

PREFACE = """<h1>Preface</h1>
<p>This guide is for those who keep other people's papers. It lists the files that get lost most often, where they hide, and
how to bring them home unharmed.</p>
<p>It was first written on the back of library cards<a epub:type="noteref" href="notes.xhtml#n1" id="r1">1</a> and has grown
since.
Nothing in it is true, but all of it has happened.</p>"""

HABITATS = """<h1>Part One: Habitats</h1>
<p>Files settle where nobody looks. Three habitats account for most sightings.</p>"""

ATTIC = """<h2>The Attic Folder</h2>
<p>An attic folder bears a name such as <i>old</i>, <i>old 2</i> or <i>do not delete</i>. It is dry, dark and never backed
up<a epub:type="noteref" href="notes.xhtml#n2" id="r2">2</a>, and it holds on average 214 files.</p>
<h3>Signs to look for</h3>
<ul>
<li>Dates in three formats
<ul><li>day first</li><li>month first</li></ul></li>
<li>Copies of copies</li>
<li>A shortcut that leads nowhere</li>
</ul>
<figure><img src="images/shelf.png" alt="A shelf with five folders; the third leans on its neighbour"/>
<figcaption>Figure 1. A healthy shelf in early spring.</figcaption></figure>
<p>An old rhyme helps to remember the order of work:</p>
<p>Count them first, then give them a name,<br/>
hash every one, for no two are the same;<br/>
what you can't open, write down and keep:<br/>
a file in the ledger is only asleep.</p>"""

CELLAR = """<h2>The Cellar Drive</h2>
<p>Cellar drives hum. Bring a lamp and a checksum:</p>
<pre>$ sha256sum survey.pdf
$ echo "seen in the cellar" &gt;&gt; ledger.txt</pre>
<table>
<caption>Table 1. Sightings by season</caption>
<thead><tr><th rowspan="2">Species</th><th colspan="2">Sightings</th></tr><tr><th>Spring</th><th>Autumn</th></tr></thead>
<tbody>
<tr><td>Greater Scan</td><td>17</td><td>42</td></tr>
<tr><td>Common Draft</td><td>120</td><td>98</td></tr>
<tr><td>Lesser Appendix</td><td colspan="2">never seen alive</td></tr>
</tbody>
</table>"""

SPECIES = """<h1>Part Two: Species</h1>
<p>Only three species are described here; the reader will meet the rest soon enough.</p>
<h2>The Greater Scan</h2>
<p>Large, grey and silent. A Greater Scan looks like text but holds none: it must be read aloud by a machine. Adults weigh up
to 40 MB a page.</p>
<h2>The Common Draft</h2>
<p>Always found in groups. The one called <code>final</code> is never the last<a epub:type="noteref" href="notes.xhtml#n3"
id="r3">3</a>.</p>
<blockquote><p>“I have seen a draft outlive its author, and both its readers.” (Quill, 1911)</p></blockquote>"""

NOTES = """<h1>Notes</h1>
<aside epub:type="footnote" id="n1"><p>Card 7, drawer 3; the drawer is lost too.</p></aside>
<aside epub:type="footnote" id="n2"><p>One backup was found in 1998, on a diskette used as a coaster.</p></aside>
<aside epub:type="footnote" id="n3"><p>The last one is called <i>final (3)</i>.</p></aside>"""

CHAPTERS = {
    "preface.xhtml": ("Preface", PREFACE),
    "part1.xhtml": ("Part One: Habitats", HABITATS),
    "attic.xhtml": ("The Attic Folder", ATTIC),
    "cellar.xhtml": ("The Cellar Drive", CELLAR),
    "part2.xhtml": ("Part Two: Species", SPECIES),
    "notes.xhtml": ("Notes", NOTES),
}
INSIDE = {"part1.xhtml": ("attic.xhtml", "cellar.xhtml")}  # what lies under what in the table of contents

HTML = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>How a file travels through kbray</title>
<style>nav { float: right }</style></head>
<body>
<h1>How a file travels through kbray</h1>
<p>A file is known by its SHA-256, not by its name. Five things happen to it, in this order.</p>
<ol>
<li>It is <b>synced</b>: seen, hashed and counted.</li>
<li>It is <b>claimed</b>, one part of sixteen pages at a time.</li>
<li>It is <b>parsed</b> in a process that may die without harm.</li>
<li>Its pictures of text are <b>recognised</b>.</li>
<li>It is <b>assembled</b>: nothing may be missing unsaid.</li>
</ol>
<h2>What is kept</h2>
<table>
<tr><th>File</th><th>For whom</th></tr>
<tr><td>elements.parquet</td><td>programs</td></tr>
<tr><td>document.md</td><td>people &amp; language models</td></tr>
<tr><td>document.json</td><td>whoever asks “is it all there?”</td></tr>
</table>
<h2>What is not</h2>
<p>Nothing is sent anywhere. The lamp stays on; the door stays shut.</p>
</body>
</html>
"""

MARKDOWN = """# Keeping a ledger

A ledger is a list of everything that *should* be there. It is dull on every day but one.[^day]

## Rules

1. Write the line before you do the work.
2. Never erase; strike through.
   - A struck line still counts.
3. Close the book each evening.

| Column   | Example            |
| -------- | ------------------ |
| Page     | 12                 |
| Produced | yes                |
| Reason   | `corrupt_document` |

## A day in the ledger

```text
08:10  page 1   produced   1804 characters
08:11  page 2   missing    water damage
```

> The empty line is the one to worry about.

[^day]: The day something is missing.
"""

LETTER = """THE LIGHTHOUSE AT GRAYPORT

14 October

Dear colleague,

the crates arrived on the evening boat: eleven boxes of logbooks, one box of eels (returned),
and the harbour-master’s card index. The index smells of tar, but every card is legible.

I have begun to count. So far: 1,204 cards, of which 37 refer to ships that never existed.
I shall keep those apart — “phantoms”, the boy calls them — and describe them last.

Please send more ink. Naïve as it sounds, I had expected the Ægir’s papers to be dry.

Yours,
Ottoline Frey
"""

BRIEF = """Lieber Herr Müller,

die Kartei aus dem Lesesaal ist vollständig. Es fehlen nur zwei Blätter: Nr. 88 (Flöße) und Nr. 90 (Brücken).
Das Café gegenüber hat sie als Untersetzer benutzt; der Wirt bedauert es außerordentlich.

Mit freundlichen Grüßen aus Würzburg,
Käthe Groß
"""

REPORT_TITLE = "A Survey of Shelves"
REPORT_HEADER = "Grayport Society for the Care of Papers"
REPORT_REST = "brighter than those of the south."  # of the last sentence of page 1, at the top of page 2
REPORT = (
    (
        ("1. Purpose", (
            "In the spring the Society counted every shelf between the harbour and the mill. The aim was simple: to learn how "
            "much paper the town keeps, and how much of it anyone could find again.",
            "Two walkers took the north side and two the south. Each carried a lamp, a ladder and a ledger. No shelf was "
            "counted twice, because each was marked with chalk.",
        )),
        ("2. Method", (
            "A shelf was measured in paces and its contents in hands. Loose sheets were weighed. Where a cupboard was locked, "
            "the walkers knocked; where nobody answered, they wrote down the smell.",
            "Of 412 shelves, 388 could be reached. The remaining 24 stood behind other shelves and were counted by their "
            "shadows, which the committee accepts as evidence for this year only, since the lamps of the north side were",
        )),
    ),
    (
        ("3. Results", (
            "The town keeps 9.3 tons of paper, most of it on the second floor. One sheet in five was found within a minute; one "
            "in three was never found at all.",
            "The oldest paper is a bill for candles from 1702. It has not been paid.",
        )),
        ("4. What should be done", (
            "The Society proposes three things: a ledger for every room, a lamp for every ledger, and a cat for every lamp.",
            "The cost is small. The treasurer thinks of 31 crowns a year, milk included, and will report again in autumn.",
        )),
    ),
)  # fmt: skip

NOTICE_TITLE = "NOTICE TO ALL READERS"
NOTICE = (
    "The reading room will be closed on Monday",
    "while the catalogue is counted.",
    "Books on loan may be kept until Friday.",
    "Please return the brass lamp to desk 4.",
    "",
    "Grayport Library, 3 March 1924",
)

MEETING_TITLE = "Minutes of the Shelf Committee"
MEETING_PRESENT = ("Wilhelmina Quill, chair", "Ottoline Frey", "the cat")
MEETING_DECISIONS = (("Item", "Decision", "By"), ("Lamps", "Buy twelve", "May"), ("Ladder", "Repair, then lock up", "June"))
MEETING_CLOSING = "The meeting closed at a quarter past nine, when the lamp went out."
