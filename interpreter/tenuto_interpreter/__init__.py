"""The pure half of Tenuto: the intermediate representation of workflows and the machine that runs it.

Nothing here does I/O, reads a clock or draws a random number. `machine` has the essay; `ir` the programs, `events` and
`commands` what goes in and out, `types` and `values` the language's types, `expr` its expressions, `codec` how values
are stored, `virtual` a run in virtual time.
"""
