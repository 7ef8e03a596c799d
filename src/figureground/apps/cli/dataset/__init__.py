"""The subcommands of `figureground dataset`: a file a verb."""
