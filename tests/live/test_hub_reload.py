# SPDX-License-Identifier: Apache-2.0
"""SIGHUP at the hub: certificate and private key are renewed while it serves, a mistake keeps the
old ones, keys that need a restart are named; SIGUSR1 writes its state to the log."""
import contextlib
import http.client
import re
import shutil
import signal
import socket
import ssl
import time

import pytest

from conftest import ROOT, count, flat, hub_records, keep_no_freed_memory, size_of, until

FILES = ("server.pem", "server.key")


def reload_it(hub, says):
    since = hub.log.stat().st_size
    hub.signal(signal.SIGHUP)
    hub.wait_for_log(says, 60, since)
    return hub.log.read_text()[since:]


def certificate(hub, ca):
    """The certificate that a new connection gets."""
    context = ssl.create_default_context(cafile=ca)
    with socket.create_connection(("127.0.0.1", hub.port), 60) as plain, \
            context.wrap_socket(plain, server_hostname="localhost") as secured:
        return secured.getpeercert(binary_form=True)


def test_renewed_certificate_is_served_after_hup(world, hub):
    certs = world.certs()
    first = certificate(hub, certs / "ca.pem")
    context = ssl.create_default_context(cafile=certs / "ca.pem")
    with contextlib.closing(http.client.HTTPSConnection("localhost", hub.port, timeout=60,
                                                        context=context)) as kept:
        kept.request("GET", "/livez")
        assert kept.getresponse().read() == b"ok\n"
        next_certs = world.dir / "next"
        world.run(ROOT / "tools/certs", next_certs)
        for name in FILES:
            shutil.copyfile(next_certs / name, certs / name)
        reload_it(hub, "what=reloaded")
        assert certificate(hub, next_certs / "ca.pem") != first
        # A connection that was open keeps what it has.
        kept.request("GET", "/livez")
        assert kept.getresponse().read() == b"ok\n"
    assert hub.stop() == 0


def test_broken_reload_keeps_the_certificate(world, hub):
    certs = world.certs()
    first = certificate(hub, certs / "ca.pem")
    good = hub.config.read_text()
    hub.config.write_text(good + "listn: 1\n")
    log = reload_it(hub, "the old configuration stays")
    assert f'what="{hub.config}:{len(good.splitlines()) + 1}:1: unknown key' in log
    hub.config.write_text(good)
    key = (certs / "server.key").read_text()
    other = world.dir / "other"
    world.run(ROOT / "tools/certs", other)
    for text, says in (((other / "server.key").read_text(), "cannot use the private key in"),
                       ("not a key\n", "cannot use the private key in")):
        (certs / "server.key").write_text(text)
        log = reload_it(hub, "the old configuration stays")
        assert says in log and str(certs / "server.key") in log
    (certs / "server.key").write_text(key)
    certificate_text = (certs / "server.pem").read_text()
    (certs / "server.pem").write_text("not a certificate\n")
    log = reload_it(hub, "the old configuration stays")
    assert f"cannot use the certificate in {certs / 'server.pem'}" in log
    assert certificate(hub, certs / "ca.pem") == first
    (certs / "server.pem").write_text(certificate_text)
    reload_it(hub, "what=reloaded")
    assert hub.stop() == 0


def test_keys_that_need_a_restart_are_named(world, hub):
    good = hub.config.read_text()
    hub.config.write_text(good.replace("port: 0", "port: 8443") + "max_connections: 9\n"
                          "log:\n  level: debug\n")
    log = reload_it(hub, "what=reloaded")
    for key in ("listen.port", "max_connections"):
        assert f'key={key} what="changed: takes effect after a restart"' in log
    assert log.count("takes effect after a restart") == 2
    assert hub.stop() == 0


def test_usr1_dumps_the_state(world, hub):
    certificate(hub, world.certs() / "ca.pem")
    # Shown whatever log.level is.
    hub.config.write_text(hub.config.read_text() + "log:\n  level: error\n")
    since = hub.log.stat().st_size
    hub.signal(signal.SIGHUP)

    def is_dumped():
        at = hub.log.stat().st_size
        hub.signal(signal.SIGUSR1)
        hub.wait_for_log("dump=process ", 60, at)
        return "dump=state state=run reloads=1" in hub.log.read_text()[since:]

    until(hub, is_dumped)
    log = hub.log.read_text()[since:]
    for line in ("dump=state state=run ", "dump=ingest connections=", "dump=batches batches=0 ",
                 "dump=logins failed=0 ", "open_fds="):
        assert line in log
    assert hub.stop() == 0


@pytest.mark.parametrize("is_good", [True, False])
def test_reloads_do_not_leak(world, is_good, monkeypatch):
    """While an agent sends each second: no record is lost, and each is stored once."""
    keep_no_freed_memory(monkeypatch)
    hub = world.hub(world.hub_config())
    secret = world.add_agent(hub.config, "agent1")
    sim = world.sim(40, "--job-interval", "1s")
    agent = world.agent(world.agent_config(sim, hub.port, secret, devices_extra="  interval: 1s\n",
                                           extra="sync:\n  interval: 1s\n"))
    agent.wait_for_log(" batches=", 60)
    if not is_good:
        hub.config.write_text(hub.config.read_text() + "listn: 1\n")
    sizes = []
    for _ in range(count("RELOADS")):
        reload_it(hub, "what=reloaded" if is_good else "the old configuration stays")
        sizes.append(size_of(hub.pid))
    fds, first, last = flat(sizes)
    assert max(fds) - min(fds) <= 4, fds  # the agent's connections, and files of a commit
    assert agent.stop() == 0
    began = time.monotonic()
    assert hub.stop() == 0
    took = time.monotonic() - began
    receipted = sum(int(n) for n in re.findall(r"mod=uplink hub=.* records=(\d+)", agent.log.read_text()))
    stored = len(hub_records(hub.config))
    assert 0 < receipted <= stored
    # Coverage before the first record is refused.
    failed = [line for line in agent.log.read_text().splitlines() if "mod=uplink hub=" in line and " err=" in line
              and "coverage" not in line]
    assert not failed, failed
    print(f"\n{len(sizes)} reloads of {'a good' if is_good else 'an invalid'} file at the hub while an agent sends: "
          f"descriptors {min(fds)} to {max(fds)}, {first} KiB resident half way, {last} KiB at the end; {stored} records, "
          f"0 syncs failed; stopped in {took:.2f} s")
