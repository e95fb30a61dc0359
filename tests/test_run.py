"""run.py: what it decides, with the installation replaced; and once for real, with pip and two tiny packages."""

import ast
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "run.py"
LOCK, TEST_LOCK = "requirements.lock", "requirements-test.lock"
STUB_LAB = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(ascii(sys.argv), ascii(os.environ["JUPYTER_CONFIG_DIR"]), f"pid={os.getpid()}", sep="\\n", flush=True)
time.sleep(60)
"""


def copy_to(folder):
    """A project of run.py, tools/copies.py and two locks, and its run.py as a module."""
    (folder / "tools").mkdir(parents=True)
    shutil.copy(SOURCE, folder)
    shutil.copy(SOURCE.with_name("tools") / "copies.py", folder / "tools")
    for lock in (LOCK, TEST_LOCK):
        (folder / lock).write_text(f"# {lock}\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("run", folder / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def store(folder):
    """Two notebooks of the lecture."""
    (folder / "notebooks").mkdir()
    for name in ("00_start_here", "01_rnn"):
        (folder / "notebooks" / f"{name}.ipynb").write_text('{"cells": [], "metadata": {}}', encoding="utf-8")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose environments are empty folders; `did` lists what was made and installed."""
    module = copy_to(tmp_path / "두 폴더")
    module.did = []

    def make_environment():
        module.did.append("environment")
        shutil.rmtree(module.VENV, ignore_errors=True)
        module.PYTHON.parent.mkdir(parents=True)
        module.PYTHON.touch()

    monkeypatch.setattr(module, "make_environment", make_environment)
    monkeypatch.setattr(module, "install", module.did.append)
    monkeypatch.setattr(module, "configure", lambda: None)
    return module


def done(project):
    """What was done since the last call."""
    result, project.did[:] = list(project.did), []
    return result


def test_the_first_start_installs_and_the_second_does_not(project):
    project.set_up(LOCK)
    assert done(project) == ["environment", LOCK]
    project.set_up(LOCK)
    assert done(project) == []


def test_after_the_test_tools_the_lecture_needs_nothing_more(project):
    project.set_up(LOCK)
    project.set_up(TEST_LOCK)
    assert done(project) == ["environment", LOCK, TEST_LOCK]
    project.set_up(LOCK)
    project.set_up(TEST_LOCK)
    assert done(project) == []


@pytest.mark.parametrize("changed", [LOCK, TEST_LOCK])
def test_a_changed_lock_is_installed_into_the_environment_there_is(project, changed):
    project.set_up(TEST_LOCK)
    done(project)
    (project.ROOT / changed).write_text("# changed\n", encoding="utf-8")
    project.set_up(LOCK)
    assert done(project) == ([LOCK] if changed == LOCK else [])
    project.set_up(TEST_LOCK)
    assert done(project) == [TEST_LOCK]


