"""What happens in zones, as lines of JSON, a table, pictures of the moment, and calls of a web address."""
