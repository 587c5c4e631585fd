"""What an editor asks about workflow files, answered without doing any I/O: the language server is a thin layer on it.

`analysis` reads a file once for each version of it; `index` knows every name in it and what it refers to; `workspace`
holds the files, unsaved buffers over those on disk, and looks across them. On these stand the answers: `completion`,
`hover`, `rename`, `outline`, `actions`, `signatures`, `folding`, `colours` and `hints`. Places are lines and columns in
characters, from 1, as in spans; `positions` turns them into the units a client counts in.
"""
