"""A knowledge base from one machine, database or object store to another, by way of a bundle; which is its backup, too."""