@pytest.mark.parametrize("step", ["install", "configure"])
@pytest.mark.parametrize("before", [None, LOCK])
def test_what_was_interrupted_is_made_anew(project, monkeypatch, step, before):
    if before:
        project.set_up(before)

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(project, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            project.set_up(TEST_LOCK)
    done(project)
    project.set_up(LOCK)
    assert done(project) == ["environment", LOCK]


def test_an_environment_of_another_python_or_without_one_is_made_anew(project, monkeypatch):
    project.set_up(LOCK)
    done(project)
    project.PYTHON.unlink()
    project.set_up(LOCK)
    assert done(project) == ["environment", LOCK]
    monkeypatch.setattr(sys, "base_prefix", "elsewhere")
    project.set_up(LOCK)
    assert done(project) == ["environment", LOCK]


def test_test_makes_every_check_and_fails_if_one_does(project, monkeypatch, capsys):
    ran = []
    codes = {"check": 0, "format": 0, "pytest": 0}

    def run(*command):
        ran.append(command)
        return next(code for word, code in codes.items() if word in command)

    monkeypatch.setattr(project, "run", run)
    checks = [
        ("-m", "ruff", "check", "."),
        ("-m", "ruff", "format", "--check", "."),
        ("-m", "pytest", *project.PARALLEL),
    ]
    assert project.main(["test"]) == 0
    assert ran == checks
    for failing in codes:
        ran.clear()
        codes.update(dict.fromkeys(codes, 0))
        codes[failing] = 3
        assert project.main(["test", "-k", "lstm"]) == 1
        assert ran == [*checks[:2], ("-m", "pytest", "-k", "lstm")]
        assert capsys.readouterr().out.count("FAILED (exit code 3)") == 1


def test_thorough_runs_all_marks_and_then_the_oldest_versions_in_an_environment_of_their_own(project, monkeypatch):
    ran, started = [], []

    class Done:
        returncode = 0

    def start(command, env):
        started.append((command[-3:], env["LECTURE_VENV"]))
        return Done

    monkeypatch.setattr(project, "run", lambda *command: ran.append(command) or 0)
    monkeypatch.setattr(project.subprocess, "run", start)
    assert project.main(["test", "--thorough", "tests/test_gru.py"]) == 0
    assert ran[-1] == ("-m", "pytest", "tests/test_gru.py", "-m", "")
    assert started == [([project.__file__, "oldest", "tests/test_gru.py"], ".venv-oldest")]


def test_notebooks_passes_its_arguments_and_exit_code_on(project, monkeypatch):
    monkeypatch.setattr(project, "run", lambda *command: 5 if command == ("tools/notebooks.py", "--check") else 0)
    assert project.main(["notebooks", "--check"]) == 5


def test_handout_passes_its_arguments_and_exit_code_on(project, monkeypatch):
    monkeypatch.setattr(project, "run", lambda *command: 5 if command == ("-m", "tools.handout", "01_rnn") else 0)
    assert project.main(["handout", "01_rnn"]) == 5
    assert done(project) == ["environment", TEST_LOCK]


def test_bench_runs_what_is_named_and_says_how_busy_the_machine_was_before_the_first(project, monkeypatch):
    (project.ROOT / "bench").mkdir()
    for name in ("training", "latency"):
        (project.ROOT / "bench" / f"{name}.py").write_text('if __name__ == "__main__":\n    ...\n', encoding="utf-8")
    (project.ROOT / "bench" / "machine.py").write_text("", encoding="utf-8")
    ran = []
    monkeypatch.setattr(project, "run", lambda *command: ran.append(command) or len(ran) - 1)
    monkeypatch.setenv("LECTURE_BENCH_LOAD", "")
    monkeypatch.setattr(os, "getloadavg", lambda: (0.25, 0, 0), raising=False)
    with pytest.raises(project.Stop, match=r"There is no benchmark machine; there are: latency, training\."):
        project.main(["bench", "machine"])
    assert done(project) == []
    assert project.main(["bench"]) == 1
    assert ran == [("bench/latency.py",), ("bench/training.py",)]
    assert os.environ["LECTURE_BENCH_LOAD"] == "0.25"
    assert project.main(["bench", "training"]) == 2
    assert project.main(["bench", "latency", "step", "--quick"]) == 3
    assert ran[2:] == [("bench/training.py",), ("bench/latency.py", "step", "--quick")]
    assert done(project) == ["environment", TEST_LOCK]


def test_reset_and_copy_need_no_environment_and_pass_arguments_and_exit_code_on(project, capfd):
    store(project.ROOT)
    assert project.main(["reset", "09_attention"]) == 1
    assert "Nothing was changed" in capfd.readouterr().err
    assert project.main(["copy"]) == 0
    assert "To open them: jupyter lab my_lecture" in capfd.readouterr().out
    assert (project.ROOT / "my_lecture/01_rnn.ipynb").is_file()
    (project.ROOT / "my_lecture/01_rnn.ipynb").write_text("no notebook", encoding="utf-8")
    assert project.main(["copy"]) == 1
    assert "To open them" not in capfd.readouterr().out
    assert project.main(["reset", "01_rnn"]) == 0
    assert done(project) == []


def test_where_no_copies_can_be_made_nothing_is_opened(project, capfd):
    store(project.ROOT)
    (project.ROOT / "my_lecture").write_text("a file, not a folder", encoding="utf-8")
    assert project.main(["--no-browser"]) == 1
    assert "my_lecture" in capfd.readouterr().err
    assert done(project) == []


def test_what_is_started_sees_no_other_packages_and_no_jupyter_folder_of_the_user(project, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", "elsewhere")
    variables = project.environment()
    assert "PYTHONPATH" not in variables
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        assert Path(variables[name]).is_relative_to(project.VENV)


def test_an_old_python_can_read_it_and_is_told(project, monkeypatch):
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 8))
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    with pytest.raises(project.Stop, match=r"needs Python 3\.11 or newer; this is Python 3\.8\."):
        project.main([])


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    module = copy_to(tmp_path / "project")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - 10**6, 10**6))
    with pytest.raises(module.Stop, match=r"disk is full: 1\.0 GB are needed, 0\.0 GB are free"):
        module.main(["--no-browser"])
    assert not module.VENV.exists()
    log = "Collecting numpy\nERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
    assert "The disk is full" in module.explain(log, LOCK)


