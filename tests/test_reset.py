"""tools/reset.py: a reset brings the stored notebook back, and what a learner wrote is never lost."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "tools" / "reset.py"
CAME = {"00_start_here.ipynb": b'{"as": "it came"}\n', "01_rnn.ipynb": b"one\n", "ko/01_rnn.ipynb": "하나\n".encode()}
MINE = '{"답": "내가 쓴 것"}\n'.encode()


def git(folder, *arguments):
    identity = ["-c", "user.name=Learner", "-c", "user.email=learner@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def lecture(folder):
    """A folder with the tool and three notebooks."""
    (folder / "tools").mkdir(parents=True)
    shutil.copy(SOURCE, folder / "tools")
    for name, content in CAME.items():
        (folder / "notebooks" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "notebooks" / name).write_bytes(content)
    return folder


def in_git(folder):
    lecture(folder)
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "as it came")
    return folder


def inside_another_repository(folder):
    """The lecture as a committed folder of a larger repository."""
    lecture(folder / "course" / "lecture")
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "the course")
    return folder / "course" / "lecture"


def from_a_zip(folder):
    """No git; the first start has made its copies."""
    reset(lecture(folder), "--keep")
    return folder


def unpacked_in_another_repository(folder):
    """A zip unpacked where some other repository is: git is there, and knows nothing of these notebooks."""
    folder.mkdir()
    git(folder, "init")
    (folder / "other.txt").touch()
    git(folder, "add", ".")
    git(folder, "commit", "-m", "other")
    return from_a_zip(folder / "lecture")


def reset(folder, *arguments, code=0):
    """The tool's answer, run as a command."""
    command = [sys.executable, "tools/reset.py", *arguments]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", errors="replace")
    assert process.returncode == code, process
    return process.stdout + process.stderr


def notebooks(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.ipynb") if path.is_file()
    }


@pytest.fixture(params=[in_git, inside_another_repository, from_a_zip, unpacked_in_another_repository])
def folder(request, tmp_path):
    if request.param is not from_a_zip and not shutil.which("git"):
        pytest.skip("git is not installed")
    return request.param(tmp_path / "강의 with spaces")


def test_a_changed_notebook_comes_back_and_the_change_is_kept(folder):
    (folder / "notebooks/01_rnn.ipynb").write_bytes(MINE)
    (folder / "notebooks/ko/01_rnn.ipynb").write_bytes(MINE + b"ko")
    (folder / "notebooks/my_own.ipynb").write_bytes(b"mine")
    said = reset(folder)
    assert notebooks(folder / "notebooks") == CAME | {"my_own.ipynb": b"mine"}
    (kept,) = (folder / "my_work").iterdir()
    assert notebooks(kept) == {"01_rnn.ipynb": MINE, "ko/01_rnn.ipynb": MINE + b"ko"}
    assert "00_start_here.ipynb is as it came" in said
    assert f"01_rnn.ipynb is reset; what it was is in my_work/{kept.name}/01_rnn.ipynb" in said


def test_a_second_reset_changes_nothing_and_keeps_the_first_copy(folder):
    (folder / "notebooks/01_rnn.ipynb").write_bytes(MINE)
    reset(folder)
    before = notebooks(folder / "my_work")
    assert reset(folder).count("is as it came") == len(CAME)
    assert notebooks(folder / "my_work") == before
    assert list(before.values()) == [MINE]


def test_only_the_notebooks_named_are_reset(folder):
    for name in CAME:
        (folder / "notebooks" / name).write_bytes(MINE)
    reset(folder, "notebooks/01_rnn.ipynb", "00_start_here")
    assert notebooks(folder / "notebooks") == CAME | {"ko/01_rnn.ipynb": MINE}
    reset(folder, "ko\\01_rnn")
    assert notebooks(folder / "notebooks") == CAME


def test_a_name_that_does_not_exist_changes_nothing(folder):
    (folder / "notebooks/01_rnn.ipynb").write_bytes(MINE)
    said = reset(folder, "01_rnn", "09_attention", code=1)
    assert "no notebook 09_attention" in said
    assert "ko/01_rnn" in said
    assert notebooks(folder / "notebooks")["01_rnn.ipynb"] == MINE
    assert not (folder / "my_work").exists()


def test_a_deleted_notebook_comes_back(folder):
    shutil.rmtree(folder / "notebooks/ko")
    assert "ko/01_rnn.ipynb was missing, is back" in reset(folder)
    assert notebooks(folder / "notebooks") == CAME


def test_where_no_copy_can_be_made_nothing_is_replaced(folder):
    (folder / "notebooks/00_start_here.ipynb").write_bytes(MINE)
    (folder / "notebooks/01_rnn.ipynb").write_bytes(MINE)
    (folder / "my_work").write_text("a file where the folder should be", encoding="utf-8")
    assert "before anything was lost" in reset(folder, code=1)
    assert notebooks(folder / "notebooks") == CAME | {"00_start_here.ipynb": MINE, "01_rnn.ipynb": MINE}


def test_without_git_and_without_copies_nothing_is_changed(tmp_path):
    folder = lecture(tmp_path / "lecture")
    (folder / "notebooks/01_rnn.ipynb").write_bytes(MINE)
    assert "Nothing was changed" in reset(folder, code=1)
    assert notebooks(folder / "notebooks")["01_rnn.ipynb"] == MINE


def test_copies_are_made_before_the_first_start_only(tmp_path):
    folder = from_a_zip(tmp_path / "lecture")
    (folder / "notebooks/01_rnn.ipynb").write_bytes(MINE)
    reset(folder, "--keep")
    reset(folder)
    assert notebooks(folder / "notebooks") == CAME


def test_copies_that_were_interrupted_are_made_anew(tmp_path):
    folder = lecture(tmp_path / "lecture")
    (folder / ".lecture-originals.part").mkdir()
    (folder / ".lecture-originals.part/01_rnn.ipynb").write_bytes(b"half")
    reset(folder, "--keep")
    assert notebooks(folder / ".lecture-originals") == CAME
    assert not (folder / ".lecture-originals.part").exists()


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_where_git_knows_the_notebooks_no_copies_are_made(tmp_path):
    folder = in_git(tmp_path / "lecture")
    reset(folder, "--keep")
    assert not (folder / ".lecture-originals").exists()
