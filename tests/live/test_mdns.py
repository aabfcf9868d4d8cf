# SPDX-License-Identifier: Apache-2.0
"""Printers that say by multicast DNS that they print, by IPv4 and by IPv6, in a network of the test's
own: a link that nothing else is on. For `platen discover` and for the running
agent (S32)."""
import contextlib
import ctypes
import fcntl
import json
import os
import select
import socket
import struct
import threading

import pytest

from conftest import status, until

CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP, IFF_MULTICAST = 0x8913, 0x8914, 0x1, 0x1000
RTM_NEWLINK, RTM_NEWADDR, NLM_F_REQUEST_ACK, NLM_F_CREATE = 16, 20, 0x5, 0x400
IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND, IFA_ADDRESS, IFA_LOCAL, IFA_F_NODAD = 3, 18, 1, 1, 2, 2
LINK, ADDRESS, LINK_LOCAL = "link-0", "10.60.1.1", "fe80::4:7"
MDNS, SNMP = 5353, 161
SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"


@pytest.fixture
def network():
    """This thread, and what it starts, in a network of its own; the number of its link."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.unshare(CLONE_NEWNET) != 0:
            pytest.skip(f"no network of its own: {os.strerror(ctypes.get_errno())}")
        try:
            yield bring_up()
        finally:
            assert libc.setns(before, CLONE_NEWNET) == 0
    finally:
        os.close(before)


def netlink(kind, flags, body):
    """One request to the kernel's tables of interfaces and addresses (rtnetlink(7))."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.send(struct.pack("IHHII", 16 + len(body), kind, flags | NLM_F_REQUEST_ACK, 1, 0) + body)
        err = struct.unpack_from("i", s.recv(4096), 16)[0]
        if err != 0:
            pytest.skip(f"no interface of its own: {os.strerror(-err)}")


def attribute(kind, value):
    padded = value + bytes(-len(value) % 4)
    return struct.pack("HH", 4 + len(value), kind) + padded


def set_up(name, without=0):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = fcntl.ioctl(s, SIOCGIFFLAGS, struct.pack("16sh14x", name.encode(), 0))
        flags = struct.unpack("16sh14x", request)[1]
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", name.encode(), (flags | IFF_UP) & ~without))


def bring_up():
    """Loopback, and a pair of joined interfaces, of which one is used."""
    set_up("lo")
    kind = attribute(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, b"veth"))
    netlink(RTM_NEWLINK, NLM_F_CREATE, bytes(16) + attribute(IFLA_IFNAME, LINK.encode() + b"\0") +
            kind)
    for _, name in socket.if_nameindex():
        set_up(name, without=0 if name == LINK else IFF_MULTICAST)
    index = socket.if_nametoindex(LINK)
    for family, text, prefix, scope in ((socket.AF_INET, ADDRESS, 24, 0),
                                        (socket.AF_INET6, LINK_LOCAL, 64, 253)):
        address = socket.inet_pton(family, text)
        # No other host can have it: it is good at once.
        netlink(RTM_NEWADDR, NLM_F_CREATE, struct.pack("4BI", family, prefix, IFA_F_NODAD, scope,
                index) + attribute(IFA_LOCAL, address) + attribute(IFA_ADDRESS, address))
    return index


class Printer:
    """Responds to the queries of the group from its own address; counts them."""

    def __init__(self, group, own):
        self.group, self.own = group, own
        self.queries = 0
        self.stop, self._stopped = socket.socketpair()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            ready = select.select([self.group, self._stopped], [], [])[0]
            if self._stopped in ready:
                return
            query, peer = self.group.recvfrom(512)
            self.queries += 1
            self.own.sendto(query[:2] + b"\x84\0\0\2\0\1\0\0\0\0" + query[12:] +
                            b"\xc0\x0c\0\x0c\0\1\0\0\0\x0a\0\4\1x\xc0\x0c", peer)

    def close(self):
        self.stop.close()
        self.thread.join(30)
        for one in (self._stopped, self.group, self.own):
            one.close()


def udp(family, address):
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(address)
    return made


def printer_v4(address, index):
    group = udp(socket.AF_INET, ("224.0.0.251", MDNS))
    group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                     struct.pack("4s4si", socket.inet_aton("224.0.0.251"), bytes(4), index))
    return Printer(group, udp(socket.AF_INET, (address, 0)))


def printer_v6(index):
    group = udp(socket.AF_INET6, ("ff02::fb", MDNS, 0, index))
    group.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                     struct.pack("16si", socket.inet_pton(socket.AF_INET6, "ff02::fb"), index))
    return Printer(group, udp(socket.AF_INET6, (LINK_LOCAL, 0, 0, index)))


