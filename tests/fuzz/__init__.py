"""Reading and slicing under inputs that nobody would write by hand."""
