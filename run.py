"""Opens the lecture in JupyterLab, runs its tests, and looks after its notebooks. Needs nothing but Python itself.

    python3 run.py                       open the lecture (Windows: py run.py)
    python3 run.py test [ARGUMENT ...]   ruff, then pytest on everything, or with the arguments given
    python3 run.py test --thorough       the same and what takes longer, then all once more on the oldest versions allowed
    python3 run.py mutants               put faults into the code and see whether the tests find them (--help says more)
    python3 run.py notebooks [NAME ...]  execute the notebooks and store them again (--help says more)
    python3 run.py handout [NAME ...]    write one page of HTML per notebook into the folder handout
    python3 run.py animation             film the README's animation anew, in a browser
    python3 run.py bench [NAME ...]      print how long things take: everything in bench, or what is named
    python3 run.py reset [NAME ...]      bring notebooks back to how they came; copies of yours go into my_work

The first start makes an environment in .venv beside this file and installs the versions of requirements.lock there;
nothing outside this folder is changed. An environment whose installation was interrupted is made anew.
"""
# Written so that an old Python 3 can read it, and say that it is too old.

import argparse
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
START = "notebooks/00_start_here.ipynb"
LOCKS = ("requirements.lock", "requirements-test.lock")  # each holds all of the one before
OLDEST_LOCK = (
    "requirements-oldest.lock"  # the lowest versions that pyproject.toml allows, for an environment of its own
)
VENV = ROOT / os.environ.get("LECTURE_VENV", ".venv")
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed.txt"
VIEW = "application/vnd.jupyter.widget-view+json"  # of a widget, in what a learner has saved
SPACE = 10**9  # bytes: the environment with the test tools, and pip's downloads
EXPORT = {"HTMLExporter": {"preprocessors": ["lecture_utils.export.Described"]}}
SETTINGS = {  # files of the environment, and what stands in them
    "share/jupyter/lab/settings/overrides.json": {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # tall outputs do not jump
    },
    # Export as HTML and as slides: in JupyterLab, and on the command line.
    "etc/jupyter/jupyter_server_config.json": EXPORT,
    "etc/jupyter/jupyter_nbconvert_config.json": EXPORT,
    # Without this each kernel warns in the terminal that its messages on this machine are not encrypted.
    "etc/ipython/ipython_kernel_config.json": {"IPKernelApp": {"log_level": "ERROR"}},
}
WHEEL = re.compile(r"(?:Downloading|Using cached|Processing) (?:\S*/)?([^\s/-]+-[^\s-]+)-\S+\.whl(?: (\(\d.*?\))|\s)")
FAILURES = (
    ("No space left on device|Errno 28|WinError 112", "The disk is full. Make room, then start again."),
    (
        "DO NOT MATCH THE HASHES",
        "A downloaded package is not the one that {lock} names; it was not installed. Start again.",
    ),
    (
        "connection broken by|Failed to establish a new connection|Max retries exceeded|Read timed out",
        "The package index cannot be reached, and a first start needs it. Check the network, then start again.",
    ),
)


class Stop(Exception):
    """The sentence to end with."""


def say(line):
    print(line, flush=True)


def interpreter():
    """One word for the Python that runs this; an environment made by another one is not used."""
    return hashlib.sha256(f"{sys.implementation.cache_tag} {sys.base_prefix}".encode()).hexdigest()


def fingerprint(lock):
    """One word for what an installation of the lock consists of: the lock, and what this file adds to it."""
    return hashlib.sha256((ROOT / lock).read_bytes() + Path(__file__).read_bytes()).hexdigest()


def installed():
    """The words of the stamp: the interpreter's, then one for each lock installed; none if something is missing."""
    return STAMP.read_text(encoding="utf-8").split() if STAMP.is_file() and PYTHON.exists() else []


def set_up(lock):
    """Makes .venv hold what the lock names; does nothing where it does. The stamp is removed first and set last."""
    words = installed()
    if words[:1] == [interpreter()]:
        if fingerprint(lock) in words:
            return
        STAMP.unlink()
    else:
        make_environment()
    install(lock)
    configure()
    held = LOCKS[: LOCKS.index(lock) + 1] if lock in LOCKS else [lock]
    STAMP.write_text("\n".join([interpreter(), *map(fingerprint, held)]) + "\n", encoding="utf-8")


def make_environment():
    """A new .venv that holds pip only."""
    try:
        import ensurepip  # noqa: F401 (Debian and Ubuntu ship venv without it)
        import venv
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Stop(f"Python's venv or ensurepip is missing. On Debian and Ubuntu: sudo apt install {package}") from None
    free = shutil.disk_usage(ROOT).free
    if free < SPACE:
        raise Stop(f"The disk is full: {SPACE / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free.")
    say(f"Making an environment in {VENV.name} ...")
    try:
        venv.create(VENV, clear=True, symlinks=os.name != "nt", with_pip=True)
    except subprocess.CalledProcessError as error:
        raise Stop(explain((error.output or b"").decode(errors="replace"), "pip")) from None


