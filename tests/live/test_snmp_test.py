# SPDX-License-Identifier: Apache-2.0
"""platen snmp-test and platen poll by SNMPv3: what works is said, and what does not by its name and
with what to do."""
import json

import pytest

from conftest import ROOT

V3 = ["--user", "reader", "--auth", "sha256", "--auth-password-file", "auth", "--priv", "aes128",
      "--priv-password-file", "priv"]
SHORT = ["--timeout", "600ms", "--tries", "2"]


@pytest.fixture
def lab(world):
    """Printers 0 and 1 as usual, 2 by SNMPv3 only, 3 by SNMPv1 only, 4 without GETBULK, 5 silent."""
    world.file(world.dir / "auth", "maplesyrup\n")
    world.file(world.dir / "priv", "pancakes1\n")
    world.file(world.dir / "wrong", "wrongwrong\n")
    world.printers = world.sim(6, "--v3", "reader:sha256:maplesyrup:aes128:pancakes1",
                               "--only-v3", "2", "--only-v1", "3", "--silent-list", "5",
                               "--fault", "no-bulk=2@4", "--no-v3", "4")
    return world


def ask(lab, verb, number, *options):
    argv = [str(lab.dir / o) if o in ("auth", "priv", "wrong") and options[i - 1].endswith("-file")
            else o for i, o in enumerate(options)]
    return lab.run(lab.bin("platen"), verb, lab.printers.address(number), "--port",
                   lab.printers.info["port"], *argv, check=False)


def test_snmpv3_user_works(lab):
    got = ask(lab, "snmp-test", 2, *V3)
    assert got.returncode == 0, got.stdout
    lines = got.stdout.splitlines()
    assert lines[0].startswith("ok   v3 engine ") and "(enterprise 674)" in lines[0]
    assert lines[-1] == "works: SNMPv3 by reader, GETBULK"
    told = ask(lab, "snmp-test", 2, *V3, "--json")
    answer = json.loads(told.stdout)
    assert (answer["works"], answer["action"]) == (True, "")
    steps = [s["step"] for s in answer["steps"] if s["ok"]]
    assert {"v3 engine", "credential", "GETBULK", "largest", "printer", "v3 clock"} <= set(steps)


@pytest.mark.parametrize("options,name,todo", [
    (["--user", "unknown-user", *V3[2:]], "snmp-unknown-user", "does not know this user"),
    ([*V3[:5], "wrong", *V3[6:]], "snmp-wrong-digest", "auth_password_file"),
    ([*V3[:3], "sha1", *V3[4:]], "snmp-wrong-digest", "protocol"),
    ([*V3[:9], "wrong"], "snmp-wrong-privacy", "priv_password_file"),
    ([*V3[:7], "aes256", *V3[8:]], "snmp-wrong-privacy", "aes256c"),
    ([*V3, "--context", "nowhere"], "snmp-unknown-context", "context"),
    (V3[:6], None, "auth and priv as they are set"),
])
def test_snmpv3_failure_is_named(lab, options, name, todo):
    for verb in ("snmp-test", "poll"):
        got = ask(lab, verb, 2, *options, *SHORT)
        assert got.returncode not in (0, 2), got.stdout + got.stderr
        last = (got.stdout if verb == "snmp-test" else got.stderr).splitlines()[-1]
        assert todo in last, last
        if name is not None:
            assert name in last
        if verb == "snmp-test":
            assert last.startswith("does not: ") and "; do: " in last


def test_wrong_privacy_is_proved_without_privacy(lab):
    """The positive control: where the user is wrong too, nothing is proved."""
    got = ask(lab, "snmp-test", 2, *V3[:9], "wrong", *SHORT)
    assert "ok   no privacy " in got.stdout
    got = ask(lab, "snmp-test", 2, "--user", "unknown-user", *V3[2:9], "wrong", *SHORT)
    assert "no privacy" not in got.stdout


