"""A class: what is graded, by whom, and what is kept of it."""