def install(lock):
    """Installs all that the lock names, each file checked against its hash."""
    say(f"Installing the packages of {lock} (some minutes the first time) ...")
    options = "--require-hashes --no-deps --only-binary=:all: --disable-pip-version-check --no-input --no-color".split()
    command = [PYTHON, "-m", "pip", "install", *options, "-r", ROOT / lock]
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    log = []
    with subprocess.Popen(command, env=environment(), **output) as pip:
        for line in pip.stdout:
            log.append(line)
            wheel = WHEEL.search(line)
            if wheel:
                say(f"  {wheel[1]} {wheel[2] or ''}")
            elif line.startswith("Installing collected packages"):
                say(f"  unpacking {line.count(',') + 1} packages ...")
    if pip.returncode:
        raise Stop(explain("".join(log), lock))


def explain(log, lock):
    """One sentence for why an installation failed: a known reason, or else the last error in the log."""
    for pattern, sentence in FAILURES:
        if re.search(pattern, log):
            return sentence.format(lock=lock)
    errors = re.findall(r"ERROR: (.+)", log) or log.strip().splitlines() or ["no reason was given"]
    return f"{lock} could not be installed: {errors[-1]}"


def configure():
    """Puts the lecture's package on the environment's path, and the settings into the environment."""
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)}))
    # Relative, and so ASCII: site reads .pth files in the locale's encoding.
    (packages / "lecture.pth").write_text(os.path.relpath(ROOT, packages) + "\n", encoding="utf-8")
    (VENV / "jupyter").mkdir(exist_ok=True)  # where `environment` sends Jupyter's and IPython's files
    for name, values in SETTINGS.items():
        (VENV / name).parent.mkdir(parents=True, exist_ok=True)
        (VENV / name).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def environment():
    """The variables for what is started here: no packages from elsewhere, and Jupyter keeps its files in .venv."""
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        variables[name] = str(VENV / "jupyter" / name.lower())
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        variables.setdefault(name, "1")  # the lecture's matrices are small: more threads only wait for each other
    return variables


def run(*command):
    """The exit code of the environment's Python, run in this folder."""
    return subprocess.run([PYTHON, *command], cwd=ROOT, env=environment()).returncode


PARALLEL = "-n 2 --dist loadfile --no-loadscope-reorder".split()  # a file is one kernel; the longest files come first


def test(arguments):
    """Makes all checks, even if the first fails, and says which passed."""
    thorough = "--thorough" in arguments
    arguments = [argument for argument in arguments if argument != "--thorough"] or PARALLEL
    set_up("requirements-test.lock")
    codes = {}
    for check in ("ruff check .", "ruff format --check .", "pytest"):
        say(f"\n== {check}")
        marks = ["-m", ""] if thorough else []  # "": what is marked as thorough too
        codes[check] = run("-m", *check.split(), *(arguments + marks if check == "pytest" else ()))
    if thorough:
        check = f"pytest with {OLDEST_LOCK}"
        say(f"\n== {check}")
        codes[check] = subprocess.run(
            [sys.executable, __file__, "oldest", *arguments], env={**os.environ, "LECTURE_VENV": ".venv-oldest"}
        ).returncode
    say("")
    for check, code in codes.items():
        say(f"{check}: {f'FAILED (exit code {code})' if code else 'passed'}")
    return int(any(codes.values()))


def oldest(arguments):
    """The tests on the oldest versions allowed, called by `test --thorough`; browsers are left to the newest ones."""
    set_up(OLDEST_LOCK)
    old = ["-W", "ignore::DeprecationWarning"]  # what the oldest versions use of newer ones is not ours to mend
    return run("-m", "pytest", *arguments, *old, "--ignore", "tests/browser")


def mutants(arguments):
    """Puts in faults and looks for them, as tools/mutants.py says."""
    set_up("requirements-test.lock")
    return run("-m", "tools.mutants", *arguments)


def notebooks(arguments):
    """Executes and stores the notebooks, as tools/notebooks.py says."""
    set_up("requirements-test.lock")
    return run("tools/notebooks.py", *arguments)


def animation(arguments):
    """Films the animation of the README, as tools/animation.py says."""
    set_up("requirements-test.lock")
    return run("-m", "tools.animation", *arguments)


def handout(arguments):
    """Writes the handout, as tools/handout.py says."""
    set_up("requirements-test.lock")
    return run("-m", "tools.handout", *arguments)


