# SPDX-License-Identifier: Apache-2.0
"""IPP as the second source: merged where SNMP is poor, its source named; a hostile printer costs
only itself, says one clear sentence, and gets no IPP request for a day."""
import json
import socket

import acme
import pytest

import lab
from conftest import until
from ipp_printer import IppPrinter, attribute, message, rich, serial_of, INTEGER, TEXT

# A printer by RFC 3805 that tells little: no serial number, black toner is "some", no other counter
# than the marker's.
POOR = acme.profile("poor", "", """\
1.1 | 1 | 1 | 3 | 3 | "Black Toner" | 19 | -2 | -3
1.2 | 1 | 2 | 3 | 3 | "Cyan Toner" | 19 | 100 | 40
""", """\
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
1.2 | 1 | 3 | "cyan" | 256
end
""")

# How each misbehaves, and what is said of it.
HOSTILE = {
    "no_path": "knows no path for IPP (HTTP 404)",
    "password": "wants a password, and none is ever sent to a printer (HTTP 401)",
    "fault": "answered with an error (HTTP 500)",
    "redirect": "redirects, which is not followed (HTTP 302)",
    "html": "something else than application/ipp (HTTP 200)",
    "garbage": "not HTTP/1.1 as we accept it",
    "no_ipp": "offset 0: neither IPP/1.x nor IPP/2.x",
    "refused": "IPP status 0x0500",
    "cut": "ends without the end-of-attributes tag",
    # If the last bytes and the reset are there at once, libuv tells of the end only.
    "reset": ("onnection reset by peer", "closed the connection before it answered"),
    "endless": "longer than it may be",
    "endless_head": "longer than it may be",
    "huge": "longer than it may be",
}
SLOW = {"drip": "did not respond in time", "silent": "did not respond in time"}


def is_said_of(mode, line):
    words = {**HOSTILE, **SLOW}[mode]
    return any(w in line for w in (words if isinstance(words, tuple) else (words,)))


GOOD = ["ok", "chunked", "until_close", "one_byte_each", "second_path", "third_path"]


@pytest.fixture
def printer():
    made = []

    def make(*args, **kwargs):
        made.append(IppPrinter(*args, **kwargs))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def poor(world):
    """One poor printer by SNMP."""
    return world.sim(1, "--profile-file", world.file(world.dir / "poor.profile", POOR),
                     "--job-interval", "0")


def poll(world, sim, ipp, *options, host=None):
    argv = ["poll", "--json", "--timeout", "500ms", "--tries", "2"]
    if ipp is not None:
        argv += ["--ipp-port", ipp.port]
    if sim is not None:
        argv += ["--port", sim.info["port"]]
    return world.run(world.bin("platen"), *argv, *options, host or sim.address(0), check=False)


def supply(reading, colorant):
    return next(s for s in reading["supplies"] if s.get("colorant") == colorant)


def meters(reading):
    return {m["name"]: m for m in reading["meters"]}


def assert_poor(reading):
    assert reading["identity"]["serial"] == ""
    assert list(meters(reading)) == ["marker_life"]
    assert supply(reading, "black")["level"]["kind"] == "some"
    assert reading["sources"] == ["snmp"]


def assert_merged(reading, address="127.1.0.1"):
    assert reading["identity"]["serial"] == serial_of(address)
    assert {"name": "Main", "version": "7.8.9"} in reading["identity"]["firmware"]
    assert meters(reading)["impressions_total"]["value"] == 4711
    assert meters(reading)["impressions_total"]["attribute"] == "ipp:printer-impressions-completed"
    assert meters(reading)["marker_life"]["value"] == 99  # of SNMP, as it was
    assert supply(reading, "black")["level"]["percent"] == 67.0
    assert supply(reading, "cyan")["level"]["percent"] == 40.0  # SNMP was honest here
    assert len(reading["supplies"]) == 2
    assert reading["state"]["printer"] == "idle"  # SNMP had one
    assert supply(reading, "black")["source"] == "ipp" and "source" not in supply(reading, "cyan")
    assert [tray["name"] for tray in reading["trays"]] == ["By hand"]
    assert reading["rated_speed"]["mono"] == 38
    assert reading["sources"] == ["snmp", "ipp"]
    sources = {g["name"]: g.get("sources", reading["sources"]) for g in reading["groups"]}
    assert sources["supplies"] == sources["identity"] == ["snmp", "ipp"]
    assert sources["state"] == sources["alerts"] == ["snmp"]


