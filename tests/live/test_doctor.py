# SPDX-License-Identifier: Apache-2.0
"""`platen doctor` names the one thing that is wrong, and its support file holds no secret; `platen check-net`
lists the ports in use (S48)."""
import json
import os
import socket
import threading

import pytest

from conftest import state_dir, until

OK, TROUBLE, USAGE, CONFIG = 0, 1, 2, 78
OFTEN = "  interval: 2s\n"


def platen(world, verb, config, *options):
    return world.run(world.bin("platen"), verb, *options, "--config", config, check=False)


def checks(world, config, *options):
    """Exit code; {check: (result, text, action)} of the first line of each check that is in trouble, else
    of the last."""
    got = platen(world, "doctor", config, "--json", *options)
    said = json.loads(got.stdout)
    found = {}
    for line in said["checks"]:
        if found.get(line["check"], ("",))[0] != "trouble":
            found[line["check"]] = (line["result"], line["text"], line["action"])
    assert said["troubles"] == sum(line["result"] == "trouble" for line in said["checks"])
    assert all(line["action"] for line in said["checks"]
               if line["result"] == "trouble" and line["check"] not in ("daemon", "snmp"))
    return got.returncode, found


def in_trouble(found):
    return {name for name, line in found.items() if line[0] == "trouble"}


def test_doctor_finds_nothing_where_all_is_well(world, hub):
    config = world.agent_config(world.sim(2), hub.port, hub.secret, devices_extra=OFTEN, host="localhost")
    agent = world.agent(config)
    until(agent, lambda: (state_dir(config) / "status.json").exists())
    code, found = checks(world, config)
    assert code == OK and not in_trouble(found), found
    assert set(found) == {"conf", "rights", "disk", "daemon", "dns", "tcp", "tls", "clock", "account", "snmp"}
    assert {line[0] for line in found.values()} == {"ok"}, found
    page = platen(world, "doctor", config)
    assert page.returncode == OK and page.stdout.endswith("no trouble found\n"), page
    # The empty batch left nothing at the hub.
    assert all(d["address"] for d in world.devices(hub.config))


def test_doctor_names_what_is_wrong_at_the_hub(world, hub, bad_certs):
    sim = world.sim(1)
    wrong_secret = world.agent_config(sim, hub.port, "wrong")
    code, found = checks(world, wrong_secret)
    assert code == TROUBLE and in_trouble(found) == {"account"} and "401" in found["account"][1], found
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        none = world.agent_config(sim, closed.getsockname()[1], hub.secret)
        code, found = checks(world, none)
    assert code == TROUBLE and in_trouble(found) == {"tcp"}, found
    assert {name for name, line in found.items() if line[0] == "not tried"} >= {"tls", "clock", "account"}
    unknown = world.agent_config(sim, hub.port, hub.secret, host="no-such-host.invalid")
    code, found = checks(world, unknown)
    assert code == TROUBLE and in_trouble(found) == {"dns"}, found
    other_ca = world.agent_config(sim, hub.port, hub.secret, ca=bad_certs / "ca.pem")
    code, found = checks(world, other_ca)
    assert code == TROUBLE and in_trouble(found) == {"tls"}, found
    assert "CA" in found["tls"][1], found["tls"]


def test_doctor_names_the_error_of_a_run_of_once(world, hub):
    """A pinned key that is not the hub's is no trouble on the way: only the sync says so."""
    sim = world.sim(2)
    first = f"    - range: {sim.address(0)}:{sim.info['port']}\n"
    config = world.agent_config(sim, hub.port, hub.secret, targets=first)
    assert world.once(config)[0] == OK
    code, found = checks(world, config)
    assert code == OK and found["daemon"][:2] == ("ok", "none runs, platen once was here last"), found
    assert hub.stop() == 0
    (state_dir(hub.config) / "hub.key").unlink()
    other = world.hub(world.hub_config(port=hub.port))
    second = first.replace(sim.address(0), sim.address(1))  # something to send
    config.write_text(config.read_text().replace(first, first + second))
    assert world.once(config)[0] != OK
    code, found = checks(world, config)
    assert code == TROUBLE and in_trouble(found) == {"daemon"}, found
    assert "platen trust-hub --new-key" in found["daemon"][1], found
    assert other.stop() == 0


def test_doctor_and_check_net_send_nothing_to_the_hub_if_send_is_off(world):
    with socket.create_server(("127.0.0.1", 0)) as hub:
        hub.setblocking(False)
        config = world.agent_config(world.sim(1), hub.getsockname()[1], "x", extra="send: off\n")
        code, found = checks(world, config)
        assert code == OK and found["hub"][:2] == ("not tried", "send is off: no packet goes to it"), found
        assert not {"dns", "tcp", "tls", "clock", "account"} & set(found), found
        got = platen(world, "check-net", config, "--json")
        ports = {p["for"]: p for p in json.loads(got.stdout)["ports"]}
        assert got.returncode == OK and ports["hub"]["result"] == "not tried", got
        with pytest.raises(BlockingIOError):
            hub.accept()


