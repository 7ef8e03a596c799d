"""Pictures and what is drawn on them: read, look, check, mend, choose, split, write.

Every tool is a function Dataset -> Dataset; readers and writers know the formats of other tools.
"""