# ---- one printer ----
@pytest.mark.parametrize("mode", GOOD)
def test_ipp_fills_what_snmp_lacks(world, poor, printer, mode):
    ipp = printer(mode)
    got = poll(world, poor, ipp)
    assert got.returncode == 0 and got.stderr == "", got.stderr
    assert_merged(json.loads(got.stdout))
    paths = [path for _, path, _, _ in ipp.requests]
    assert paths == {"second_path": ["/ipp/print", "/ipp/printer"],
                     "third_path": ["/ipp/print", "/ipp/printer", "/"]}.get(mode, ["/ipp/print"])


def test_request_names_neither_user_nor_host(world, poor, printer):
    ipp = printer()
    assert poll(world, poor, ipp, "--community", "public").returncode == 0
    (address, path, head, body), = ipp.requests
    assert address == poor.address(0) and path == "/ipp/print"
    names = [line.split(":")[0].lower() for line in head.split("\r\n")[1:]]
    assert sorted(names) == ["connection", "content-length", "content-type", "host"]
    assert b"public" not in body and b"user-name" not in body
    assert f"ipp://{address}:{ipp.port}/ipp/print".encode() in body


def test_ipp_modes(world, poor, printer):
    ipp = printer()
    assert_poor(json.loads(poll(world, poor, ipp, "--ipp", "off").stdout))
    assert ipp.called == []
    only = json.loads(poll(world, poor, ipp, "--ipp", "only").stdout)
    assert only["sources"] == ["ipp"] and only["identity"]["vendor"] == "Acme"
    assert only["identity"]["is_printer"] is True
    assert supply(only, "cyan")["level"]["percent"] == 11.0
    assert only["state"]["printer"] == "printing"
    asked = poor.command(cmd="stats")
    assert poll(world, poor, ipp, "--ipp", "only").returncode == 0
    assert poor.command(cmd="stats")["received"] == asked["received"]
    # A printer with a complete SNMP reading gets no IPP request, except with mode always.
    rich = world.sim(1, "--profile", "xerox-color-mfp")
    before = len(ipp.called)
    told = json.loads(poll(world, rich, ipp).stdout)
    assert told["sources"] == ["snmp"] and len(ipp.called) == before
    always = json.loads(poll(world, rich, ipp, "--ipp", "always").stdout)
    assert len(ipp.called) == before + 1
    assert always["identity"]["serial"] == told["identity"]["serial"]
    assert [s["level"] for s in always["supplies"]] == [s["level"] for s in told["supplies"]]


def test_configured_uri_is_the_only_path_tried(world, printer):
    ipp = printer("second_path")
    got = poll(world, None, None, host=f"ipp://127.0.0.1:{ipp.port}/ipp/printer")
    assert got.returncode == 0, got.stderr
    assert json.loads(got.stdout)["identity"]["serial"] == serial_of("127.0.0.1")
    # A path that is given is the only one that is tried.
    got = poll(world, None, None, host=f"ipp://localhost:{ipp.port}/ipp/other")
    assert got.returncode != 0 and "knows no path" in got.stderr
    assert [path for _, path, _, _ in ipp.requests] == ["/ipp/printer", "/ipp/other"]
    for wrong in ["ipp://", "ipp://user@h/", "ipp://h:0/", "ipp://h:99999", "ipp://[::1", "ipp://h/a b",
                  "ipp://h?x", "ipp://h:631x/"]:
        got = poll(world, None, None, host=wrong)
        assert got.returncode == 2 and "a URL is ipp://" in got.stderr, wrong
    got = poll(world, None, ipp, host="ipp://127.0.0.1/")
    assert got.returncode == 2


