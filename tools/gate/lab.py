# SPDX-License-Identifier: Apache-2.0
"""Starts the real programs on loopback for tools/demo and the live tests: synthetic printers, a hub,
agents, certificates. Ports are the kernel's choice, programs say on a descriptor when they are
ready, every wait ends at an event or at its deadline, and every program is ended by its pid."""
import base64
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from compare import LIFE, SERIAL, SUPPLY_LEVEL, SUPPLY_MAX, claims, hold, history  # noqa: F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_S = 60  # for a program to say that it is ready; sanitizers and a busy machine included
STOP_S = 30   # from SIGTERM to the end


# By these a sanitizer tells of a bug; who says it must not pass for a program that only failed.
REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error: ")


class LabError(Exception):
    """Something did not happen; says what, with the end of the program's log."""


def tail(path, lines=20):
    try:
        text = pathlib.Path(path).read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def reports(text):
    """The first report of a sanitizer in this text, from where it begins; "" if there is none."""
    found = [at for at in map(text.find, REPORTS) if at >= 0]
    return text[min(found):][:4000] if found else ""


def doings(pid):
    """What the threads of a process wait for, and its children (LeakSanitizer has one at the end)."""
    lines = []
    for task in sorted(pathlib.Path(f"/proc/{pid}/task").glob("*")):
        said = []
        for name in ("comm", "wchan", "syscall", "children"):
            try:
                said.append(f"{name} {(task / name).read_text().strip()}")
            except OSError as err:
                said.append(f"{name}: {err.strerror}")
        lines.append(f"  thread {task.name}: {', '.join(said)}")
        for child in said[-1].split()[1:]:
            lines += [f"  child {child}:", *doings(child)] if child.isdigit() else []
    return lines


