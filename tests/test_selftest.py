"""The self-test, the settings file, and the two widgets of notebook 00."""

from importlib.metadata import PackageNotFoundError

import pytest

from lecture_utils import selftest, settings
from lecture_utils.chapters import start
from lecture_utils.drawing import style


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("LECTURE_SETTINGS", str(tmp_path / "settings.json"))


def wrong(**pretended):
    return [finding.sentence for finding in selftest.findings(**pretended) if not finding.right]


def test_where_the_tests_run_nothing_is_wrong(capsys):
    assert wrong() == []
    selftest.report()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 6 and all(line.startswith("ok ") for line in lines)


def test_an_old_python_is_named():
    (sentence,) = wrong(python=(3, 9, 2))
    assert "3.9.2" in sentence and "3.11" in sentence


def test_an_old_and_a_missing_package_are_named():
    def version(name):
        if name == "numpy":
            return "1.26.4"
        if name == "ipywidgets":
            raise PackageNotFoundError(name)
        return "999.0"

    sentences = wrong(version=version)
    assert len(sentences) == 2
    assert any("numpy is 1.26.4" in sentence for sentence in sentences)
    assert any("ipywidgets is not installed" in sentence for sentence in sentences)


def test_a_missing_browser_part_is_named():
    (sentence,) = wrong(find_spec=lambda name: None)
    assert "jupyterlab_widgets" in sentence


@pytest.mark.parametrize("name", ["[강의] RNN", "[a]", "a[bc]d", "[!x]"])
def test_a_folder_below_which_no_widget_is_found_is_named(name, tmp_path):
    folder = tmp_path / name
    folder.mkdir()
    (sentence,) = wrong(prefix=str(folder))
    assert str(folder) in sentence and "rename" in sentence


@pytest.mark.parametrize("name", ["강의 RNN", "a]b", "a[b", "(1)", "50% done"])
def test_any_other_folder_is_right(name, tmp_path):
    (tmp_path / name).mkdir()
    assert wrong(prefix=str(tmp_path / name)) == []


@pytest.mark.parametrize(
    ("version", "release"), [("8.1.9", (8, 1, 9)), ("8.1rc1", (8, 1)), ("2.10", (2, 10)), ("4.6.0.post1", (4, 6, 0))]
)
def test_releases_compare_as_numbers(version, release):
    assert selftest._release(version) == release


def test_the_echo_says_what_the_kernel_heard():
    panel = start.echo()
    before = repr(panel)
    panel.slider.value = 7
    assert "7" in repr(panel) and "7" not in before
    assert panel.number.value == 7


def test_the_projector_switch_is_remembered_and_enlarges_text():
    panel = start.projector()
    assert style.text_size(12) == 12
    panel.switch.value = True
    assert settings.load() == {"projector": True}
    assert style.text_size(12) == pytest.approx(12 * style.PROJECTOR_SCALE)
    assert style.text_size(4) == pytest.approx(11 * style.PROJECTOR_SCALE)
    assert start.projector().switch.value is True
    panel.switch.value = False
    assert style.text_size(12) == 12


def test_settings_survive_a_broken_file_and_refuse_an_unknown_name():
    settings.path().write_text("{broken", encoding="utf-8")
    assert settings.load() == settings.DEFAULTS
    for stored in (
        "",
        "[1]",
        '{"projector": "yes"}',
        '{"projector": 1}',
        '{"projector": null}',
        "NaN",
        '"',
        "[" * 10**5,
    ):
        settings.path().write_text(stored, encoding="utf-8")
        assert settings.load() == settings.DEFAULTS, stored[:20]
        start.projector().switch.value = True
        assert settings.load() == {"projector": True}
    settings.path().write_bytes(b"\xff\xfe\x00")
    assert settings.load() == settings.DEFAULTS
    with pytest.raises(ValueError, match="projecter"):
        settings.save(projecter=True)


def test_a_folder_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("LECTURE_SETTINGS", str(tmp_path / "missing" / "settings.json"))
    panel = start.projector()
    panel.switch.value = True
    assert "missing" in repr(panel)
