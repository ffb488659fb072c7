"""Documents for tests, written byte by byte: what a test says of one is all in which it differs from a sound small one."""
