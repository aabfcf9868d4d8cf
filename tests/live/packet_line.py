# SPDX-License-Identifier: Apache-2.0
"""A line of IP packets with faults: two network namespaces, each with a TUN device whose packets the test's
forwarder carries to the other. The programs of a test start inside of `near` or `far`; neither namespace has a
way to any other network."""
import collections
import contextlib
import ctypes
import errno
import fcntl
import heapq
import os
import random
import select
import socket
import struct
import threading
import time

NEAR, FAR = "192.0.2.1", "192.0.2.2"  # RFC 5737
MTU = 576  # several packets for a batch
CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI, IFF_UP = 0x400454ca, 1, 0x1000, 1
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFMTU = 0x8913, 0x8914, 0x8916, 0x891c, 0x8922
RATE = 64000 / 8  # bytes a second of the slow line, ...
RATE_QUEUE_S = 2  # and the longest wait in its queue
HOLE_BEGINS = 8  # packets: within a connection
REORDERED_S = 0.03  # a packet that others overtake waits so long
TCP = 6
libc = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """This machine or user has no network namespaces or TUN devices; the reason."""


def _checked(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@contextlib.contextmanager
def _own_namespace_restored():
    """The namespace belongs to the thread, and to the programs that it starts."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield
    finally:
        _checked(libc.setns(own, CLONE_NEWNET))
        os.close(own)


def _interface(name, address=None):
    """Raises the interface, with this address of a /24 and the MTU of the line."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        def call(request, rest):
            return fcntl.ioctl(control, request, struct.pack("16s24s", name.encode(), rest))
        if address:
            for request, value in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, "255.255.255.0")):
                call(request, struct.pack("=HH4s", socket.AF_INET, 0, socket.inet_aton(value)))
            call(SIOCSIFMTU, struct.pack("=i", MTU))
        flags, = struct.unpack_from("=H", call(SIOCGIFFLAGS, b""), 16)
        call(SIOCSIFFLAGS, struct.pack("=H", flags | IFF_UP))


class End:
    """A new network namespace with loopback and a TUN device."""

    def __init__(self, address):
        with _own_namespace_restored():
            _checked(libc.unshare(CLONE_NEWNET))
            self.namespace = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            self.tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH22x", b"line", IFF_TUN | IFF_NO_PI))
            _interface("lo")
            _interface("line", address)

    @contextlib.contextmanager
    def inside(self):
        with _own_namespace_restored():
            _checked(libc.setns(self.namespace, CLONE_NEWNET))
            yield

    def close(self):
        os.close(self.tun)
        os.close(self.namespace)


def checksum(data):
    """RFC 1071."""
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def tcp_payload(packet):
    """Where the payload of an IPv4 packet with TCP begins; None without any."""
    if packet[9] != TCP:
        return None
    ip = (packet[0] & 15) * 4
    at = ip + (packet[ip + 12] >> 4) * 4
    return at if at < len(packet) else None


def flip_bit(packet, rng, first=0):
    changed = bytearray(packet)
    changed[rng.randrange(first, len(packet))] ^= 1 << rng.randrange(8)
    return changed


def forged(packet, rng):
    """A bit of the TCP payload changed and the checksum made anew, so that the kernel accepts it."""
    changed = flip_bit(packet, rng, tcp_payload(packet))
    ip = (packet[0] & 15) * 4
    changed[ip + 16:ip + 18] = bytes(2)
    pseudo = bytes(changed[12:20]) + struct.pack("!BBH", 0, TCP, len(packet) - ip)
    struct.pack_into("!H", changed, ip + 16, checksum(pseudo + bytes(changed[ip:])))
    return changed


