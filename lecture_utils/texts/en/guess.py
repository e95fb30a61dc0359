"""What every drawn guess says."""

TEXTS = {
    "guess.open": "(Your guess is asked for: draw the curve that you expect. The true one comes when you have committed to yours.)",
    "guess.how": "Draw the curve that you expect into the axes, then press the first button. By keys: ← and → choose a point, ↑ and ↓ move it "
    "(Page up and Page down: by more), Enter commits. Between points that you set the curve is straight.",
    "guess.keys": "Up and Down move this point, Left and Right choose another, Enter commits",
    "guess.unset": "not set",
    "guess.few": "Draw a curve first: at least two points of it.",
    "guess.yours": "your guess",
    "guess.true": "the true curve",
    "guess.it_is": "it is {truth}",
    "guess.close": "Your curve lies on the true one: even where they are furthest apart, at {x}, you drew {guess} and it is {truth}.",
    "guess.power": "At {x} you drew {guess}, it is {truth}: one power of ten.",
    "guess.powers": "At {x} you drew {guess}, it is {truth}: {apart:.0f} powers of ten.",
    "guess.mean": "On average you are {mean:.2g} off, most at {x}: you drew {guess}, it is {truth}.",
    "guess.same": "In {same} of {all} intervals your curve goes the way of the true one (up, down or level).",
}