def test_ipp_replaces_silent_snmp(world, poor, printer):
    ipp = printer()
    poor.command(cmd="stop", printer=0)
    got = poll(world, poor, ipp)
    assert got.returncode != 0 and ipp.called == []  # auto: only after an SNMP response
    got = poll(world, poor, ipp, "--ipp", "always")
    assert got.returncode == 0, got.stderr
    reading = json.loads(got.stdout)
    assert reading["sources"] == ["ipp"] and reading["identity"]["serial"] == serial_of("127.1.0.1")


@pytest.mark.parametrize("cert", ["bad-self-signed", "bad-expired", "bad-name", "bad-weak"])
def test_tls_accepts_self_signed(world, poor, printer, bad_certs, cert):
    ipp = printer("tls_only", cert=bad_certs / f"{cert}.pem", key=bad_certs / f"{cert}.key")
    got = poll(world, None, None, host=f"ipps://127.0.0.1:{ipp.port}")
    assert got.returncode == 0, got.stderr
    assert json.loads(got.stdout)["identity"]["serial"] == serial_of("127.0.0.1")
    assert len(ipp.called) == 1
    # Plain first, and TLS after an alert in response.
    assert_merged(json.loads(poll(world, poor, ipp).stdout))
    assert len(ipp.called) == 3


def test_tls_upgrade_on_426(world, poor, printer, bad_certs):
    ipp = printer("upgrade", cert=bad_certs / "bad-self-signed.pem",
                  key=bad_certs / "bad-self-signed.key")
    assert_merged(json.loads(poll(world, poor, ipp).stdout))
    assert len(ipp.called) == 2


@pytest.mark.parametrize("mode", [*HOSTILE, "drip"])
def test_hostile_ipp_response_is_one_log_line(world, poor, printer, mode):
    ipp = printer(mode)
    got = poll(world, poor, ipp)  # ends: LIMIT_IPP_MS bounds it, some of these never end by themselves
    assert got.returncode == 0
    assert_poor(json.loads(got.stdout))
    line, = got.stderr.strip().splitlines()
    assert line.startswith(f"platen: {poor.address(0)}: IPP: ")
    assert is_said_of(mode, line)
    assert "ACME" not in line
    assert len(ipp.called) == (3 if mode == "no_path" else 1)
    if mode in ("endless", "endless_head", "huge", "drip", "silent"):
        assert ipp.broken.wait(10)  # and the connection is not kept


def test_closed_ipp_port_is_not_logged(world, poor):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    got = poll(world, poor, None, "--ipp-port", port)
    assert got.returncode == 0 and got.stderr == ""
    assert_poor(json.loads(got.stdout))
    got = poll(world, poor, None, "--ipp-port", port, "--ipp", "only")
    assert got.returncode != 0
    failed = json.loads(got.stdout)
    assert "onnection refused" in failed["error"] and "nothing listens" in failed["hint"]
    line, = got.stderr.strip().splitlines()
    assert "onnection refused" in line


# ---- a fleet ----
def fleet(world, ipp, names, extra="", mode="auto", interval="1s"):
    """Poor printers, each with an IPP port that behaves as its name says."""
    sim = world.sim(len(names), "--profile-file",
                    world.file(world.dir / "poor.profile", POOR), "--job-interval", "0")
    ipp.mode = {sim.address(i): name for i, name in enumerate(names)}
    config = world.agent_config(
        sim, devices_extra=f"  interval: {interval}\n  ipp: {mode}\n  ipp_port: {ipp.port}\n{extra}")
    return sim, config


def devices_of(world, config):
    got = world.run(world.bin("platen"), "report", "--format", "json", "--config", config)
    return json.loads(got.stdout)["devices"]


def report(world, config):
    return {d["address"].rsplit(":", 1)[0]: d for d in devices_of(world, config)}


def keys(world, config):
    return [d["device_key"] for d in devices_of(world, config)]


