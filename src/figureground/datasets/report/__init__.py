"""What a dataset holds: counts, and a page of HTML."""
