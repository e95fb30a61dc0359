"""What every explorer says."""

TEXTS = {
    "engine.reset": "Reset",
    "engine.presets": "Try:",
    "engine.line": "The same number in Python, to copy into a cell:",
    "engine.picture": "Picture: {title} {caption}",
    "engine.failed": "This explorer has a fault of its own, not of yours ({kind}: {message}). "
    "Press Reset; please report it with the values you had set.",
    "engine.range": "{label} can be {low} to {high}; you typed {typed}. The picture stays at {kept}.",
    "engine.commit": "This is my guess",
    "engine.guessed": "Your guess: {guess}.",
    "engine.unguessed": "Choose an answer first: the picture opens when you have committed to a guess.",
    "engine.hidden": "(The answer opens when you have committed to a guess.)",
    "run.step": "Step",
    "run.play": "Play",
    "run.pause": "Pause",
    "run.cancel": "Cancel",
    "run.frame": "shown frame",
    "run.progress": "{done} of {budget}",
    "run.idle": "Not started.",
    "run.playing": "Running: {done} of {budget}.",
    "run.paused": "Paused at {done} of {budget}. What was reached is kept.",
    "run.cancelled": "Cancelled at {done} of {budget}. What was reached is kept; Play starts anew.",
    "run.failed": "Stopped at {done} of {budget}. What was reached is kept.",
    "run.done": "Done: {done} of {budget}.",
}
