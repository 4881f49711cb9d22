"""One way to write a spec: keys in the order of the schema, two blanks a level, comments where they were. Pure.

``parts`` reads a text as blocks and entries, each with its comments; ``order`` says in which order keys come;
``written`` writes the blocks again, and makes sure that nothing but the looks has changed.
"""
