# SPDX-License-Identifier: Apache-2.0
"""A server that is not the hub gets no application byte, and the log gives the reason once
(S45, S56-S58, R6 in short)."""
import contextlib
import socket
import ssl
import threading

import pytest

import lab
from conftest import hub_records, status

# What the log says (err=), and what the sentence in the log and in `platen status` says.
BAD = {
    "bad-expired": ("tls-certificate-expired-or-not-yet-valid", "expired on"),
    "bad-early": ("tls-certificate-expired-or-not-yet-valid", "valid only from"),
    "bad-name": ("tls-certificate-for-another-name", "is for elsewhere.example"),
    "bad-cn-only": ("tls-certificate-for-another-name", "no name in subjectAltName"),
    "bad-wildcard": ("tls-certificate-for-another-name", "is for loc*"),
    "bad-purpose": ("tls-certificate-untrusted", "not meant for a TLS server"),
    "bad-no-chain": ("tls-certificate-untrusted", "leads to no CA we trust"),
    "bad-other-ca": ("tls-certificate-untrusted", "another root"),
    "bad-self-signed": ("tls-certificate-untrusted", "self-signed"),
    "bad-leaf-issuer": ("tls-certificate-untrusted", "invalid CA certificate"),
    "bad-weak": ("tls-certificate-untrusted", "too weak"),
}
UNTRUSTED = ("tls-certificate-untrusted", "leads to no CA we trust")
PASSWORD = ("authentication-refused", "its password")


class FalseHub:
    """A TLS server that accepts everything; counts the application bytes that it receives."""

    def __init__(self, cert, key, newest=None):
        self.application_bytes = 0
        self.has_data = threading.Event()
        self.connections = 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        if newest is not None:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
        context.load_cert_chain(cert, key)
        self.context = context
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self.server.accept()
                self.connections += 1
                plain.settimeout(30)
                with contextlib.suppress(OSError), plain, \
                        self.context.wrap_socket(plain, server_side=True) as tls:
                    while got := tls.recv(65536):
                        self.application_bytes += len(got)
                        self.has_data.set()

    def close(self):
        self.server.close()


@pytest.fixture
def false_hub():
    made = []

    def make(*args, **kwargs):
        made.append(FalseHub(*args, **kwargs))
        return made[-1]

    yield make
    for one in made:
        one.close()


def refused(world, config, words):
    """The agent keeps all records, sends none, and gives the reason in one log line and in status."""
    err, phrase = words
    code, summary, _ = world.once(config)
    assert summary["complete"] == 3 and summary["kept"] == 3
    assert summary["sent"] == 0 and summary["batches"] == 0
    assert summary["sync_error"] == err
    log = (world.dir / f"{config.stem}.log").read_text()
    lines = [line for line in log.splitlines() if "mod=uplink" in line]
    assert len(lines) == 1 and f"err={err} " in lines[0] and phrase in lines[0], log
    told = status(world, config)
    assert phrase in told["hub"]["last_result"] and phrase in told["error"]["text"], told
    assert told["hub"]["last_sync"] is None
    assert told["spool"]["pending"] == 3
    return code


@pytest.mark.parametrize("name", sorted(BAD))
def test_untrusted_server_gets_no_byte(world, false_hub, name, bad_certs):
    server = false_hub(bad_certs / f"{name}.pem", bad_certs / f"{name}.key")
    sim = world.sim(3, "--job-interval", "0")
    config = world.agent_config(sim, server.port, "secret", ca=bad_certs / "ca.pem")
    assert refused(world, config, BAD[name]) != 0
    assert server.connections > 0
    assert server.application_bytes == 0


def test_control_trusted_server_gets_bytes(world, false_hub, bad_certs):
    """Positive control: the same server with a valid certificate gets application bytes."""
    server = false_hub(bad_certs / "server.pem", bad_certs / "server.key")
    sim = world.sim(3, "--job-interval", "0")
    config = world.agent_config(sim, server.port, "secret", ca=bad_certs / "ca.pem",
                                extra="sync:\n  interval: 1s\n")
    agent = world.agent(config)
    assert server.has_data.wait(60), lab.tail(agent.log)
    assert server.application_bytes > 0
    assert agent.stop() == 0


def test_revoked_certificate_is_refused(world, false_hub, bad_certs):
    server = false_hub(bad_certs / "bad-revoked.pem", bad_certs / "bad-revoked.key")
    sim = world.sim(3, "--job-interval", "0")
    config = world.agent_config(sim, server.port, "secret", ca=bad_certs / "ca.pem")
    config.write_text(config.read_text() + f"  crl_file: {bad_certs / 'crl-revoked.pem'}\n")
    assert refused(world, config, ("tls-certificate-revoked", "was revoked")) != 0
    assert server.application_bytes == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_below_1_2_is_refused(world, false_hub, bad_certs):
    server = false_hub(bad_certs / "server.pem", bad_certs / "server.key", newest=ssl.TLSVersion.TLSv1_1)
    sim = world.sim(3, "--job-interval", "0")
    config = world.agent_config(sim, server.port, "secret", ca=bad_certs / "ca.pem")
    assert refused(world, config, ("tls-version-too-old", "no TLS 1.2")) != 0
    assert server.application_bytes == 0


def test_unknown_ca_is_refused(world, hub, bad_certs):
    sim = world.sim(3, "--job-interval", "0")
    config = world.agent_config(sim, hub.port, hub.secret, ca=bad_certs / "other.pem")
    assert refused(world, config, UNTRUSTED) != 0
    assert hub_records(hub.config) == {}


def test_wrong_host_name_is_refused(world, bad_certs):
    config = world.hub_config(cert=bad_certs / "bad-name.pem", key=bad_certs / "bad-name.key")
    hub = world.hub(config)
    secret = world.add_agent(config, "agent1")
    sim = world.sim(3, "--job-interval", "0")
    agent = world.agent_config(sim, hub.port, secret, ca=bad_certs / "ca.pem")
    assert refused(world, agent, BAD["bad-name"]) != 0
    assert hub_records(config) == {}


@pytest.mark.parametrize("user, password", [("agent1", "wrong"), ("unknown-user", "wrong")])
def test_wrong_password_is_refused(world, hub, user, password):
    sim = world.sim(3, "--job-interval", "0")
    config = world.agent_config(sim, hub.port, password, user=user)
    assert refused(world, config, PASSWORD) != 0
    assert hub_records(hub.config) == {}
    # With the right one what was kept goes over.
    right = world.agent_config(sim, hub.port, hub.secret, name="right",
                               state=world.dir / f"{config.stem}-state")
    code, summary, _ = world.once(right)
    assert code == 0 and summary["sent"] >= 3
