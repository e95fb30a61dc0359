"""What chapter 1 asks before it shows it."""

from math import inf

from lecture_utils.widgets.predict import Choice, Number

PREDICTIONS = [
    Choice(
        id="rnn.tanh",
        section="1.1",
        options="abc",
        right="a",
        gives_away=("0.7616", "-0.4621", "squash", "towards 0", "nearer to 0"),
    ),
    Choice(
        id="rnn.no_input",
        section="1.2",
        options="abc",
        right="c",
        gives_away=("0.5436", "0.0274", "uses the state just made", "still tells of"),
    ),
    Choice(
        id="rnn.no_weight",
        section="1.3",
        options="abc",
        right="a",
        gives_away=("[ 0. 0. ]", "nothing of $x_1$ is left", "the only way"),
    ),
    Number(
        id="rnn.window",
        section="1.5",
        value=9.57,
        scale=(0.1, 1000),
        log=True,
        ranges={"fewer": 1, "few": 5, "near": 20, "many": 80, "more": inf},
        gives_away=("9.57", "3216", "10 times", "ten times"),
    ),
]