def test_communities_and_versions(lab):
    got = ask(lab, "snmp-test", 0)
    assert got.returncode == 0
    assert got.stdout.splitlines()[-1].startswith("works: SNMPv2c by community public, GETBULK")
    # SNMPv1 is tried where 2c gets no response.
    got = ask(lab, "snmp-test", 3, *SHORT)
    assert got.returncode == 0
    assert got.stdout.splitlines()[-1].startswith("works: SNMPv1 by community public")
    got = ask(lab, "snmp-test", 4, *SHORT)
    assert got.returncode == 0
    assert "-    GETBULK " in got.stdout and ", no GETBULK" in got.stdout.splitlines()[-1]
    # One that speaks SNMPv3 only is told from one that is not there.
    got = ask(lab, "snmp-test", 2, *SHORT)
    assert got.returncode == 75
    assert "but to SNMPv3; do: use SNMPv3" in got.stdout.splitlines()[-1]
    got = ask(lab, "snmp-test", 5, *SHORT)
    assert got.returncode == 75
    last = got.stdout.splitlines()[-1]
    assert last.startswith("does not: no response to SNMPv3 nor to SNMPv"), last
    assert "do: check the address; is the device on" in last and "drop UDP to its port" in last
    assert "-    v3 engine " in got.stdout


def test_credentials_of_the_configuration_in_order(lab):
    config = lab.file(lab.dir / "platen.yaml", f"""state_dir: {lab.dir}/state
snmp:
  credentials:
    - {{name: far, community: public, subnets: 10.0.0.0/8}}
    - {{name: stale, community: not-this-one}}
    - {{name: office, version: 3, user: reader, auth: sha256, auth_password_file: auth,
       priv: aes128, priv_password_file: priv}}
    - {{name: common, community: public}}
access: {{deny: {lab.printers.address(1)}}}
discovery: {{tries: 2}}
""")
    got = ask(lab, "snmp-test", 2, "--config", str(config), *SHORT)
    assert got.returncode == 0, got.stdout
    assert got.stdout.splitlines()[-1] == "works: SNMPv3 by credential office, GETBULK"
    assert "far: not tried: its subnets do not hold this address" in got.stdout
    assert "v2c credential stale: snmp-timeout" in got.stdout
    # No more than discovery.tries at one address: the third is not shown to it.
    got = ask(lab, "snmp-test", 3, "--config", str(config), *SHORT)
    assert got.returncode == 75
    assert "common: not tried: discovery.tries allows no more" in got.stdout
    # A user that is there, but not for this network.
    text = config.read_text()
    config.write_text(text.replace("user: reader,", "user: reader, subnets: 10.0.0.0/8,"))
    got = ask(lab, "snmp-test", 2, "--config", str(config), *SHORT)
    assert got.returncode == 75
    assert "do: widen the subnets of credential office" in got.stdout.splitlines()[-1]
    config.write_text(text)
    got = ask(lab, "poll", 2, "--config", str(config), "--credential", "office", "--ipp", "off")
    assert got.returncode == 0 and "Dell" in got.stdout
    got = ask(lab, "poll", 2, "--config", str(config), "--credential", "offce")
    assert got.returncode == 78 and 'did you mean "office"?' in got.stderr
    # And what is denied gets no packet.
    before = lab.printers.command(cmd="stats")["responses"]
    got = ask(lab, "snmp-test", 1, "--config", str(config))
    assert got.returncode == 77 and "access.deny" in got.stderr
    assert lab.printers.command(cmd="stats")["responses"] == before


def test_port_of_the_target_is_used(lab):
    """With --config, for the address without a port: that of its own entry before that of a range."""
    def test(*argv):
        return lab.run(lab.bin("platen"), "snmp-test", *argv, *SHORT, "--config", str(config), check=False)

    port = lab.printers.info["port"]
    first, second = lab.printers.address(0), lab.printers.address(1)
    config = lab.file(lab.dir / "port.yaml", f"""state_dir: {lab.dir}/state
devices:
  targets:
    - {{range: {first}-{second}, port: {port + 1}}}
    - {{range: {first}, port: {port}}}
""")
    assert test(first).returncode == 0
    assert test(second).returncode == 75
    assert test(second, "--port", port).returncode == 0
    assert test(first, "--port", port + 1).returncode == 75
    assert test(f"{first}:{port + 1}").returncode == 75
    got = lab.run(lab.bin("platen"), "poll", second, *SHORT, "--ipp", "off", "--config", str(config), check=False)
    assert got.returncode == 75 and f"platen snmp-test {second}:{port + 1})" in got.stderr


