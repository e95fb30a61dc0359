"""Long work in front of the learner: it can be stepped, played, paused and cancelled, and what was reached is kept.

The work is a generator of frames; None says that it is at one. While it plays, an asyncio task of the kernel's own event
loop takes them from it in slices of at most 50 ms and gives the loop back in between, so that a press on Pause is heard at
once. Budgets are counted in frames, never in seconds.
"""

import asyncio
import math
import signal
import threading
import time
from itertools import islice

SLICE = 0.05  # seconds


def whole(act):
    """Does `act` and only then lets an interrupt through, which would be the end of a generator; a second one strikes."""
    before, struck = signal.getsignal(signal.SIGINT), []
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        return act()  # nobody here hears of interrupts
    signal.signal(signal.SIGINT, lambda *call: before(*call) if struck else struck.append(call))
    try:
        act()
    finally:
        signal.signal(signal.SIGINT, before)
    if struck:
        before(*struck[0])


class Run:
    """A film being made. `frames` holds what was reached; `state` is idle, playing, paused, cancelled, done or failed.

    `start()` gives a fresh generator whose first frame is the state before any work; it always gives the same frames.
    `changed()` is called whenever there is something new to show. When the generator raises, `failed(error)` shows it and
    says whether that is the end of it; if not, the error is raised again. After an interrupt the film is paused.
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
        self.stop()
        self.frames, self.state = [], "failed"  # until it has succeeded
        self._work = self._start()
        self.frames, self.budget, self.state = [next(self._work)], self._budget, "idle"

    def step(self):
        """Make one frame; after a failure, from the start."""
        self._begin("failed")
        self._make(self.done + 1, otherwise="paused")
        self._changed()

    def run_to_end(self):
        """Make all remaining frames before returning: for a cell, a test, or where no event loop runs."""
        self._begin("failed")
        self._make(self.budget, otherwise="done")
        self._changed()

    def play(self):
        """Make the remaining frames while the learner watches; after the end or a cancel, from the start."""
        if self.state != "playing":
            self._begin("cancelled", "done", "failed")
            self.state = "playing"
            self._task = asyncio.get_running_loop().create_task(self._play())
            self._changed()

    def pause(self):
        """Stop making frames; Play goes on from here."""
        self._halt("paused")

    def cancel(self):
        """Stop for good; the frames stay."""
        self._halt("cancelled")

    def stop(self):
        """No frame is made any more, and nothing is told."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _begin(self, *anew):
        self.stop()
        if self.state in anew:
            self.rewind()

    async def _play(self):
        while self.state == "playing":
            self._make(self.budget, otherwise="playing", end=time.monotonic() + SLICE)
            try:
                self._changed()
            except BaseException as error:  # the picture could not be drawn; the frames are kept
                self.state = "failed" if isinstance(error, Exception) else "paused"
                raise
            await asyncio.sleep(0)

    def _make(self, until, otherwise, end=math.inf):
        """Frames up to number `until`, or to a time; the state is then done, failed, paused or `otherwise`."""
        self.state = otherwise
        try:
            while self.done < min(until, self.budget) and time.monotonic() < end:
                whole(self._next)
        except StopIteration:
            self.budget = self.done  # the work ended before its budget: nothing is left to make
        except KeyboardInterrupt:
            self.state = "paused"
            self._changed()
            raise
        except Exception as error:
            self.state = "failed"
            if not self._failed(error):
                raise
        if self.state != "failed" and self.done >= self.budget:
            self.state = "done"

    def _next(self):
        try:
            made = next(self._work)
        except KeyboardInterrupt:  # it has struck the generator: another one takes its place
            self._work = islice((made for made in self._start() if made is not None), len(self.frames), None)
            raise
        if made is not None:
            self.frames.append(made)

    def _halt(self, state):
        self.stop()
        if self.state in ("playing", "paused"):
            self.state = state
            self._changed()
