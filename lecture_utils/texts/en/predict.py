"""What every question before a result says."""

TEXTS = {
    "predict.asks": "Predict: {question}",
    "predict.open": "(A reply comes when you have committed to a guess.)",
    "predict.number": "your guess",
    "predict.linear": "A number from {low:.4g} to {high:.4g}.",
    "predict.log": "A number from {low:.4g} to {high:.4g}. Equal distances on the slider are equal factors.",
    "predict.unmoved": "Move the slider first, or type a number beside it.",
    "predict.committed": "The guess: {guess}.",
    "predict.after": "It was made after seeing: a later cell had run before it.",
    "predict.marked": "after seeing",
    "predict.why": "Why?",
    "predict.free": "a line for yourself, kept and not graded",
    "predict.fold": "Show the answer",
    "predict.result": "Show the result",
    "predict.guesses": "Your guesses: where were you surprised?",
    "predict.count": "You have made {n:guess|guesses}. Otherwise than you thought it turned out {surprises:time|times}.",
    "predict.column.section": "section",
    "predict.column.question": "question",
    "predict.column.guess": "your guess",
    "predict.column.truth": "what turned out",
    "predict.column.why": "why?",
}
