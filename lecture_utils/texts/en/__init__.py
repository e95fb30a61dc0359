"""The sentences of the English edition."""