def test_hostile_ipp_delays_no_other_printer(world, printer):
    names = ["ok", *HOSTILE, *SLOW, "chunked"]
    ipp = printer()
    sim, config = fleet(world, ipp, names)
    agent = world.agent(config)
    good = [sim.address(i) for i, name in enumerate(names) if name in GOOD]
    bad = [sim.address(i) for i, name in enumerate(names) if name not in GOOD]
    # The good ones are read again and again while the slow ones keep their own polls waiting.
    until(agent, lambda: all(ipp.calls_of(a) >= 3 for a in good),
          what="good printers were not read again")
    until(agent, lambda: all(f"dev={a}:" in agent.log.read_text() for a in bad),
          what="a hostile printer was not told of")
    # Everybody is polled several times more; a printer that misbehaved is not called again.
    calls = {a: ipp.calls_of(a) for a in bad}
    before = {a: ipp.calls_of(a) for a in good}
    until(agent, lambda: all(ipp.calls_of(a) >= before[a] + 4 for a in good), what="no further polls")
    assert {a: ipp.calls_of(a) for a in bad} == calls
    assert calls == {sim.address(i): 3 if name == "no_path" else 1
                     for i, name in enumerate(names) if name not in GOOD}
    log = agent.log.read_text()
    for i, name in enumerate(names):
        told = [line for line in log.splitlines() if "mod=ipp" in line
                and f"dev={sim.address(i)}:" in line]
        assert len(told) == (0 if name in GOOD else 1), (name, told)
        if name not in GOOD:
            assert is_said_of(name, told[0]) and 'next="in 24h"' in told[0]
    assert agent.stop() == 0, lab.tail(agent.log)
    devices = report(world, config)
    for i, name in enumerate(names):
        device = devices[sim.address(i)]
        if name in GOOD:
            assert device["identity"]["serial"] == serial_of(sim.address(i))
            assert supply(device, "black")["level"]["percent"] == 67.0
        else:
            assert device["identity"]["serial"] == ""
            assert supply(device, "black")["level"]["kind"] == "some"


@pytest.mark.parametrize("mode", ["ok", "second_path", "no_path"])
def test_ipp_traffic_is_counted(world, printer, mode):
    """Politeness has its numbers: what a printer got and gave by IPP is in its day's traffic."""
    ipp = printer()
    sim, config = fleet(world, ipp, [mode])
    assert world.once(config)[0] == 0
    got = world.run(world.bin("platen"), "devices", "--json", "--config", config)
    known = json.loads(got.stdout)["devices"][0]
    assert (known["source"], known["version"], known["credential"]) == ("configuration", "2c", "")
    today = known["today"]
    ledger = sim.command(cmd="traffic", printers=[0, 0])["traffic"][0]
    calls = len(ipp.requests)
    said = sum(len(head) + 4 + len(body) for _, _, head, body in ipp.requests)
    assert calls == {"ok": 1, "second_path": 2, "no_path": 3}[mode]
    assert today["bytes_out"] == ledger["bytes_in"] + said
    assert today["bytes_in"] > ledger["bytes_out"] + 60 * calls
    # SYN, ACK and the request; SYN-ACK and the response.
    assert today["packets_out"] >= ledger["received"] + 3 * calls
    assert today["packets_in"] >= ledger["responses"] + 2 * calls
    assert today["packets_out"] <= ledger["received"] + 12 * calls


def test_useless_ipp_is_not_queried_again(world, printer):
    ipp = printer(body=lambda address: message(
        attribute(TEXT, "printer-make-and-model", ""), attribute(INTEGER, "pages-per-minute", 0)))
    sim, config = fleet(world, ipp, ["ok"])
    agent = world.agent(config)
    until(agent, lambda: len(ipp.called) == 1, what="no IPP request came")
    asked = sim.command(cmd="stats")["received"]
    until(agent, lambda: sim.command(cmd="stats")["received"] > asked + 20, what="no further polls")
    assert len(ipp.called) == 1
    assert agent.stop() == 0


