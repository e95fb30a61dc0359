"""Every figure of the lecture as a pure function of numbers; nothing here knows of widgets."""
