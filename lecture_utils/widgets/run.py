"""Long work in front of the learner: it can be stepped, played, paused and cancelled, and what was reached is kept.

The work is a generator of frames. While it plays, an asyncio task of the kernel's own event loop takes frames from it in
slices of at most 50 ms and gives the loop back in between, so that a press on Pause is heard at once.
Budgets are counted in frames, never in seconds.
"""

import asyncio
import time

SLICE = 0.05  # seconds


class Run:
    """A film being made. `frames` holds what was reached; `state` is idle, playing, paused, cancelled, done or failed.

    `start()` gives a fresh generator whose first frame is the state before any work. `changed()` is called whenever there
    is something new to show. When the generator raises, `failed(error)` shows it and says whether that is the end of it;
    if not, the error is raised again.
    """

    def __init__(self, start, budget, changed, failed):
        self._start, self._budget, self._changed, self._failed = start, budget, changed, failed
        self.budget = budget
        self._task, self.frames, self.state = None, [], "idle"

    @property
    def done(self):
        """How many frames were made beyond the first."""
        return len(self.frames) - 1

    def rewind(self):
        """Back to the first frame of a fresh start."""
        self._stop()
        self._work = self._start()
        self.frames, self.budget, self.state = [next(self._work)], self._budget, "idle"

    def step(self):
        """Make one frame; after a failure, from the start."""
        self._stop()
        if self.state == "failed":
            self.rewind()
        self._make(1, otherwise="paused")
        self._changed()

    def run_to_end(self):
        """Make all remaining frames before returning: for a cell, a test, or where no event loop runs."""
        self._stop()
        self._make(self.budget - self.done, otherwise="done")
        self._changed()

    def play(self):
        """Make the remaining frames while the learner watches; after the end or a cancel, from the start."""
        if self.state in ("cancelled", "done", "failed"):
            self.rewind()
        if self.state != "playing":
            self.state = "playing"
            self._task = asyncio.get_running_loop().create_task(self._play())
            self._changed()

    def pause(self):
        """Stop making frames; Play goes on from here."""
        self._halt("paused")

    def cancel(self):
        """Stop for good; the frames stay."""
        self._halt("cancelled")

    async def _play(self):
        while self.state == "playing":
            end = time.monotonic() + SLICE
            while self.state == "playing" and time.monotonic() < end:
                self._make(1, otherwise="playing")
            try:
                self._changed()
            except Exception:
                self.state = "failed"  # the picture could not be drawn; the frames are kept
                raise
            await asyncio.sleep(0)

    def _make(self, count, otherwise):
        """Up to `count` frames more; the state is then done, failed or `otherwise`."""
        self.state = otherwise
        try:
            for _ in range(min(count, self.budget - self.done)):
                self.frames.append(next(self._work))
        except StopIteration:
            self.budget = self.done  # the work ended before its budget: nothing is left to make
        except Exception as error:
            self.state = "failed"
            if not self._failed(error):
                raise
        if self.state != "failed" and self.done >= self.budget:
            self.state = "done"

    def _stop(self):
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _halt(self, state):
        self._stop()
        if self.state in ("playing", "paused"):
            self.state = state
            self._changed()