def test_ipp_off_globally_and_per_target(world, printer):
    ipp = printer()
    sim, config = fleet(world, ipp, ["ok", "ok"], mode="off")
    assert world.once(config)[0] == 0
    assert ipp.called == []
    targets = (f"    - range: {sim.address(0)}\n      port: {sim.info['port']}\n"
               f"    - range: {sim.address(1)}\n      port: {sim.info['port']}\n      ipp: auto\n"
               f"      ipp_port: {ipp.port}\n")
    config = world.agent_config(sim, targets=targets, devices_extra="  ipp: off\n")
    assert world.once(config)[0] == 0
    assert ipp.called == [sim.address(1)]


def test_group_without_ipp_is_partial(world, printer):
    """A printer whose IPP fails later keeps its name; what is missing now makes its groups partial."""
    ipp = printer()
    sim, config = fleet(world, ipp, ["ok"])
    agent = world.agent(config)
    until(agent, lambda: len(ipp.called) >= 2, what="no IPP request came")
    key, = keys(world, config)
    assert key == f"serial:acme/{serial_of(sim.address(0))}"
    ipp.mode = "fault"
    until(agent, lambda: "mod=ipp" in agent.log.read_text(), what="the failure was not told")
    asked = sim.command(cmd="stats")["received"]
    until(agent, lambda: sim.command(cmd="stats")["received"] > asked + 20, what="no further polls")
    assert agent.stop() == 0
    assert keys(world, config) == [key]
    device = report(world, config)[sim.address(0)]
    status = {g["name"]: g["status"] for g in device["groups"]}
    assert status["identity"] == status["supplies"] == status["meters"] == "partial"
    assert status["alerts"] == "complete"


def malformed(address):
    """The rich response with a supply whose length is too large by one."""
    body = rich(address)
    at = body.index(b"type=toner;maxcapacity=100;level=11") - 2
    length = int.from_bytes(body[at:at + 2], "big") + 1
    return body[:at] + length.to_bytes(2, "big") + body[at + 2:]


def test_malformed_attribute_costs_itself_alone(world, poor, printer):
    ipp = printer(body=malformed)
    got = poll(world, poor, ipp, "--trace")
    assert got.returncode == 0, got.stderr
    reading = json.loads(got.stdout)
    assert_merged(reading)
    status = {g["name"]: g["status"] for g in reading["groups"]}
    assert status["supplies"] == "partial" and status["media"] == status["meters"] == "complete"
    lines = [line for line in got.stderr.splitlines() if " IPP: offset " in line]
    assert len(lines) == 1 and "(printer-supply)" in lines[0], got.stderr


def test_stop_between_snmp_and_ipp_keeps_the_key(world, printer):
    """Stopped while it waits for IPP: what SNMP said alone is not taken for a printer without a
    serial number."""
    ipp = printer()
    sim, config = fleet(world, ipp, ["ok"])
    agent = world.agent(config)
    until(agent, lambda: len(ipp.called) >= 2, what="no IPP request came")
    ipp.mode = "silent"
    calls = len(ipp.called)
    until(agent, lambda: len(ipp.called) > calls, what="no further IPP request came")
    assert agent.stop() == 0
    assert keys(world, config) == [f"serial:acme/{serial_of(sim.address(0))}"]


def test_ipp_polls_beyond_the_limit_wait(world, printer):
    """Polls wait for their turn among the asks, and all of them have it."""
    ipp = printer()
    count = 300
    sim, config = fleet(world, ipp, ["ok"] * count)
    code, summary, _ = world.once(config)
    assert code == 0 and summary["printers"] == count
    assert sorted(set(ipp.called)) == sorted(sim.address(i) for i in range(count))
    assert len(ipp.called) == count
    devices = report(world, config)
    assert len(devices) == count
    for address, device in devices.items():
        assert device["identity"]["serial"] == serial_of(address)
        assert supply(device, "black")["level"]["percent"] == 67.0


def test_stop_discards_the_ipp_queue(world, printer):
    ipp = printer("silent")
    sim, config = fleet(world, ipp, ["silent"] * 100, interval="1h")
    agent = world.agent(config)
    until(agent, lambda: len(ipp.called) >= 5, what="no IPP request came")
    assert agent.stop() == 0, lab.tail(agent.log)
    assert len(ipp.called) < 100  # those that waited for their turn were not queried any more
    assert sim.drops() == 0
