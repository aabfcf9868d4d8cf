# SPDX-License-Identifier: Apache-2.0
"""A server that is not the hub gets no byte of ours, and the reason is told once, plainly
(S45, S56-S58, R6 in short)."""
import contextlib
import socket
import ssl
import threading

import pytest

import lab
from conftest import hub_records, status

BAD = {
    "bad-expired": "expired",
    "bad-early": "expired-or-not-yet-valid",
    "bad-name": "another-name",
    "bad-cn-only": "another-name",
    "bad-wildcard": "another-name",
    "bad-purpose": "tls-",
    "bad-no-chain": "untrusted",
    "bad-other-ca": "untrusted",
    "bad-self-signed": "untrusted",
    "bad-leaf-issuer": "tls-",
    "bad-weak": "tls-",
}


class FalseHub:
    """A TLS server that would take anything; counts the bytes of the application that it is told."""

    def __init__(self, cert, key, newest=None):
        self.application_bytes = 0
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


def bad_certs(house):
    where = house.dir / "bad-certs"
    house.run(lab.ROOT / "tools/certs", where, "--bad")
    return where


def refused(house, config, word):
    """The agent kept everything, sent nothing, and says why: one line in the log, and in status."""
    code, summary, _ = house.once(config)
    assert summary["complete"] == 3 and summary["kept"] == 3
    assert summary["sent"] == 0
    log = (house.dir / f"{config.stem}.log").read_text()
    lines = [line for line in log.splitlines() if "mod=uplink" in line and word in line]
    assert len(lines) == 1, log
    told = status(house, config)
    assert word in told["hub"]["result"] or word in str(told["hub"]), told
    assert told["spool"]["pending"] == 3
    return code


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_false_server_gets_no_byte(house, false_hub, name):
    certs = bad_certs(house)
    server = false_hub(certs / f"{name}.pem", certs / f"{name}.key")
    sim = house.sim(3, "--job-interval", "0")
    config = house.agent_config(sim, server.port, "secret", ca=certs / "ca.pem")
    assert refused(house, config, BAD[name]) != 0
    assert server.connections > 0
    assert server.application_bytes == 0


def test_the_false_server_would_have_counted(house, false_hub):
    """Positive control: behind a good certificate the same server is spoken to."""
    certs = bad_certs(house)
    server = false_hub(certs / "server.pem", certs / "server.key")
    sim = house.sim(3, "--job-interval", "0")
    config = house.agent_config(sim, server.port, "secret", ca=certs / "ca.pem")
    agent = house.agent(config)
    agent.wait_for_log("mod=uplink", 60)
    agent.stop()
    assert server.application_bytes > 0


def test_a_revoked_certificate(house, false_hub):
    certs = bad_certs(house)
    server = false_hub(certs / "bad-revoked.pem", certs / "bad-revoked.key")
    sim = house.sim(3, "--job-interval", "0")
    config = house.agent_config(sim, server.port, "secret", ca=certs / "ca.pem")
    config.write_text(config.read_text() + f"  crl_file: {certs / 'crl-revoked.pem'}\n")
    assert refused(house, config, "revoked") != 0
    assert server.application_bytes == 0


def test_tls_below_1_2(house, false_hub):
    certs = bad_certs(house)
    server = false_hub(certs / "server.pem", certs / "server.key", newest=ssl.TLSVersion.TLSv1_1)
    sim = house.sim(3, "--job-interval", "0")
    config = house.agent_config(sim, server.port, "secret", ca=certs / "ca.pem")
    assert refused(house, config, "tls-") != 0
    assert server.application_bytes == 0


def test_an_authority_that_is_not_ours(house, hub):
    certs = bad_certs(house)
    sim = house.sim(3, "--job-interval", "0")
    config = house.agent_config(sim, hub.port, hub.secret, ca=certs / "other.pem")
    assert refused(house, config, "untrusted") != 0
    assert hub_records(hub.config) == {}


def test_a_name_that_is_not_the_hubs(house):
    certs = bad_certs(house)
    config = house.hub_config(cert=certs / "bad-name.pem", key=certs / "bad-name.key")
    hub = house.hub(config)
    secret = house.add_agent(config, "agent1")
    sim = house.sim(3, "--job-interval", "0")
    agent = house.agent_config(sim, hub.port, secret, ca=certs / "ca.pem")
    assert refused(house, agent, "another-name") != 0
    assert hub_records(config) == {}


@pytest.mark.parametrize("user, password", [("agent1", "wrong"), ("nobody", "wrong")])
def test_a_wrong_password(house, hub, user, password):
    sim = house.sim(3, "--job-interval", "0")
    config = house.agent_config(sim, hub.port, password, user=user)
    assert refused(house, config, "authentication-refused") != 0
    assert hub_records(hub.config) == {}
    # With the right one what was kept goes over.
    right = house.agent_config(sim, hub.port, hub.secret, name="right",
                               state=house.dir / f"{config.stem}-state")
    code, summary, _ = house.once(right)
    assert code == 0 and summary["sent"] >= 3