def bench(arguments):
    """Runs what is in bench, one after the other; only latency takes arguments (explorers' names, --quick, --rounds)."""
    scripts = sorted(path for path in (ROOT / "bench").glob("*.py") if "__main__" in path.read_text(encoding="utf-8"))
    known = [script.stem for script in scripts]
    passed_on = arguments[1:] if arguments[:1] == ["latency"] else []
    names = arguments[:1] if passed_on else arguments
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Stop(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(known)}.")
    set_up("requirements-test.lock")
    if hasattr(os, "getloadavg"):  # before the first one: each adds to what the next one finds
        os.environ["LECTURE_BENCH_LOAD"] = str(os.getloadavg()[0])
    codes = []
    for name in names or known:
        say(f"\n== bench/{name}.py")
        codes.append(run(f"bench/{name}.py", *passed_on))
    return max(codes)


def reset(arguments):
    """Brings notebooks back to how they came, as tools/reset.py says; needs no environment."""
    return subprocess.run([sys.executable, ROOT / "tools" / "reset.py", *arguments]).returncode


def forget_views(path):
    """Takes widgets' views out of a saved notebook: their kernel is gone, and a page would say so in place of the picture.

    All else in it stays, written as JupyterLab writes it. What cannot be read as a notebook is left as it is.
    """
    try:
        saved = path.read_bytes()
        kept = without_views(saved) if VIEW.encode() in saved else None
        if kept is not None:
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(kept)
            shutil.copymode(str(path), str(unfinished))
            os.replace(str(unfinished), str(path))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass


def without_views(saved):
    """A notebook without views, as bytes; None if it has none. What is no notebook raises one error or another."""
    notebook, found = json.loads(saved.decode("utf-8")), False
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            found = output.get("data", {}).pop(VIEW, None) is not None or found
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode("utf-8") if found else None


def lecture(arguments):
    """Opens the first notebook in JupyterLab, and returns when JupyterLab has ended."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__, formatter_class=layout)
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")
    parser.add_argument("--port", type=int, help="the port to use (the default is the first free one from 8888 on)")
    options = parser.parse_args(arguments)
    if str(ROOT) not in glob.glob(str(ROOT)):
        raise Stop(
            f"The path {ROOT} holds a [, and JupyterLab does not find its widgets below such a folder. "
            "Rename the folder, for example to lecture, or move it, then start again."
        )
    chosen = []
    if options.port is not None:
        if not 0 < options.port < 65536:
            raise Stop(f"--port must be from 1 to 65535; {options.port} is not.")
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", options.port)) == 0:
                raise Stop(f"Port {options.port} is in use. Choose another one, or leave --port away.")
        chosen += [f"--ServerApp.port={options.port}", "--ServerApp.port_retries=0"]
    if options.no_browser:
        chosen += ["--ServerApp.open_browser=False"]
    reset(["--keep"])
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        forget_views(path)
    set_up("requirements.lock")
    say("Starting JupyterLab. Ctrl-C ends it.")
    command = [
        *(PYTHON, "-m", "jupyterlab"),
        f"--LabApp.default_url=/lab/tree/{START}",
        f"--ServerApp.root_dir={ROOT}",
        "--Application.log_level=ERROR",
        "--ServerApp.answer_yes=True",  # Ctrl-C ends it without a question
        "--ServerApp.allow_root=True",  # as in containers
        "--ServerApp.use_redirect_file=False",  # a browser in a sandbox (snap) cannot open files in hidden folders
        *chosen,
    ]
    # In a session of its own JupyterLab hears of Ctrl-C once, from here; on Windows the console tells it.
    with subprocess.Popen(command, cwd=ROOT, env=environment(), start_new_session=True) as lab:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: os.name == "nt" or lab.terminate())
        return lab.wait()


def main(arguments):
    """The exit code."""
    if sys.version_info < OLDEST:
        here, needed = (".".join(map(str, version[:2])) for version in (sys.version_info, OLDEST))
        raise Stop(f"The lecture needs Python {needed} or newer; this is Python {here}. Start it with a newer one.")
    commands = {
        "test": test,
        "oldest": oldest,
        "mutants": mutants,
        "notebooks": notebooks,
        "handout": handout,
        "animation": animation,
        "bench": bench,
        "reset": reset,
    }
    if arguments and arguments[0] in commands:
        return commands[arguments[0]](arguments[1:])
    return lecture(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as error:
        sys.exit(f"run.py: {error}")
    except OSError as error:
        sys.exit(f"run.py: {'The disk is full. ' if error.errno == 28 else ''}{error}")
    except KeyboardInterrupt:
        sys.exit("run.py: Stopped.")
