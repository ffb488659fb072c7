"""Plain text as its writers laid it out: blocks between blank lines, titles, lists, what stands at the edges of pages."""
