# SPDX-License-Identifier: Apache-2.0
"""One table makes the parser, --help, the manual pages, the reference of the configuration and the
completion of three shells. Everything is rendered here and compared with `help --json`."""
import json
import os
import pty
import re
import select
import shlex
import subprocess
import time

import pytest

from conftest import ROOT

PROGRAMS = {"platen": "platen.1", "platen-hub": "platen-hub.8"}
SHELLS = ("bash", "zsh", "fish")


def run(world, program, *argv):
    return world.run(world.bin(program), *argv, check=False)


def table(world, program):
    return json.loads(run(world, program, "help", "--json").stdout)


def candidates(world, program, *words):
    """What the completion scripts get for the last word: its candidates with their descriptions."""
    got = run(world, program, "--complete", *words)
    assert (got.returncode, got.stderr) == (0, "")
    pairs = [line.split("\t") for line in got.stdout.splitlines()]
    assert len(dict(pairs)) == len(pairs), f"a candidate is offered twice: {pairs}"
    return dict(pairs)


def good_value(option):
    return {"number": str(max(option["min"], 1)), "duration": "1s", "word": (option["words"] or "").
            split(" ")[-1]}.get(option["type"], "x")


def arguments(world, option):
    name = f"--{option['name']}"
    if option["type"] == "flag":
        return [name]
    return [f"{name}={good_value(option)}"] if option["optional"] else [name, good_value(option)]


@pytest.mark.parametrize("program", PROGRAMS)
def test_parser_help_manual_and_completion_hold_every_verb_and_option(world, program):
    manual = (ROOT / "docs/man" / PROGRAMS[program]).read_text()
    verbs = table(world, program)["verbs"]
    assert len(verbs) > 10
    for verb in verbs:
        words = verb["name"].split()
        page = run(world, program, *words, "--help").stdout
        assert f".Ss {program} {verb['name']}\n" in manual
        for i, word in enumerate(words):
            # The first word of several verbs has their second words as its description.
            group = [v["name"].split()[1] for v in verbs if v["name"].startswith(f"{word} ")]
            what = ", ".join(group) if i == 0 and len(group) > 1 else verb["summary"]
            assert candidates(world, program, *words[:i], word)[word] == what
        offered = candidates(world, program, *words, "--")
        assert offered == {"--help": "this page",
                           **{f"--{o['name']}": o["help"] for o in verb["options"]}}
        for option in verb["options"]:
            name = option["name"]
            assert re.search(rf"^ .*--{name}\b", page, re.M), (verb["name"], name)
            assert f"Fl -{name}" in manual, name
            if option["type"] == "word":
                assert option["words"] in " ".join(page.split())
                for typed in ([f"--{name}", ""], [f"--{name}="], [f"--{name}", "=", ""]):
                    assert list(candidates(world, program, *words, *typed)) == option["words"].split()
            # The parser takes the option before it comes to --help.
            got = run(world, program, *words, *arguments(world, option), "--help")
            assert got.returncode == 0 and got.stdout == page, (verb["name"], name, got.stderr)
            if option["type"] in ("number", "duration", "word"):
                bad = run(world, program, *words, f"--{name}=?", "--help")
                assert bad.returncode == verb["usage_code"] and f"--{name} takes " in bad.stderr
        # Positive control: an option that no table holds.
        bad = run(world, program, *words, "--no-such-option", "--help")
        assert bad.returncode == verb["usage_code"] == (3 if words == ["check"] else 2)


def test_the_simulator_has_its_options_from_the_same_table(world):
    """platen-sim has no verbs: what they print is an option of it."""
    verb, = json.loads(run(world, "platen-sim", "--help-json").stdout)["verbs"]
    page = run(world, "platen-sim", "--help").stdout
    manual = (ROOT / "docs/man/platen-sim.1").read_text()
    assert candidates(world, "platen-sim", "--") == {
        "--help": "this page", **{f"--{o['name']}": o["help"] for o in verb["options"]}}
    for option in verb["options"]:
        name = option["name"]
        assert f"--{name}" in page and f"Fl -{name}" in manual
        got = run(world, "platen-sim", *arguments(world, option), "--help")
        assert got.returncode == 0 and got.stdout == page, (name, got.stderr)
    assert run(world, "platen-sim", "--no-such", "--help").returncode == 2
    bare = run(world, "platen-sim")
    assert (bare.returncode, bare.stdout, bare.stderr) == (2, "", page)
    assert re.fullmatch(r"platen-sim \d+\.\d+\.\d+\n", run(world, "platen-sim", "--version").stdout)


