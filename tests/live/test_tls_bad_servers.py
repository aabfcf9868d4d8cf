# SPDX-License-Identifier: Apache-2.0
"""Wrong servers of every kind in the place of the hub, one after the other, before one agent whose hub.url
changes by SIGHUP: none is accepted, none gets an application byte, and the log gives the reason (R6)."""
import contextlib
import signal
import socket
import ssl
import struct
import subprocess
import threading

import pytest

import lab
from conftest import status, until

# Certificates: err= and words of the log.
NAME = "tls-certificate-for-another-name"
DATE = "tls-certificate-expired-or-not-yet-valid"
CHAIN = "tls-certificate-untrusted"
CERTIFICATES = {
    "bad-expired": (DATE, "expired on"),
    "bad-early": (DATE, "valid only from"),
    "bad-name": (NAME, "is for elsewhere.example"),
    "bad-cn-only": (NAME, "no name in subjectAltName"),
    "bad-wildcard": (NAME, "is for loc*"),
    "bad-purpose": (CHAIN, "not meant for a TLS server"),
    "bad-no-chain": (CHAIN, "leads to no CA we trust"),
    "bad-other-ca": (CHAIN, "another root"),
    "bad-self-signed": (CHAIN, "self-signed"),
    "bad-leaf-issuer": (CHAIN, "invalid CA certificate"),
    "bad-weak": (CHAIN, "too weak"),
    "bad-sha1": (CHAIN, "too weak"),
    "bad-dns-ip": (NAME, "is for 127.0.0.1"),
    "bad-idn": (NAME, "is for xn--"),
    "bad-nul": (NAME, "not for 127.0.0.1"),
    "bad-huge": ("tls-handshake-failed", "excessive message size"),
}
# Through a proxy, which is the server too: the hub's name.
WILDCARDS = {"bad-tld": ("hub.com", "is for *.com"), "bad-part": ("foo.example.com", "is for f*o")}


