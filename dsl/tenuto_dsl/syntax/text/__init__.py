"""The text form: scanning, parsing, recovering from mistakes, building the tree."""