class Proxy:
    """Answers CONNECT with `status`; a tunnel leads to `to`, whatever is asked for."""

    def __init__(self, status, to=None):
        self.status, self.to = status, to
        self.asked = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(near,), daemon=True).start()

    def serve(self, near):
        head = b""
        with near:
            while not head.endswith(b"\r\n\r\n"):
                got = near.recv(1)
                if not got:
                    return
                head += got
            self.asked.append(head.split(b"\r\n")[0].decode())
            near.sendall(f"HTTP/1.1 {self.status} Any\r\n\r\n".encode())
            if self.to is None:
                return
            with socket.create_connection(("127.0.0.1", self.to)) as far:
                threading.Thread(target=relay, args=(near, far), daemon=True).start()
                relay(far, near)

    def close(self):
        self.server.close()


def relay(source, sink):
    try:
        while got := source.recv(65536):
            sink.sendall(got)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the other side has gone


def test_doctor_and_check_net_take_the_way_through_the_proxy(world, hub):
    sim = world.sim(1)
    config = world.agent_config(sim, 1, hub.secret)  # nothing listens at port 1 of this machine
    text, url = config.read_text(), "url: https://127.0.0.1:1/"
    assert url in text

    def use(port, more=""):
        config.write_text(text.replace(url, f"{url}\n  proxy: http://127.0.0.1:{port}{more}"))

    proxy = Proxy(200, hub.port)
    use(proxy.port)
    code, found = checks(world, config)
    assert not in_trouble(found) - {"daemon"}, found
    assert str(proxy.port) in found["tcp"][1] and found["account"][0] == "ok", found
    assert "CONNECT 127.0.0.1:1 HTTP/1.1" in proxy.asked
    got = platen(world, "check-net", config, "--json")
    way = [(p["to"], p["port"], p["result"]) for p in json.loads(got.stdout)["ports"] if p["for"] == "hub"]
    assert got.returncode == OK and way == [("127.0.0.1", proxy.port, "ok")], got
    use(proxy.port, "\n  no_proxy: 127.0.0.0/8")
    code, found = checks(world, config)
    assert code == TROUBLE and "hub.url" in found["tcp"][2], found
    proxy.close()
    for status, words in ((407, "hub.proxy_user"), (403, "no connection to 127.0.0.1:1 (403")):
        proxy = Proxy(status)
        use(proxy.port)
        code, found = checks(world, config)
        assert code == TROUBLE and in_trouble(found) - {"daemon"} == {"tls"}, found
        assert words in found["tls"][1] and "hub.proxy" in found["tls"][2], found
        proxy.close()
    use(1)
    code, found = checks(world, config)
    assert code == TROUBLE and in_trouble(found) - {"daemon"} == {"tcp"}, found
    assert "hub.proxy" in found["tcp"][2], found


def test_doctor_names_what_is_wrong_on_this_machine(world):
    sim = world.sim(1)
    config = world.agent_config(sim, 1, "secret")
    password = world.dir / f"{config.stem}.password"
    password.chmod(0o644)
    code, found = checks(world, config)
    assert code == TROUBLE and "conf" in in_trouble(found) and password.name in found["conf"][1], found
    assert found["hub"][0] == found["snmp"][0] == "not tried"
    silent = world.agent_config(sim, targets="    - range: 127.99.99.1-127.99.99.3\n      port: 9\n")
    silent.write_text(silent.read_text() + "snmp:\n  timeout: 500ms\n  tries: 1\n")
    code, found = checks(world, silent)
    assert code == TROUBLE and in_trouble(found) == {"snmp"}, found
    assert "3 of 3 addresses tried" in found["snmp"][1] and found["snmp"][2]
    assert platen(world, "doctor", silent, "--bundle").returncode == USAGE


SECRETS = ("canary-password-1", "canary-community-2", "canary-auth-pass-3", "canary-priv-pass-4",
           "canary-comment-5", "canary-target-6", 'canary"escaped-7', "canary'doubled-8", "canary-front-9 #end",
           "canary-proxy-10")