class Program:
    """One running program. stderr goes to a file; a server's first line, on --ready-fd or (`says_on`
    "stdout") on stdout, is its word that it serves."""

    def __init__(self, name, argv, log, says_on="fd", stdout=None):
        self.name = name
        self.log = pathlib.Path(log)
        self.code = None
        self.hung = None  # what it did instead of ending
        self._ready = b""
        pass_fds = ()
        read_fd = write_fd = None
        if says_on is not None:
            read_fd, write_fd = os.pipe2(os.O_CLOEXEC)
        if says_on == "fd":
            argv = [*argv, "--ready-fd", str(write_fd)]
            pass_fds = (write_fd,)
        elif says_on == "stdout":
            stdout = write_fd
        self.argv = [str(a) for a in argv]
        with open(self.log, "ab") as err:
            self.child = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, pass_fds=pass_fds,
                                          stdout=stdout or err, stderr=err)
        self.pid = self.child.pid
        self._pidfd = os.pidfd_open(self.pid)
        self._ready_fd = read_fd
        if write_fd is not None:
            os.close(write_fd)

    def ready(self, deadline_s=READY_S):
        """The program's JSON line, once it serves."""
        end = time.monotonic() + deadline_s
        while b"\n" not in self._ready:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._ready_fd], [], [], left)[0]:
                raise LabError(f"{self.name} is not ready after {deadline_s} s\n{tail(self.log)}")
            got = os.read(self._ready_fd, 4096)
            if not got:
                self.wait(STOP_S)
                raise LabError(f"{self.name} ended with {self.code} before it was ready\n"
                               f"{tail(self.log)}")
            self._ready += got
        return json.loads(self._ready.split(b"\n", 1)[0])

    def is_running(self):
        return self.code is None and not select.select([self._pidfd], [], [], 0)[0]

    def runs_for(self, seconds):
        """Whether it still runs after this time; returns at once if it ends before."""
        return not select.select([self._pidfd], [], [], seconds)[0]

    def wait(self, deadline_s):
        """The exit code (negative: the signal that ended it)."""
        if self.code is None:
            if not select.select([self._pidfd], [], [], deadline_s)[0]:
                raise LabError(f"{self.name} still runs after {deadline_s} s\n{tail(self.log)}")
            self.code = self.child.wait()
            os.close(self._pidfd)
            if self._ready_fd is not None:
                os.close(self._ready_fd)
        return self.code

    def signal(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def stop(self):
        """SIGTERM, and SIGKILL if that is not enough, which the lab complains of. Returns the exit
        code."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(STOP_S)
        except LabError:
            self.hung = "\n".join(doings(self.pid))
            self.signal(signal.SIGKILL)
            return self.wait(READY_S)

    def complaint(self):
        """What a test must not pass by, once the program has ended; "" if nothing."""
        if self.hung is not None:
            return f"{self.name} did not end {STOP_S} s after SIGTERM\n{self.hung}\n{tail(self.log)}"
        report = reports(self.log.read_text(errors="replace"))
        return f"{self.name}: {report}" if report else ""

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait(STOP_S)

    def wait_for_log(self, text, deadline_s, since=0):
        """The first line of the log, from byte `since`, that holds `text`."""
        end = time.monotonic() + deadline_s
        while True:
            is_over = not self.is_running() or time.monotonic() > end
            for line in self.log.read_bytes()[since:].decode(errors="replace").splitlines():
                if text in line:
                    return line
            if is_over:
                raise LabError(f"{self.name} never logged {text!r}\n{tail(self.log)}")
            # A file has no event to wait for; the program's end has, and comes with this one.
            select.select([self._pidfd], [], [], 0.02)


class Sim(Program):
    """platen-sim. Its control socket takes and gives JSON lines."""

    def __init__(self, argv, log, control):
        super().__init__("platen-sim", argv, log, says_on="stdout")
        self.control = control
        self.places = None  # by number, if they are not consecutive
        self._socket = None
        self._buffer = b""

    def connect(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(60)
        self._socket.connect(str(self.control))

    def ask_all(self, requests):
        """Answers in the order of the requests, which may be many: written and read at once."""
        if self._socket is None:
            self.connect()
        out = b"".join(json.dumps(r, separators=(",", ":")).encode() + b"\n" for r in requests)
        answers, sent = [], 0
        self._socket.setblocking(False)
        end = time.monotonic() + 120
        while len(answers) < len(requests):
            want = [self._socket] if sent < len(out) else []
            r, w, _ = select.select([self._socket], want, [], max(0, end - time.monotonic()))
            if not r and not w:
                raise LabError(f"the control socket is silent\n{tail(self.log)}")
            if w:
                sent += self._socket.send(out[sent:sent + 65536])
            if r:
                got = self._socket.recv(1 << 20)
                if not got:
                    raise LabError(f"the control socket closed\n{tail(self.log)}")
                self._buffer += got
                *lines, self._buffer = self._buffer.split(b"\n")
                answers += [json.loads(line) for line in lines]
        return answers

    def devices(self):
        """All of them by number: address, second, profile, serial, printer (true or false)."""
        return self.ask(cmd="devices")["devices"]

    def address(self, number):
        if self.places is not None:
            return self.places[number]
        return socket.inet_ntoa((self.first + number).to_bytes(4, "big"))

    def number_of(self, address):
        """Which printer has this address ("127.1.0.5" or "127.1.0.5:16100")."""
        host = address.rsplit(":", 1)[0]
        if self.places is not None:
            return self.places.index(host)
        return int.from_bytes(socket.inet_aton(host), "big") - self.first

    def drops(self):
        """What would make a measurement worthless: datagrams lost on its side."""
        return self.ask(cmd="stats")["drops"]

    def ask(self, **request):
        answer = self.ask_all([request])[0]
        if not answer.get("ok", True):
            raise LabError(f"platen-sim: {request}: {answer}")
        return answer


class Lab:
    """A folder, the programs that run in it, and the end of both."""

    def __init__(self, build, keep=False, say=None, prefix="platen-lab-"):
        self.build = pathlib.Path(build)
        self.keep = keep
        self.say = say or (lambda text: None)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
        self.programs = []
        self._numbers = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        complaints = self.close()
        if complaints and kind is None:
            raise LabError("\n".join(complaints))

    def close(self):
        """Ends the programs; what they have to answer for, such as a leak that is found at the end."""
        complaints = []
        for program in reversed(self.programs):
            if program.code is None:
                program.stop()
            complaints += filter(None, [program.complaint()])
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        return complaints

    def bin(self, name):
        path = self.build / "bin" / name
        if not path.exists():
            raise LabError(f"{path} is not built")
        return path

    def number(self, kind):
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return f"{kind}{self._numbers[kind]}"

    def run(self, *argv, check=True, deadline_s=120, stdin=None, env=None):
        """A program that ends by itself: (code, stdout, stderr)."""
        got = subprocess.run([str(a) for a in argv], capture_output=True, text=True, input=stdin,
                             timeout=deadline_s, env=env,
                             stdin=subprocess.DEVNULL if stdin is None else None)
        if reports(got.stderr):
            raise LabError(f"{' '.join(str(a) for a in argv)}: {reports(got.stderr)}")
        if check and got.returncode != 0:
            raise LabError(f"{' '.join(str(a) for a in argv)} ended with {got.returncode}\n"
                           f"{got.stdout[-2000:]}{got.stderr[-2000:]}")
        return got

    def file(self, path, text, mode=0o600):
        path = pathlib.Path(path)
        path.write_text(text)
        path.chmod(mode)
        return path

    # ---- certificates ----
    def certs(self):
        """A CA and a server certificate for localhost and 127.0.0.1."""
        where = self.dir / "certs"
        if not where.exists():
            self.run(ROOT / "tools/certs", where)
        return where

    # ---- printers ----
    def sim(self, printers, *options):
        name = self.number("sim")
        control = self.dir / f"{name}.sock"
        sim = Sim([self.bin("platen-sim"), "--printers", printers, "--control", control, *options],
                  self.dir / f"{name}.log", control)
        self.programs.append(sim)
        sim.info = sim.ready()
        if "--spread" in options or "--mixed" in options:
            sim.places = [d["address"] for d in sim.devices()]
        sim.first = int.from_bytes(socket.inet_aton(sim.info["first"]), "big")
        sim.last = sim.address(printers - 1)
        sim.printers = printers
        return sim

    # ---- the hub ----
    def hub_config(self, name="hub", cert=None, key=None, port=0, extra=""):
        certs = self.certs()
        state = self.dir / f"{name}-state"
        return self.file(self.dir / f"{name}.yaml", f"""\
state_dir: {state}
listen:
  address: 127.0.0.1
  port: {port}
tls:
  cert_file: {cert or certs / 'server.pem'}
  key_file: {key or certs / 'server.key'}
{extra}""")

    def hub(self, config):
        hub = Program("platen-hub", [self.bin("platen-hub"), "run", "--config", config],
                      self.dir / f"{config.stem}.log")
        hub.config = config
        self.programs.append(hub)
        hub.port = hub.ready()["port"]
        return hub

    def add_agent(self, config, user):
        """The secret of a new machine account."""
        got = self.run(self.bin("platen-hub"), "user", "add", user, "--role", "agent", "--config",
                       config)
        return got.stdout.split()[-1]

    def devices(self, config):
        got = self.run(self.bin("platen-hub"), "devices", "--jsonl", "--config", config,
                       deadline_s=300)
        return [json.loads(line) for line in got.stdout.splitlines() if line]

    # ---- an agent ----
    def agent_config(self, sim=None, hub_port=None, secret="", name=None, ca=None, extra="",
                     host="127.0.0.1", user="agent1", targets=None, state=None, devices_extra=""):
        name = name or self.number("agent")
        state = state or self.dir / f"{name}-state"
        if targets is None:
            targets = f"    - range: {sim.info['first']}-{sim.last}\n" \
                      f"      port: {sim.info['port']}\n"
        text = f"state_dir: {state}\nsite: Lab\ndevices:\n"
        if sim is not None:
            text += f"  max: {max(2000, sim.printers)}\n"
        text += f"{devices_extra}  targets:\n{targets}"
        if hub_port is not None:
            password = self.file(self.dir / f"{name}.password", secret + "\n")
            text += f"hub:\n  url: https://{host}:{hub_port}/\n  user: {user}\n" \
                    f"  password_file: {password}\n  ca_file: {ca or self.certs() / 'ca.pem'}\n"
        config = self.file(self.dir / f"{name}.yaml", text + extra)
        return config

    def agent(self, config):
        agent = Program("platen", [self.bin("platen"), "run", "--config", config],
                        self.dir / f"{config.stem}.log")
        agent.config = config
        self.programs.append(agent)
        agent.ready()
        return agent

    def once(self, config, measured=False, deadline_s=600):
        """`platen once --json`: (code, its JSON or None, what it used or None)."""
        out = self.dir / f"{config.stem}.once.json"
        used = self.dir / f"{config.stem}.used.json"
        argv = [self.bin("platen"), "once", "--json", "--config", config]
        if measured:
            argv = [ROOT / "tools/gate/measure", used, *argv]
        with open(out, "wb") as stdout:
            program = Program("platen once", argv, self.dir / f"{config.stem}.log",
                              says_on=None, stdout=stdout)
        self.programs.append(program)
        code = program.wait(deadline_s)
        text = out.read_text().strip()
        try:
            summary = json.loads(text.splitlines()[-1]) if text else None
        except json.JSONDecodeError:
            summary = None
        return code, summary, json.loads(used.read_text()) if measured else None
