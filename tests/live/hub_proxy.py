# SPDX-License-Identifier: Apache-2.0
"""An HTTPS proxy between agents and a hub, with the hub's certificate: it keeps request bodies, and swallows responses
after the hub has given them, as a line that breaks between commit and receipt does."""
import contextlib
import http.client
import http.server
import ssl
import threading

HEADERS = ("Content-Type", "Authorization", "User-Agent", "Accept")
BACK = ("Content-Type", "Retry-After", "WWW-Authenticate")


class HubProxy:
    def __init__(self, certs, hub_port, swallows=lambda status: False, keeps_bodies=False,
                 missing=None):
        """`swallows(status)`, called once for each response in order, decides whether the agent gets it.
        `missing`: a path that an older hub would not know."""
        self.hub_port = hub_port
        self.client_context = ssl.create_default_context(cafile=str(certs / "ca.pem"))
        self.swallows = swallows
        self.keeps_bodies = keeps_bodies
        self.missing = missing
        self.heartbeats = []  # bodies
        self.lock = threading.Lock()
        self.bodies = []    # of batches, in their order
        self.statuses = {}  # status -> responses of the hub to batches
        self.swallowed = 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certs / "server.pem", certs / "server.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.server.handle_error = lambda *_: None  # an agent that closes is no error here
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def ask_hub(self, method, path, body, headers):
        far = http.client.HTTPSConnection("127.0.0.1", self.hub_port, context=self.client_context, timeout=60)
        with contextlib.closing(far):
            far.request(method, path, body, headers)
            got = far.getresponse()
            return got.status, got.headers, got.read()

    def is_swallowed(self, path, status, body):
        if not path.endswith("/batches"):
            return False
        with self.lock:
            if self.keeps_bodies:
                self.bodies.append(body)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            is_lost = self.swallows(status)
            self.swallowed += is_lost
            return is_lost

    def handler(proxy):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {k: self.headers[k] for k in HEADERS if k in self.headers}
                if self.path.endswith("/heartbeat"):
                    proxy.heartbeats.append(body)
                if self.path == proxy.missing:
                    self.send_error(404)
                    return
                try:
                    status, given, answer = proxy.ask_hub(self.command, self.path, body, headers)
                except OSError:
                    self.close_connection = True
                    return
                if proxy.is_swallowed(self.path, status, body):
                    self.close_connection = True
                    return
                self.send_response(status)
                for name in BACK:
                    if name in given:
                        self.send_header(name, given[name])
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

        return Handler

    def close(self):
        self.server.shutdown()
        self.server.server_close()
