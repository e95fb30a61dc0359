"""Long work in front of the learner: it can be stepped, played, paused and cancelled, and what was reached is kept.

The work is a generator of frames. While it plays, a thread makes frames ahead, for 50 ms or at least one, and an asyncio
task of the kernel's own event loop shows them: a press on Pause is heard at once, however long a frame takes. Budgets are
counted in frames, never in seconds.
"""

import asyncio
import signal
import threading
import time
from collections import deque
from concurrent.futures import Future
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


def ahead(work, most):
    """The Future of a slice of the work: its frames, at most so many, and the error that ended it, if any."""
    future = Future()
    future.set_running_or_notify_cancel()  # so that no end of the task that waits for it is its own

    def make():
        made, end = [], time.monotonic() + SLICE
        try:
            while len(made) < most and time.monotonic() < end:
                made.append(next(work))
        except StopIteration:
            pass
        except Exception as error:
            return future.set_result((made, error))
        future.set_result((made, None))

    try:
        threading.Thread(target=make, daemon=True).start()
    except RuntimeError:  # the browser edition has no threads
        make()
    return future


def raising(error):
    """A generator that only raises."""
    raise error
    yield


class Run:
    """A film being made. `frames` holds what was reached; `state` is idle, playing, paused, cancelled, done or failed.

    `start()` gives a fresh generator whose first frame is the state before any work; it always gives the same frames.
    `changed()` is called whenever there is something new to show. When the generator raises, `failed(error)` shows it and
    says whether that is the end of it; if not, the error is raised again. After an interrupt the film is paused.
    """

    def __init__(self, start, budget, changed, failed):
        self._start, self._budget, self._changed, self._failed = start, budget, changed, failed
        self.budget = budget
        self._task, self._ahead, self._ready, self.frames, self.state = None, None, deque(), [], "idle"

    @property
    def done(self):
        """How many frames were made beyond the first."""
        return len(self.frames) - 1

    def rewind(self):
        """Back to the first frame of a fresh start."""
        self.stop()
        self._ahead, self._ready, self.frames, self.state = None, deque(), [], "failed"  # until it has succeeded
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
            self._ahead = self._ahead or ahead(self._work, self.budget - self.done - len(self._ready))
            await asyncio.wrap_future(self._ahead)
            self._collect()
            self._make(self.done + max(1, len(self._ready)), otherwise="playing")
            try:
                self._changed()
            except BaseException as error:  # the picture could not be drawn; the frames are kept
                self.state = "failed" if isinstance(error, Exception) else "paused"
                raise

    def _collect(self):
        """What the thread has made is ready to be shown."""
        if self._ahead is not None:
            made, error = self._ahead.result()
            self._ready.extend(made)
            self._ahead, self._work = None, raising(error) if error else self._work

    def _make(self, until, otherwise):
        """Frames up to number `until`; the state is then done, failed, paused or `otherwise`."""
        self.state = otherwise
        try:
            self._collect()
            while self.done < min(until, self.budget):
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
            self.frames.append(self._ready.popleft() if self._ready else next(self._work))
        except KeyboardInterrupt:  # it has struck the generator: another one takes its place
            self._work = islice(self._start(), len(self.frames), None)
            raise

    def _halt(self, state):
        self.stop()
        if self.state in ("playing", "paused"):
            self.state = state
            self._changed()