class Relay:
    """A simulated printer, which is on loopback, at an address of the link: who asks there is passed
    on."""

    def __init__(self, family, outside, target):
        self.family, self.target = family, target
        self.bind_to = "127.0.0.1" if family == socket.AF_INET else "::1"
        self.outside = udp(family, outside)
        self.peers = {}  # our socket to the printer -> who asks through it
        self.stop, self._stopped = socket.socketpair()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        inside = {}
        while True:
            ready = select.select([self.outside, self._stopped, *self.peers], [], [])[0]
            if self._stopped in ready:
                return
            for one in ready:
                got, peer = one.recvfrom(65536)
                if one is not self.outside:
                    self.outside.sendto(got, self.peers[one])
                    continue
                if peer not in inside:
                    inside[peer] = udp(self.family, (self.bind_to, 0))
                    self.peers[inside[peer]] = peer
                inside[peer].sendto(got, self.target)

    def close(self):
        self.stop.close()
        self.thread.join(30)
        for one in (self._stopped, self.outside, *self.peers):
            one.close()


@pytest.fixture
def link(world, network):
    """Two printers, one by IPv4, one by IPv6; the sim and the responder of each."""
    sim = world.sim(2, "--v6", 2, "--base", "127.60.1.1", "--profile", "xerox-color-mfp")
    with contextlib.ExitStack() as stack:
        def keep(one):
            stack.callback(one.close)
            return one
        keep(Relay(socket.AF_INET, (ADDRESS, SNMP), ("127.60.1.1", sim.info["port"])))
        keep(Relay(socket.AF_INET6, (LINK_LOCAL, SNMP, 0, network), ("::1", sim.info["port6"] + 1)))
        yield sim, keep(printer_v4(ADDRESS, network)), keep(printer_v6(network))


def where(told):
    return sorted(told, key=lambda d: d["address"])


def test_query_and_response_by_both_families(world, link):
    """Each where it answered; the link's own address with its interface, and it is taken so again."""
    sim, v4, v6 = link
    platen = world.bin("platen")
    told = json.loads(world.run(platen, "discover", "--json", "--mdns", "--rounds", "1", "--wait", "600ms").stdout)
    serials = [sim.command(cmd="truth", printer=n, oid=SERIAL)["value"] for n in range(2)]
    assert [(f["address"], f["class"], f["serial"]) for f in where(told["found"])] == [
        ("10.60.1.1:161", "printer", serials[0]),
        (f"[{LINK_LOCAL}%{LINK}]:161", "printer", serials[1])]
    assert v4.queries == v6.queries == 3
    out = world.dir / "out.csv"
    single = world.run(platen, "discover", "--json", "--rounds", "1", "--wait", "600ms", "--csv", out,
                       f"{LINK_LOCAL}%{LINK}").stdout
    assert [f["serial"] for f in json.loads(single)["found"]] == serials[1:]
    assert f"\n{LINK_LOCAL}%{LINK},161," in out.read_text()
    # No host responds for the printers: nothing is found, and that is no error.
    v4.close()
    v6.close()
    told = json.loads(world.run(platen, "discover", "--json", "--mdns", "--wait", "300ms").stdout)
    assert told["found"] == [] and told["coverage"]["addresses"] == 0


def test_printer_found_by_both_families_is_one_device(world, link):
    """It responds at both addresses and has one serial number: the IPv4 address is listed."""
    sim, _, _ = link
    own = sim.command(cmd="truth", printer=0, oid=SERIAL)["value"]
    sim.command(cmd="set", printer=1, oid=SERIAL, type="string", value=own)
    told = json.loads(world.run(world.bin("platen"), "discover", "--json", "--mdns", "--wait",
                                "600ms", "--rounds", "1").stdout)
    assert told["coverage"]["printer"] == told["coverage"]["further_addresses"] == 1
    v4, v6 = where(told["found"])
    assert "same_as" not in v4 and v6["same_as"] == v4["address"] == "10.60.1.1:161"


def test_agent_finds_and_polls_mdns_printers(world, link):
    """discovery.mdns alone, without targets: found in the first run, read from then on; a second
    run asks the link again."""
    sim, v4, v6 = link
    config = world.file(world.dir / "agent.yaml", f"""\
state_dir: {world.dir}/state
devices:
  interval: 1m
  targets: []
snmp:
  credentials:
    - name: site
      version: 2c
      community: public
discovery:
  interval: 1m
  mdns: on
  rounds: 1
  adopt: on
""")
    agent = world.agent(config)
    agent.wait_for_log("mod=discovery run=1 ", 60)
    assert v4.queries == v6.queries == 3
    assert "addresses=2 responded=2 printers=2 " in agent.log.read_text()

    def known():
        got = world.run(world.bin("platen"), "devices", "--json", "--config", config, check=False)
        return json.loads(got.stdout)["devices"] if got.returncode == 0 else []

    until(agent, lambda: len(known()) == 2 and all(d["last_seen"] for d in known()))
    assert [(d["address"], d["source"], d["state"]) for d in where(known())] == [
        ("10.60.1.1:161", "discovery", "present"),
        (f"[{LINK_LOCAL}%{LINK}]:161", "discovery", "present")]
    until(agent, lambda: status(world, config)["devices"]["complete"] == 2)
    # It ends in order, also while a query is open.
    agent.child.send_signal(1)
    until(agent, lambda: v6.queries > 3)
    agent.stop()
    assert "state=stopped result=ok" in agent.log.read_text()
