"""The widgets of notebook 00: does the browser show widgets, and the projector switch."""

from ipywidgets import HTML, Checkbox, IntSlider, IntText, link

from lecture_utils import settings
from lecture_utils.chapters import rnn
from lecture_utils.texts import text
from lecture_utils.widgets.base import Widget, close, spoken


class Spoken(Widget):
    """A column of widgets whose text form is its sentence."""

    def __init__(self, *children):
        super().__init__()
        self.sentence = HTML()
        self.children = [self.page, *children, self.sentence]

    def say(self, key, **numbers):
        """Shows a sentence and makes it the text form."""
        self.said = text(key, **numbers)
        self.sentence.value = spoken(self.said)

    def words(self):
        return self.said


class Echo(Spoken):
    """A slider and what the kernel heard of it: does a move reach the kernel, and its answer the browser?"""

    def __init__(self):
        look = {"layout": {"width": "200px"}}
        self.number = IntText(description=text("echo.control"), **look)
        self.slider = IntSlider(min=0, max=10, readout=False, **look)
        super().__init__(self.number, self.slider)
        link((self.slider, "value"), (self.number, "value"))
        self.slider.observe(lambda change: self.say("echo.heard", value=change["new"]), "value")
        self.say("echo.silent")


class Projector(Spoken):
    """The switch that enlarges the text of all figures, and a figure to see it on."""

    def __init__(self):
        look = {"indent": False, "layout": {"width": "auto"}}
        self.switch = Checkbox(settings.load()["projector"], description=text("projector.control"), **look)
        super().__init__(self.switch, rnn.parameters())
        self.switch.observe(self._switched, "value")
        self._tell()

    def _switched(self, change):
        try:
            settings.save(projector=change["new"])
        except OSError as error:
            self.say("projector.unsaved", path=settings.path(), reason=error.strerror)
        else:
            *before, old, sentence = self.children
            self.children = [*before, rnn.parameters(), sentence]
            close(old)
            self._tell()

    def _tell(self):
        self.say("projector.on" if self.switch.value else "projector.off")


echo, projector = Echo, Projector  # as a notebook calls them