def test_bundle_holds_no_secret(world, hub):
    sim = world.sim(1)
    for name, secret in (("auth", SECRETS[2]), ("priv", SECRETS[3])):
        world.file(world.dir / name, secret + "\n")
    targets = (f"    - range: {sim.info['first']}\n      port: {sim.info['port']}\n"
               f"    - range: 127.99.99.1\n      community: '{SECRETS[5]}'\n")
    config = world.agent_config(targets=targets, hub_port=hub.port, secret=SECRETS[0], extra=f"""\
# the old password is {SECRETS[4]}
snmp:
  timeout: 500ms
  tries: 1
  credentials:
    - {{name: one, version: 2c, community: "{SECRETS[1]}"}}
    - {{name: six, version: 2c, community: "canary\\"escaped-7"}}
    - {{name: eight, version: 2c, community: "{SECRETS[8]}"}}
    - name: seven
      version: 2c
      community: 'canary''doubled-8'
    - name: two
      version: 3
      user: platen
      auth: sha256
      auth_password_file: {world.dir}/auth
      priv: aes128
      priv_password_file: {world.dir}/priv
""")
    # The password of the proxy is its user too: so it stands in the text.
    world.file(world.dir / "proxy", SECRETS[9] + "\n")
    text = config.read_text().replace("\nhub:\n", f"""
hub:
  proxy: http://127.0.0.1:1
  proxy_user: {SECRETS[9]}
  proxy_password_file: {world.dir}/proxy
""")
    config.write_text(text)
    # Hidden files of conf.d are not read, and not shown.
    (world.dir / "conf.d").mkdir(mode=0o755)
    world.file(world.dir / "conf.d" / "20-extra.yaml", "log:\n  level: debug\n")
    world.file(world.dir / "conf.d" / ".20-extra.yaml", "canary-hidden-11\n")
    assert all(s in text for s in (SECRETS[1], SECRETS[4], SECRETS[5], SECRETS[9]))  # positive control
    bundle = world.dir / "support.json"
    assert platen(world, "doctor", config, "--bundle", bundle).returncode == TROUBLE
    raw = bundle.read_text()
    assert bundle.stat().st_mode & 0o777 == 0o600
    said = json.loads(raw)
    assert not [s for s in SECRETS if s in raw] and "escaped-7" not in raw and "doubled-8" not in raw
    assert "canary-front" not in raw and "canary-hidden" not in raw
    assert "level: debug" in said["configuration"][1]["text"] and len(said["configuration"]) == 2
    rights = [line["text"] for line in said["checks"] if line["check"] == "rights"]
    assert {key for text in rights for key in (text.split(":")[0],) if key.endswith("_file")} == {
        "hub.password_file", "hub.proxy_password_file", "auth_password_file", "priv_password_file"}
    assert {"platen", "system", "checks", "status", "state_dir", "configuration"} <= set(said)
    kept = said["configuration"][0]["text"]
    assert "127.99.99.1" in kept and "(removed)" in kept and str(world.dir / "auth") in kept
    before = raw
    got = platen(world, "doctor", config, "--bundle", bundle)
    assert got.returncode == TROUBLE and "exists" in got.stderr and bundle.read_text() == before, got


def test_check_net_lists_the_ports_in_use(world, hub):
    sim = world.sim(2)
    config = world.agent_config(sim, hub.port, hub.secret, extra=f"""\
discovery:
  targets:
    - range: {sim.address(0)}
      port: {sim.info['port']}
  tcp: on
""")
    got = platen(world, "check-net", config, "--json")
    ports = {(p["for"], p["protocol"], p["port"]): p for p in json.loads(got.stdout)["ports"]}
    assert got.returncode == OK, got
    assert {(p["result"]) for p in ports.values()} == {"ok"}, ports
    udp = sim.info["port"]
    assert set(ports) >= {("snmp", "udp", udp), ("discovery", "udp", udp), ("hub", "tcp", hub.port),
                          *(("discovery", "tcp", p) for p in (515, 9100, 2000, 2105))}
    page = platen(world, "check-net", config)
    assert page.stdout.startswith("PROTOCOL") and f"{hub.port}" in page.stdout


def test_check_net_shows_the_port_that_a_range_or_a_csv_row_names(world):
    """That is where packets go: a rule for the target's own port, 161, would not let them through."""
    sim = world.sim(2)
    port = sim.info["port"]
    (world.dir / "few.csv").write_text(f"address,port\n{sim.address(1)},{port}\n127.99.99.1,9\n")
    config = world.agent_config(targets=f"""\
    - range: {sim.address(0)}:{port}
    - csv: few.csv
    - range: localhost:{port + 1}
""" + "".join(f"    - range: 127.99.98.{i}:{1000 + i}\n" for i in range(1, 31)), extra="""\
access:
  allow: [127.1.0.0/16, 127.99.99.0/24]
snmp:
  timeout: 500ms
  tries: 1
""")
    rows = [p for p in json.loads(platen(world, "check-net", config, "--json").stdout)["ports"] if p["for"] == "snmp"]
    assert [p["port"] for p in rows] == [port, port, port + 1, *range(1001, 1031)], rows
    assert [p["result"] for p in rows[:2]] == ["ok", "ok"], rows
    assert "names other ports too" in rows[1]["reason"] and "other ports" not in rows[0]["reason"], rows
    assert "more than 32 targets" in rows[-1]["reason"], rows


def test_check_net_names_what_is_blocked(world):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        config = world.agent_config(targets="    - range: 127.99.99.1\n      port: 9\n", hub_port=port,
                                    secret="x", extra="snmp:\n  timeout: 500ms\n  tries: 1\n")
        got = platen(world, "check-net", config, "--json")
    ports = {p["for"]: p for p in json.loads(got.stdout)["ports"]}
    assert got.returncode == TROUBLE, got
    assert ports["hub"]["result"] == ports["snmp"]["result"] == "blocked", ports
    assert "refused" in ports["hub"]["reason"] and "no response from 1 of 1" in ports["snmp"]["reason"]
    assert platen(world, "check-net", world.dir / "missing.yaml").returncode == CONFIG
    assert platen(world, "check-net", config, "--port", "161").returncode == USAGE
