"""What the checks of the exercises say."""

TEXTS = {
    "check.right": "Right.",
    "check.nothing": "Not yet: your answer is still None. Write your own line, run the cell, and look here again. A first hint: hint({name!r}).",
    "check.raised": "Not yet: your code stopped with {kind}: {message}. Nothing is lost; change the line and run the cell again.",
    "check.not_a_function": "Not yet: this exercise wants a function, and you gave a {kind}. Write check(..., my_function), without calling it.",
    "check.shape": "Not yet: your answer has the shape {given}; this exercise wants {expected}.",
    "check.differs": "Not yet: the numbers differ from the right ones by up to {distance:.3g}. A hint: hint({name!r}).",
    "check.hint": "Hint {n} of {of}: {hint}",
    "check.unknown": "{message}",
}