def test_no_option_stands_only_in_the_manual(world):
    for program, page in PROGRAMS.items():
        names = {o["name"] for v in table(world, program)["verbs"] for o in v["options"]} | {"help"}
        shown = set(re.findall(r"^\.It .*?Fl -([a-z0-9-]+)", (ROOT / "docs/man" / page).read_text(),
                               re.M))
        assert shown <= names, shown - names


def test_generated_pages_are_current(world):
    got = world.run(ROOT / "tools/gate/manual", world.bin("platen").parent.parent, "--check", check=False)
    assert got.returncode == 0, got.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_of_help_and_of_a_group(world, program):
    got = run(world, program, "help", "--help")
    assert got.returncode == 0 and got.stdout.startswith(f"Usage: {program} help ")
    got = run(world, program, "--help")
    assert got.returncode == 0 and got.stdout == run(world, program, "help").stdout
    assert run(world, program, "version", "foo").returncode == 2
    group = run(world, "platen-hub", "user", "--help")
    assert group.returncode == 0 and "platen-hub user add" in group.stdout
    assert run(world, "platen-hub", "user").returncode == 2


# ---- the three shells ----
CASES = [
    ("platen", "platen snm", {"snmp-test"}),
    ("platen", "platen s", {"snmp-test", "status", "sync-now", "sample-config"}),
    ("platen", "platen models --json --mod", {"--models"}),
    ("platen", "platen poll --comm", {"--community", "--community-file"}),
    ("platen", "platen poll --version ", {"1", "2c", "3"}),
    ("platen", "platen report --format h", {"html"}),
    ("platen", "platen report --format=h", {"html"}),
    ("platen", "platen check-config --config=", {"a.yaml", "sub/"}),
    ("platen", "platen models -m ", {"sub/"}),
    ("platen", "platen help mod", {"models"}),
    ("platen", "platen completion z", {"zsh"}),
    ("platen", "platen check-config --config ", {"a.yaml", "sub/"}),
    ("platen", "platen read -r ", {"b.snmprec", "sub/"}),
    ("platen", "platen poll loc", {"localhost"}),
    ("platen-hub", "platen-hub us", {"user"}),
    ("platen-hub", "platen-hub user ", {"add"}),
    ("platen-hub", "platen-hub user add --role o", {"operator"}),
    ("platen-sim", "platen-sim --silent", {"--silent", "--silent-last", "--silent-list"}),
]


def bash(script, line, folder):
    words = re.split(r" |(?<==)(?=.)|(?==)", line)  # a word ends at '=' too
    code = (f"source {script}; COMP_WORDS=({' '.join(repr(w) for w in words)}); "
            f"COMP_CWORD={len(words) - 1}; $(complete -p {words[0]} | sed 's/.*-F \\([^ ]*\\) .*/\\1/'); "
            "printf '%s\\n' \"${COMPREPLY[@]}\"")
    got = subprocess.run(["bash", "--norc", "-c", code], cwd=folder, capture_output=True, text=True,
                         timeout=60)
    assert "error" not in got.stderr.lower(), got.stderr
    return {w + ("/" if (folder / w).is_dir() else "") for w in got.stdout.split()}


def fish(script, line, folder):
    got = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"],
                         cwd=folder, capture_output=True, text=True, timeout=60,
                         env={**os.environ, "HOME": str(folder / "sub")})
    assert got.stderr == "", got.stderr
    return {w.split("\t")[0] for w in got.stdout.splitlines()}


ZSH_SETUP = r"""
PROMPT='' PS2=''; autoload -Uz compinit; compinit -u -D; source %s
zstyle ':completion:*' verbose no; unsetopt auto_menu auto_list
compadd() {
	local -a hits; local hit
	if [[ ${@[1,(i)(-|--)]} = *-(O|A|D)* ]]; then builtin compadd "$@"; return; fi
	builtin compadd -A hits "$@"
	for hit in $hits; do [[ -d $hit ]] && print "HIT $hit/" || print "HIT $hit"; done
	builtin compadd "$@"
}
"""