class Line:
    """The forwarder. set() gives the faults of all packets from then on; `counts` has how many met each of them."""

    def __init__(self, seed=12):
        self.counts = collections.Counter()
        self.carried = 0
        self.rng = random.Random(seed)
        self.faults = {}
        self.until_hole = 0
        self.queue = []  # heap of (when, number, end, packet)
        self.number = 0
        self.newest = {}  # number that arrived last, by end
        self.busy_until = {}  # of the slow line, by end
        self.ends = []
        try:
            for address in (NEAR, FAR):
                self.ends.append(End(address))
        except OSError as err:
            for end in self.ends:
                end.close()
            raise Unavailable(f"no network namespace with a TUN device: {err.strerror}") from err
        self.near, self.far = self.ends
        self.wake, self.woken = os.pipe2(os.O_CLOEXEC)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def set(self, **faults):
        """loss, duplicate, reorder, corrupt, forge: shares of all packets; delay: seconds on average; slow: a rate of
        64 kbit/s; hole: after HOLE_BEGINS packets so many are swallowed, and then it is over."""
        self.until_hole = HOLE_BEGINS
        self.faults = faults

    def close(self):
        os.close(self.woken)
        self.thread.join(60)
        assert not self.thread.is_alive()
        os.close(self.wake)
        for end in self.ends:
            end.close()

    def _run(self):
        peer = {self.near.tun: self.far, self.far.tun: self.near}
        while True:
            wait = max(0, self.queue[0][0] - time.monotonic()) if self.queue else None
            for fd in select.select([*peer, self.wake], [], [], wait)[0]:
                if fd == self.wake:
                    return
                packet = os.read(fd, 2048)
                if packet[0] >> 4 == 4:  # the kernel also sends IPv6 by itself
                    self._meet(peer[fd], packet, dict(self.faults))
            while self.queue and self.queue[0][0] <= time.monotonic():
                self._deliver(*heapq.heappop(self.queue)[1:])

    def _meets(self, kind, faults):
        is_hit = self.rng.random() < faults.get(kind, 0)
        self.counts[kind] += is_hit
        return is_hit

    def _is_swallowed(self, faults):
        left = faults.get("hole", 0)
        if left == 0 or self.until_hole > 0:
            self.until_hole -= 1
            return False
        self.counts["hole"] += 1
        self.faults = {**faults, "hole": left - 1}
        return True

    def _meet(self, end, packet, faults):
        """What the faults do to one packet on its way to `end`."""
        if self._is_swallowed(faults) or self._meets("loss", faults):
            return
        if self._meets("corrupt", faults):
            packet = flip_bit(packet, self.rng)
        elif tcp_payload(packet) is not None and self._meets("forge", faults):
            packet = forged(packet, self.rng)
        for _ in range(2 if self._meets("duplicate", faults) else 1):
            when = self._leaves(time.monotonic(), end, packet, faults)
            if when is None:
                continue
            if "delay" in faults:
                self.counts["delay"] += 1
                when += self.rng.uniform(faults["delay"] / 2, faults["delay"] * 3 / 2)
            if self.rng.random() < faults.get("reorder", 0):
                when += REORDERED_S  # counted where it arrives
            self._put(when, end, packet)

    def _leaves(self, now, end, packet, faults):
        """When the packet has left a line of this rate; None if its queue is full."""
        if "slow" not in faults:
            return now
        begin = max(now, self.busy_until.get(end, 0))
        if begin - now > RATE_QUEUE_S:
            self.counts["queue full"] += 1
            return None
        self.counts["slow"] += begin > now
        self.busy_until[end] = begin + len(packet) / RATE
        return self.busy_until[end]

    def _put(self, when, end, packet):
        self.number += 1
        heapq.heappush(self.queue, (when, self.number, end, packet))

    def _deliver(self, number, end, packet):
        if number < self.newest.get(end, 0):
            self.counts["reorder"] += 1
        self.newest[end] = max(number, self.newest.get(end, 0))
        self.carried += 1
        try:
            os.write(end.tun, packet)
        except OSError as err:
            if err.errno != errno.EINVAL:  # a corrupt version field
                raise
