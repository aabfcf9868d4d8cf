# SPDX-License-Identifier: Apache-2.0
"""A printer's IPP port for live tests: builds its answers itself, with or without TLS, and misbehaves
as it is told. One server stands for all printers of 127.0.0.0/8: which one was meant is the address
that was called."""
import contextlib
import socket
import ssl
import struct
import threading

INTEGER, ENUM, OCTETS, TEXT, NAME, KEYWORD, CHARSET, LANGUAGE = (
    0x21, 0x23, 0x30, 0x41, 0x42, 0x44, 0x47, 0x48)
OK, NOT_FOUND = 0x0000, 0x0406


def attribute(tag, name, *values):
    """An attribute with one or more values."""
    out = b""
    for value in values:
        value = struct.pack(">i", value) if isinstance(value, int) else value.encode()
        out += bytes([tag]) + struct.pack(">H", len(name)) + name.encode()
        out += struct.pack(">H", len(value)) + value
        name = ""
    return out


def message(*attributes, status=OK):
    """An IPP answer with these printer attributes."""
    return (b"\x01\x01" + struct.pack(">HI", status, 1) + b"\x01"
            + attribute(CHARSET, "attributes-charset", "utf-8")
            + attribute(LANGUAGE, "attributes-natural-language", "en")
            + b"\x04" + b"".join(attributes) + b"\x03")


def serial_of(address):
    return "ACME" + address.replace(".", "")


def rich(address):
    """What a printer says that is poor by SNMP (POOR of test_ipp.py)."""
    return message(
        attribute(TEXT, "printer-make-and-model", "Acme One"),
        attribute(TEXT, "printer-device-id", f"MFG:Acme;MDL:One;SN:{serial_of(address)};"),
        attribute(NAME, "printer-firmware-name", "Main"),
        attribute(TEXT, "printer-firmware-string-version", "7.8.9"),
        attribute(INTEGER, "printer-impressions-completed", 4711),
        attribute(OCTETS, "printer-supply",
                  "type=toner;maxcapacity=100;level=67;colorantname=black;",
                  "type=toner;maxcapacity=100;level=11;colorantname=cyan;"),
        attribute(OCTETS, "printer-input-tray",
                  "type=sheetFeedManual;maxcapacity=50;level=-2;status=0;name=By hand;"),
        attribute(INTEGER, "pages-per-minute", 38),
        attribute(ENUM, "printer-state", 4),
        attribute(KEYWORD, "printer-state-reasons", "none"))