def test_refused_responses_are_shown_and_can_be_configured(world, hub):
    sim = world.sim(3, "--fault", "wrong-source=1@0", "--fault", "id16=1@1")

    def test(number, *options):
        got = world.run(world.bin("platen"), "snmp-test", sim.address(number), "--port",
                        sim.info["port"], *SHORT, "--json", *options, check=False)
        steps = {s["step"]: s["text"] for s in json.loads(got.stdout)["steps"]}
        return got.returncode == 0, steps
    said = [test(number) for number in range(3)]
    assert [(ok, "address" in steps, "request-id" in steps) for ok, steps in said] \
        == [(False, True, False), (False, False, True), (True, False, False)]
    source = said[0][1]["address"].partition(" from ")[2].partition(",")[0]
    assert f"answers_from: {source}" in said[0][1]["address"]
    config = world.agent_config(sim, hub.port, hub.secret, targets="".join(
        f"    - {{range: {sim.address(n)}, port: {sim.info['port']}, {how}}}\n"
        for n, how in enumerate((f"answers_from: {source}", "short_request_ids: on"))))
    for number in range(2):
        ok, steps = test(number, "--config", config)
        assert ok and "address" not in steps and "request-id" not in steps


def test_record_by_snmpv3(lab):
    out = lab.dir / "one.snmprec"
    got = ask(lab, "record", 2, *V3, "--output", str(out))
    assert got.returncode == 0, got.stderr
    assert "Dell" in out.read_text()
    got = ask(lab, "record", 2, *V3[:5], "wrong", *V3[6:], *SHORT, "--output", str(out) + "2")
    assert got.returncode != 0 and "auth_password_file" in got.stderr


def test_trace_prints_learned_limits(lab):
    got = ask(lab, "poll", 2, *V3, "--ipp", "off", "--trace")
    assert got.returncode == 0
    assert "SNMPv3 engine probes: 1" in got.stderr
    assert "learned  at most " in got.stderr and "learned  it accepts requests of " in got.stderr
    assert got.stderr.splitlines()[-1].startswith("sum      requests=")
    got = ask(lab, "poll", 4, "--ipp", "off", "--trace", *SHORT)
    assert got.returncode == 0
    assert "learned  no GETBULK: GETNEXT from now on" in got.stderr


def test_unknown_vendor_context_is_left_out(world):
    """It says so by SNMPv3; that ends neither the poll nor what else is read."""
    auth = world.file(world.dir / "auth", "maplesyrup\n")
    priv = world.file(world.dir / "priv", "pancakes1\n")
    text = (ROOT / "tools/sim/profiles/hp-jetdirect.profile").read_text()
    assert "context Jetdirect" in text
    text = text.replace("context Jetdirect", "context elsewhere").replace("profile hp-jetdirect",
                                                                          "profile lost")
    sim = world.sim(1, "--profile-file", world.file(world.dir / "lost.profile", text),
                    "--v3", "reader:sha256:maplesyrup:aes128:pancakes1")
    user = [{"auth": auth, "priv": priv}.get(o, o) if V3[i - 1].endswith("-file") else o
            for i, o in enumerate(V3)]
    got = world.run(world.bin("platen"), "poll", sim.address(0), "--port", sim.info["port"],
                    "--ipp", "off", "--trace", *user, check=False)
    assert got.returncode == 0, got.stderr
    assert "-> snmp-unknown-context tries=" in got.stderr
    assert "learned  no response in the vendor's context: left out" in got.stderr


def test_serial_number_outside_its_column_is_no_printer(world):
    """GETNEXT of an access point leaves the Printer-MIB and comes to another text."""
    sim = world.sim(1, "--non-printers", "1")
    for number, mark in ((0, "ok"), (1, "-")):
        got = world.run(world.bin("platen"), "snmp-test", sim.address(number), "--port",
                        sim.info["port"], check=False)
        assert got.returncode == 0, got.stdout
        assert f"\n{mark:<4} printer " in got.stdout, got.stdout