def test_an_unknown_failure_is_given_in_pips_words(project):
    log = "Collecting numpy\nERROR: No matching distribution found for numpy==99\n\n[notice] a new release of pip\n"
    assert project.explain(log, LOCK) == f"{LOCK} could not be installed: No matching distribution found for numpy==99"
    assert project.explain("", LOCK) == f"{LOCK} could not be installed: no reason was given"


def start(folder, *arguments, code=None):
    """A finished run.py; with code, a Python that executes the code first."""
    command = [sys.executable, "run.py", *arguments]
    if code:
        code += f"; import runpy, sys; sys.argv = {command[1:]!r}; runpy.run_path('run.py', run_name='__main__')"
        command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=300)


def sentence(process):
    """The one line that a failed run.py ends with."""
    assert process.returncode == 1, process
    (line,) = process.stderr.splitlines()
    assert line.startswith("run.py: ")
    return line


def test_help_names_the_commands_and_installs_nothing(tmp_path):
    module = copy_to(tmp_path / "project")
    process = start(module.ROOT, "--help")
    assert process.returncode == 0
    for word in (
        "run.py test",
        "run.py notebooks",
        "run.py handout",
        "run.py bench",
        "run.py copy",
        "run.py reset",
        "--open",
        "--no-browser",
        "--port",
    ):
        assert word in process.stdout
    assert not module.VENV.exists()


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_missing_venv_names_debians_package(tmp_path, missing):
    module = copy_to(tmp_path / "project")
    line = sentence(start(module.ROOT, "--no-browser", code=f"import sys; sys.modules[{missing!r}] = None"))
    assert line.endswith(f"sudo apt install python{sys.version_info.major}.{sys.version_info.minor}-venv")


@pytest.mark.parametrize("name", ["[강의] RNN", "a[bc]d"])
def test_a_folder_in_which_no_widget_would_appear_is_named_before_anything_is_installed(name, tmp_path):
    module = copy_to(tmp_path / name / "lecture")
    result = start(module.ROOT)
    assert str(module.ROOT) in result.stderr and "Rename the folder" in result.stderr
    assert result.returncode == 1 and not module.VENV.exists()


def test_a_port_in_use_or_out_of_range_is_named_before_anything_is_installed(tmp_path):
    module = copy_to(tmp_path / "project")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert f"Port {port} is in use" in sentence(start(module.ROOT, "--port", port))
    assert "--port must be from 1 to 65535" in sentence(start(module.ROOT, "--port", "70000"))
    assert not module.VENV.exists()