class IppPrinter:
    """Serves until close. `mode` is one of the methods below without its underscore, or a dict of
    them by the address that is called; `body` makes an answer for an address."""

    def __init__(self, mode="ok", cert=None, key=None, address="0.0.0.0", body=rich,
                 port=0):
        self.mode = mode
        self.body = body
        self.called = []    # the address of each connection
        self.requests = []  # (address, path, head, body) of each whole request
        self.context = None
        self.broken = threading.Event()  # the other end gave up a connection that we kept busy
        if cert is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.set_ciphers("ALL:@SECLEVEL=0")
            self.context.load_cert_chain(cert, key)
        self.closed = threading.Event()
        self.server = socket.create_server((address, port), backlog=256)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.closed.set()
        # A thread that waits in accept() would keep the port open.
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()

    def calls_of(self, address):
        return self.called.count(address)

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.server.accept()
                threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer):
        with contextlib.suppress(OSError), peer:
            address = peer.getsockname()[0]
            self.called.append(address)
            peer.settimeout(60)
            mode = self.mode if isinstance(self.mode, str) else self.mode[address]
            if mode == "tls_only" or (self.context is not None and mode != "upgrade"):
                first = peer.recv(1, socket.MSG_PEEK)
                if first != b"\x16":
                    peer.recv(65536)
                    peer.sendall(b"\x15\x03\x01\x00\x02\x02\x0a")  # alert: unexpected message
                    return
                peer = self.context.wrap_socket(peer, server_side=True)
            elif mode == "upgrade" and peer.recv(1, socket.MSG_PEEK) == b"\x16":
                peer, mode = self.context.wrap_socket(peer, server_side=True), "ok"
            with contextlib.suppress(OSError), peer:
                path = self._hear(peer, address)
                getattr(self, "_" + mode)(peer, path, self.body(address))

    def _hear(self, peer, address):
        """Reads one request. The path, and it is kept in `requests`."""
        got = b""
        while b"\r\n\r\n" not in got:
            more = peer.recv(65536)
            if not more:
                raise OSError("closed")
            got += more
        head, body = got.split(b"\r\n\r\n", 1)
        words = head.decode().split("\r\n")
        length = next(int(w.split(":")[1]) for w in words if w.lower().startswith("content-length"))
        while len(body) < length:
            body += peer.recv(65536)
        path = words[0].split()[1]
        self.requests.append((address, path, head.decode(), body))
        return path

    def _answer(self, peer, body, status="200 OK", kind="application/ipp", extra=""):
        peer.sendall(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                     f"{extra}\r\n".encode() + body)

    # ---- as it should be ----
    def _ok(self, peer, path, body):
        self._answer(peer, body)

    _tls_only = _ok

    def _chunked(self, peer, path, body):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n")
        for at in range(0, len(body), 100):
            part = body[at:at + 100]
            peer.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        peer.sendall(b"0\r\n\r\n")

    def _until_close(self, peer, path, body):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp; x=y\r\n"
                     b"Connection: close\r\n\r\n" + body)

    def _one_byte_each(self, peer, path, body):
        for byte in (b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: "
                     + str(len(body)).encode() + b"\r\n\r\n" + body):
            peer.sendall(bytes([byte]))

    def _second_path(self, peer, path, body):
        if path == "/ipp/printer":
            self._answer(peer, body)
        else:
            self._answer(peer, b"no", "404 Not Found", "text/plain")

    def _third_path(self, peer, path, body):
        self._answer(peer, body if path == "/" else message(status=NOT_FOUND))

    def _upgrade(self, peer, path, body):
        self._answer(peer, b"", "426 Upgrade Required", extra="Upgrade: TLS/1.2, HTTP/1.1\r\n")

    # ---- as it should not be ----
    def _no_path(self, peer, path, body):
        self._answer(peer, b"no", "404 Not Found", "text/plain")

    def _password(self, peer, path, body):
        self._answer(peer, b"", "401 Unauthorized", extra='WWW-Authenticate: Basic realm="p"\r\n')

    def _fault(self, peer, path, body):
        self._answer(peer, b"sorry", "500 Internal Server Error", "text/plain")

    def _redirect(self, peer, path, body):
        self._answer(peer, b"", "302 Found",
                     extra=f"Location: http://127.0.0.1:{self.port}/elsewhere\r\n")

    def _html(self, peer, path, body):
        self._answer(peer, b"<html>Acme One, serial ACME</html>", kind="text/html")

    def _garbage(self, peer, path, body):
        peer.sendall(bytes(range(256)) * 64)

    def _no_ipp(self, peer, path, body):
        self._answer(peer, b"\xff" * 5000)

    def _refused(self, peer, path, body):
        self._answer(peer, message(status=0x0500))

    def _cut(self, peer, path, body):
        self._answer(peer, body[:-1])

    def _reset(self, peer, path, body):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 5000\r\n"
                     b"\r\n" + body[:50])
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _keep_busy(self, peer, part, pause_s=0.0):
        try:
            peer.sendall(part)
            while not self.closed.wait(pause_s):
                peer.sendall(part)
        except OSError:
            self.broken.set()
            raise

    def _endless(self, peer, path, body):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n")
        self._keep_busy(peer, b"4000\r\n" + b"\x00" * 0x4000 + b"\r\n")

    def _endless_head(self, peer, path, body):
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        self._keep_busy(peer, b"X-Filler: " + b"y" * 1000 + b"\r\n")

    def _huge(self, peer, path, body):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
                     b"Content-Length: 4000000000\r\n\r\n")
        self._keep_busy(peer, b"\x00" * 4096)

    def _drip(self, peer, path, body):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 5000\r\n"
                     b"\r\n")
        self._keep_busy(peer, b"\x01", 0.1)

    def _silent(self, peer, path, body):
        while peer.recv(65536):
            pass
        self.broken.set()