def zsh(script, line, folder):
    """On a terminal of its own; each candidate that reaches compadd is printed."""
    setup = folder / "sub" / "setup.zsh"
    setup.write_text(ZSH_SETUP % script)
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ["TERM"] = "dumb"
        os.execvp("zsh", ["zsh", "-f", "-i"])
    text, deadline = b"", time.monotonic() + 60
    steps = [(f"source {setup}; print READY-1\n".encode(), b"\nREADY-1"),
             (line.encode() + b"\t", b"HIT "), (b"\x15print READY-2\n", b"\nREADY-2")]
    for send, wait in steps:
        os.write(fd, send)
        while wait not in text.replace(b"\r", b""):
            assert select.select([fd], [], [], max(0, deadline - time.monotonic()))[0], text
            text += os.read(fd, 4096)
    os.write(fd, b"exit\n")
    os.close(fd)
    os.waitpid(pid, 0)
    return set(re.findall(r"HIT (\S+)", text.decode()))


@pytest.mark.parametrize("shell", (bash, zsh, fish), ids=SHELLS)
def test_completion_in_a_shell(world, tmp_path, shell, monkeypatch):
    # The script runs its program by name.
    monkeypatch.setenv("PATH", f"{world.bin('platen').parent}:{os.environ['PATH']}")
    (tmp_path / "sub").mkdir()
    for name in ("a.yaml", "b.snmprec", "c.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "sub" / ".ssh").mkdir()
    (tmp_path / "sub" / ".ssh" / "known_hosts").write_text("localhost ssh-ed25519 AAAA\n")  # for fish
    for program, line, want in CASES:
        script = tmp_path / "sub" / f"{program}.{shell.__name__}"
        verb = "--completion" if program == "platen-sim" else "completion"
        script.write_text(run(world, program, verb, shell.__name__).stdout)
        got = shell(script, line, tmp_path)
        # Of files, fish offers all, those with the ending first.
        if shell is fish and "sub/" in want:
            got = {w.removeprefix("--config=") for w in got}
            assert want <= got, (line, got)
        elif shell is fish and "=" in line:
            assert got == {line.split()[-1].split("=")[0] + "=" + w for w in want}
        else:
            assert got == want, (line, got)


HOSTILE = ["$(touch planted)", "`touch planted`", ";touch planted", "\"$(touch planted)", "*", "%s%n", "\n touch planted",
           "--config=$(touch planted)", "--recording=`touch planted`", "-", "$HOME/", "x$(touch planted)"]
NAMES = ["a b", "*", "$(touch planted)", "`touch planted`", "c'd\"e"]


def typed(words):
    """The words as bash, and fish, take them from a line that is quoted."""
    return [shlex.quote(word) for word in words]


def bash_words(script, words, folder):
    code = (f"source {script}; COMP_WORDS=({' '.join(typed(words))}); COMP_CWORD={len(words) - 1}; _platen; "
            "printf '%s\\n' \"${COMPREPLY[@]}\"")
    return subprocess.run(["bash", "--norc", "-c", code], cwd=folder, capture_output=True, text=True, timeout=60)


def fish_words(script, words, folder):
    line = " ".join(typed(words)).replace("\n", " ")
    return subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C $argv[1]", line], cwd=folder,
                          capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("complete", (bash_words, fish_words), ids=("bash", "fish"))
def test_completion_runs_nothing_that_a_word_or_a_name_says(world, tmp_path, complete, monkeypatch):
    """Words of the line and names of files and folders; zsh expands a word itself before any completion."""
    monkeypatch.setenv("PATH", f"{world.bin('platen').parent}:{os.environ['PATH']}")
    script = tmp_path / "script"
    script.write_text(run(world, "platen", "completion", complete.__name__.split("_")[0]).stdout)
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in NAMES:
        (folder / name).mkdir()
        (folder / f"{name}.snmprec").write_text("")
    for word in [*HOSTILE, ""]:
        for words in (["platen", word], ["platen", "read", "-r", word], ["platen", "read", "-m", word],
                      ["platen", "poll", word], ["platen", word, word]):
            complete(script, words, folder)
    assert sorted(p.name for p in folder.iterdir()) == sorted([*NAMES, *(f"{n}.snmprec" for n in NAMES)])
    assert not (tmp_path / "planted").exists()
    if complete is bash_words:
        got = complete(script, ["platen", "models", "-m", ""], folder)
        assert sorted(got.stdout.splitlines()) == sorted(NAMES)
