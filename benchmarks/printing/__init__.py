"""Documents of known structure, made on the spot, and their prints."""
