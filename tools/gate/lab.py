# SPDX-License-Identifier: Apache-2.0
"""Starts the real programs on loopback for tools/demo and the live tests: synthetic printers, a hub,
agents, certificates. The kernel chooses the ports, programs report on a descriptor that they are
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

from compare import (LIFE, SERIAL, SUPPLY_LEVEL, SUPPLY_MAX, claims, compare_devices,  # noqa: F401
                     compare_fleet)

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_S = 60  # from start to ready, with sanitizers on a busy machine
STOP_S = 30   # from SIGTERM to the end


# A sanitizer's report contains one of these. A program that printed one fails the test, even if the
# test expects it to fail.
REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error: ")


class LabError(Exception):
    """An event did not happen; the message has the end of the program's log."""


def tail(path, lines=20):
    try:
        text = pathlib.Path(path).read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def reports(text):
    """The first report of a sanitizer in this text; "" if there is none."""
    found = [at for at in map(text.find, REPORTS) if at >= 0]
    return text[min(found):][:4000] if found else ""


def process_state(pid):
    """System calls of a process's threads and of its children (LeakSanitizer starts one at exit)."""
    lines = []
    for task in sorted(pathlib.Path(f"/proc/{pid}/task").glob("*")):
        facts = []
        for name in ("comm", "wchan", "syscall", "children"):
            try:
                facts.append(f"{name} {(task / name).read_text().strip()}")
            except OSError as err:
                facts.append(f"{name}: {err.strerror}")
        lines.append(f"  thread {task.name}: {', '.join(facts)}")
        for child in facts[-1].split()[1:]:
            lines += [f"  child {child}:", *process_state(child)] if child.isdigit() else []
    return lines


class Program:
    """One running program. stderr goes to a file. A server's first line on --ready-fd or (`ready_on`
    "stdout") on stdout reports that it is ready."""

    def __init__(self, name, argv, log, ready_on="fd", stdout=None):
        self.name = name
        self.log = pathlib.Path(log)
        self.code = None
        self.hung = None  # its process_state, if it did not end
        self._ready = b""
        pass_fds = ()
        read_fd = write_fd = None
        if ready_on is not None:
            read_fd, write_fd = os.pipe2(os.O_CLOEXEC)
        if ready_on == "fd":
            argv = [*argv, "--ready-fd", str(write_fd)]
            pass_fds = (write_fd,)
        elif ready_on == "stdout":
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
        """Waits until the program is ready; returns the JSON of its ready line."""
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
        """True if it still runs after this time; returns at once if it ends before."""
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
        """SIGTERM, then SIGKILL after STOP_S, which makes the lab fail. Returns the exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(STOP_S)
        except LabError:
            self.hung = "\n".join(process_state(self.pid))
            self.signal(signal.SIGKILL)
            return self.wait(READY_S)

    def failure(self):
        """Why the test must fail although the program has ended; "" if it need not."""
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
            # A file has no event to wait for: poll it, and stop when the program ends.
            select.select([self._pidfd], [], [], 0.02)


def wait_for_end(*programs):
    """Waits until one of the programs ends; returns it."""
    fds = {program._pidfd: program for program in programs}
    return fds[select.select(list(fds), [], [])[0][0]]


class Sim(Program):
    """platen-sim with its control socket, which speaks JSON lines."""

    def __init__(self, argv, log, control):
        super().__init__("platen-sim", argv, log, ready_on="stdout")
        self.control = control
        self.addresses = None  # by number, if they are not consecutive
        self._socket = None
        self._buffer = b""

    def connect(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(60)
        self._socket.connect(str(self.control))

    def commands(self, requests):
        """Sends all requests while it reads; returns the responses in their order."""
        if self._socket is None:
            self.connect()
        out = b"".join(json.dumps(r, separators=(",", ":")).encode() + b"\n" for r in requests)
        responses, sent = [], 0
        self._socket.setblocking(False)
        end = time.monotonic() + 120
        while len(responses) < len(requests):
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
                responses += [json.loads(line) for line in lines]
        return responses

    def devices(self):
        """All devices by number: address, second, profile, serial, printer (true or false)."""
        return self.command(cmd="devices")["devices"]

    def address(self, number):
        if self.addresses is not None:
            return self.addresses[number]
        return socket.inet_ntoa((self.first + number).to_bytes(4, "big"))

    def number_of(self, address):
        """The number of the printer with this address ("127.1.0.5" or "127.1.0.5:16100")."""
        host = address.rsplit(":", 1)[0]
        if self.addresses is not None:
            return self.addresses.index(host)
        return int.from_bytes(socket.inet_aton(host), "big") - self.first

    def drops(self):
        """Datagrams that the simulator lost: a measurement with any is invalid."""
        return self.command(cmd="stats")["drops"]

    def command(self, **request):
        """Runs one command; returns its response, which must be ok."""
        response = self.commands([request])[0]
        if not response.get("ok", True):
            raise LabError(f"platen-sim: {request}: {response}")
        return response


class Lab:
    """A folder and the programs that run in it; ends the programs and removes the folder."""

    log_errors = None  # a function that returns the errors of a program's log, for the tests

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
        failures = self.close()
        if failures and kind is None:
            raise LabError("\n".join(failures))

    def close(self):
        """Ends the programs; returns their failures, such as a leak that is found at exit."""
        failures = []
        for program in reversed(self.programs):
            if program.code is None:
                program.stop()
            failures += filter(None, [program.failure()])
            failures += self.check_log(program.name, program.log.read_text(errors="replace"))
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        return failures

    def check_log(self, name, text):
        if type(self).log_errors is None or name.startswith("platen-sim"):
            return []
        return [f"{name}: {error}" for error in type(self).log_errors(text)]

    def bin(self, name):
        path = self.build / "bin" / name
        if not path.exists():
            raise LabError(f"{path} is not built")
        return path

    def number(self, kind):
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return f"{kind}{self._numbers[kind]}"

    def run(self, *argv, check=True, deadline_s=120, stdin=None, env=None):
        """Runs a program until it ends: (code, stdout, stderr)."""
        got = subprocess.run([str(a) for a in argv], capture_output=True, text=True, input=stdin,
                             timeout=deadline_s, env=env,
                             stdin=subprocess.DEVNULL if stdin is None else None)
        if reports(got.stderr):
            raise LabError(f"{' '.join(str(a) for a in argv)}: {reports(got.stderr)}")
        bad_lines = self.check_log(pathlib.Path(argv[0]).name, got.stderr)
        if bad_lines:
            raise LabError("\n".join(bad_lines))
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
            sim.addresses = [d["address"] for d in sim.devices()]
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
        """Adds a machine account; returns its secret."""
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
        """`platen once --sync --json`: (code, its JSON or None, its resource use or None)."""
        out = self.dir / f"{config.stem}.once.json"
        used = self.dir / f"{config.stem}.used.json"
        argv = [self.bin("platen"), "once", "--sync", "--json", "--config", config]
        if measured:
            argv = [ROOT / "tools/gate/measure", used, *argv]
        with open(out, "wb") as stdout:
            program = Program("platen once", argv, self.dir / f"{config.stem}.log",
                              ready_on=None, stdout=stdout)
        self.programs.append(program)
        code = program.wait(deadline_s)
        text = out.read_text().strip()
        try:
            summary = json.loads(text.splitlines()[-1]) if text else None
        except json.JSONDecodeError:
            summary = None
        return code, summary, json.loads(used.read_text()) if measured else None
