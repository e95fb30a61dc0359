"""The README's animation: how it is written, and that it is small."""

from pathlib import Path

from PIL import Image

from tools import animation


def test_the_animation_keeps_every_frame_its_time_and_its_colours(tmp_path):
    shots = [Image.new("RGB", (800, 400), colour) for colour in ("#0072B2", "#D55E00", "#FFFFFF")]
    shots.append(Image.new("RGB", (800, 300), "#009E73"))  # a lower scene stands on the same page
    frames = list(zip(shots, (0.1, 0.2, 0.3, 1.5), strict=True))
    size = animation.write(frames, tmp_path / "film.gif")
    assert size == (tmp_path / "film.gif").stat().st_size
    with Image.open(tmp_path / "film.gif") as film:
        assert film.n_frames == 4 and film.size == (animation.WIDTH, 380) and film.info["loop"] == 0
        for n, (shot, seconds) in enumerate(frames):
            film.seek(n)
            assert abs(film.info["duration"] - 1000 * seconds) <= 10
            seen, meant = film.convert("RGB").getpixel((5, 5)), shot.getpixel((5, 5))
            assert max(abs(one - other) for one, other in zip(seen, meant, strict=True)) < 12


def test_the_readme_opens_with_it_and_it_is_small():
    text = (animation.ROOT / "README.md").read_text(encoding="utf-8")
    shown = animation.TARGET.relative_to(animation.ROOT).as_posix()
    assert f"]({shown})" in text.partition("## ")[0]
    assert Path(animation.TARGET).stat().st_size <= animation.LARGEST
