"""What a learner handles: controls bound to pictures, long runs, exercises, the quiz. No module here knows a chapter."""