def test_a_folder_that_cannot_be_used_is_named_in_one_line(tmp_path):
    module = copy_to(tmp_path / "project")
    module.VENV.write_text("a file, not a folder", encoding="utf-8")
    assert ".venv" in sentence(start(module.ROOT, "--no-browser"))


def wheel(folder, name, source):
    """The line of a lock for a wheel made here, whose package `name` prints or does what the source says when run."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{name}/__main__.py", source)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def test_for_real_from_a_failed_first_start_to_the_end_of_jupyterlab(tmp_path, monkeypatch):
    """In a folder with spaces and Hangul: no network, no hash, a wrong one, then two starts, each ended by Ctrl-C."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    good = wheel(wheels, "jupyterlab", STUB_LAB)
    module = copy_to(tmp_path / "한글 폴더 with spaces")
    lock = module.ROOT / LOCK
    package = module.ROOT / "lecture_utils"
    package.mkdir()
    (package / "__init__.py").touch()
    store(module.ROOT)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "1")  # 5 take a quarter of a minute

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # closed again below, so that nothing listens there
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
    lock.write_text(good, encoding="utf-8")
    assert "The package index cannot be reached" in sentence(start(module.ROOT, "--no-browser"))

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", wheels.as_uri())
    lock.write_text("jupyterlab==1.0\n", encoding="utf-8")
    assert f"{LOCK} could not be installed: Hashes are required" in sentence(start(module.ROOT, "--no-browser"))
    lock.write_text(good.partition("sha256:")[0] + "sha256:" + "0" * 64 + "\n", encoding="utf-8")
    assert f"not the one that {LOCK} names" in sentence(start(module.ROOT, "--no-browser"))
    assert not module.STAMP.exists()

    lock.write_text(good, encoding="utf-8")
    first = follow(module.ROOT)
    assert any("Installing" in line for line in first.before)
    assert any("jupyterlab-1.0" in line for line in first.before)
    assert "--LabApp.default_url=/lab/tree/my_lecture/00_start_here.ipynb" in first.options
    assert f"--ServerApp.root_dir={module.ROOT}" in first.options
    assert Path(first.config).is_relative_to(module.VENV)
    command = [module.PYTHON, "-c", "import lecture_utils; print(ascii(lecture_utils.__path__))"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ast.literal_eval(found.stdout) == [str(package)]
    for name in module.SETTINGS:
        assert (module.VENV / name).is_file()

    copy = module.ROOT / "my_lecture/01_rnn.ipynb"
    came = copy.read_bytes()
    copy.write_text("as I left it", encoding="utf-8")
    second = follow(module.ROOT, "--open")
    assert second.before[1:] == ["Starting JupyterLab. Ctrl-C ends it."]
    assert second.before[0].startswith("my_lecture/01_rnn.ipynb cannot be read as a notebook and stays as it is.")
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in second.options
    assert start(module.ROOT, "reset").returncode == 0
    assert copy.read_bytes() == came


Followed = namedtuple("Followed", "before options config")


def follow(folder, *arguments):
    """What run.py prints up to the stub of JupyterLab and what the stub got; ended by one Ctrl-C to run.py alone."""
    command = [sys.executable, "run.py", "--no-browser", *arguments]
    own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {}
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, **own_group) as run:
        lines = []
        while not lines or not lines[-1].startswith("pid="):
            lines.append(run.stdout.readline().strip())
            assert run.poll() is None, lines
        run.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGINT)
        code = run.wait(timeout=30)
    if os.name != "nt":  # there CTRL_BREAK simply ends both
        assert code == 0
        with pytest.raises(ProcessLookupError):
            os.kill(int(lines[-1].removeprefix("pid=")), 0)
    return Followed(lines[:-3], *map(ast.literal_eval, lines[-3:-1]))