def openssl(*argv):
    subprocess.run(["openssl", *map(str, argv)], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def leaf(where, name, extensions, digest="sha256"):
    """A certificate of tools/certs' intermediate."""
    key, pem, extra = where / f"{name}.key", where / f"{name}.pem", where / f"{name}.ext"
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-subj", "/CN=localhost", "-out", where / f"{name}.csr")
    extra.write_text("extendedKeyUsage=serverAuth\n" + extensions)
    openssl("x509", "-req", "-in", where / f"{name}.csr", "-CA", where / "intermediate.pem", "-CAkey",
            where / "intermediate.key", "-set_serial", "77", "-days", "30", f"-{digest}", "-extfile", extra,
            "-out", pem)
    pem.write_text(pem.read_text() + (where / "intermediate.pem").read_text())


@pytest.fixture(scope="module")
def certs(bad_certs):
    good = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
    leaf(bad_certs, "bad-sha1", good, "sha1")
    leaf(bad_certs, "bad-dns-ip", "subjectAltName=DNS:127.0.0.1\n")
    leaf(bad_certs, "bad-idn", "subjectAltName=DNS:xn--loclhost-8fg\n")
    name = b"localhost\0.evil.test"
    der = bytes([0x30, len(name) + 2, 0x82, len(name)]) + name
    leaf(bad_certs, "bad-nul", f"subjectAltName=DER:{der.hex(':')}\n")
    leaf(bad_certs, "bad-tld", "subjectAltName=DNS:*.com\n")
    leaf(bad_certs, "bad-part", "subjectAltName=DNS:f*o.example.com\n")
    leaf(bad_certs, "bad-huge", good + f"nsComment={'x' * 65000}\n")
    huge = bad_certs / "bad-huge.pem"
    huge.write_text(huge.read_text() * 10)
    return bad_certs


class Server:
    """A server that accepts everything; counts the bytes of the application that it receives."""

    def __init__(self, serve):
        self.application_bytes = 0
        self.connections = 0
        self.serve = serve
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self.server.accept()
                self.connections += 1
                plain.settimeout(30)
                with contextlib.suppress(OSError), plain:
                    self.serve(self, plain)

    def close(self):
        """The agent has left, or its connection ends here at its timeout."""
        self.server.shutdown(socket.SHUT_RDWR)  # ends accept
        self.server.close()


def tls_server(cert, ciphers="ALL:@SECLEVEL=0", newest=None, is_proxy=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if newest is not None:
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    context.set_ciphers(ciphers)
    context.load_cert_chain(cert, cert.with_suffix(".key"))

    def serve(server, plain):
        if is_proxy:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                got = plain.recv(1)
                if not got:
                    return
                head += got
            plain.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with context.wrap_socket(plain, server_side=True) as tls:
            while got := tls.recv(65536):
                server.application_bytes += len(got)

    return Server(serve)


def count_plain(server, got):
    """Of a client that speaks TLS: records other than handshake, alert and change cipher spec."""
    if got and got[0] not in (20, 21, 22):
        server.application_bytes += len(got)


def plain_http(server, plain):
    plain.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    while got := plain.recv(65536):
        count_plain(server, got)


def reset(server, plain):
    count_plain(server, plain.recv(65536))
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cut(server, plain):
    count_plain(server, plain.recv(65536))
    plain.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03")  # the beginning of a ServerHello


def drip(server, plain):
    """One byte at a time, and never a whole record."""
    count_plain(server, plain.recv(65536))
    record = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + bytes(16384)
    plain.settimeout(0.9)
    for at in range(len(record)):
        plain.sendall(record[at:at + 1])
        with contextlib.suppress(TimeoutError):
            if not plain.recv(1):
                return


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_wrong_server_of_each_kind_gets_no_byte(world, certs):
    sim = world.sim(2, "--job-interval", "0")
    good = certs / "server.pem"
    cases = {name: (tls_server(certs / f"{name}.pem"), None, *words)
             for name, words in CERTIFICATES.items()}
    cases |= {name: (tls_server(certs / f"{name}.pem", is_proxy=True), host, NAME, words)
              for name, (host, words) in WILDCARDS.items()}
    for version in ("TLSv1", "TLSv1_1"):
        cases[version] = (tls_server(good, newest=ssl.TLSVersion[version]), None, "tls-version-too-old",
                          "offers no TLS 1.2")
    refused = ("tls-handshake-failed", "the peer refused the connection")
    cases["anonymous"] = (tls_server(good, "aNULL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2), None, *refused)
    cases["null-cipher"] = (tls_server(good, "eNULL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2), None, *refused)
    cases["plain-http"] = (Server(plain_http), None, "tls-handshake-failed", "is not TLS")
    cases["reset"] = (Server(reset), None, "Connection reset by peer", "Connection reset by peer")
    cases["cut"] = (Server(cut), None, "closed-by-peer", "during the TLS handshake")
    cases["drip"] = (Server(drip), None, "timeout", "the TLS handshake did not end in time")
    assert len(cases) >= 25
    config = world.agent_config(sim, 1, "secret", ca=certs / "ca.pem", extra="sync:\n  interval: 1s\n")
    url = "url: https://127.0.0.1:1/"
    text = config.read_text()
    agent = world.agent(config)
    agent.wait_for_log("mod=uplink", 60)
    for name, (server, host, err, words) in cases.items():
        way = f"url: https://127.0.0.1:{server.port}/"
        if host is not None:
            way = f"url: https://{host}/\n  proxy: http://127.0.0.1:{server.port}"
        config.write_text(text.replace(url, way))
        since = len(agent.log.read_text())
        agent.signal(signal.SIGHUP)
        agent.wait_for_log(words, 60, since)
        log = agent.log.read_text()[since:]
        line = next(line for line in log.splitlines() if words in line and "mod=uplink" in line)
        assert f"err={err}" in line or f'err="{err}"' in line, (name, line)
        assert server.connections > 0, name
        assert server.application_bytes == 0, name
        server.close()
    assert status(world, config)["hub"]["last_sync"] is None
    # Positive control: the same agent, the same server, a valid certificate.
    server = tls_server(good)
    config.write_text(text.replace(url, f"url: https://127.0.0.1:{server.port}/"))
    agent.signal(signal.SIGHUP)
    until(agent, lambda: server.application_bytes > 0)
    server.close()
    assert agent.stop() == 0, lab.tail(agent.log)
