#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Makes the files of one release, which later releases must read: tests/golden/make.py BUILD DIR

agent.tar.xz   state_dir of an agent: identity, keys, device store, and records that no hub has yet
hub.tar.xz     state_dir of the hub that the same agent sent earlier records to
batches.json   the batches that this agent posted, hex, in their order
expected.json  what this release showed of them"""
import json
import pathlib
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools/gate"), str(ROOT / "tests/live")]
import lab  # noqa: E402
from hub_proxy import HubProxy  # noqa: E402

PRINTERS = 4


def facts(device):
    """Of a device as the hub shows it, what no later release may change."""
    identity = device["identity"]
    return {"device_key": device["device_key"], "read_at_ms": device["read_at_ms"],
            **{name: identity.get(name) for name in ("vendor", "model", "serial", "mac")},
            "meters": sorted([m["name"], m.get("value"), m.get("oid", "")] for m in device["meters"]),
            "supplies": sorted([s["index"], s["type"], s.get("level", {}).get("value")] for s in device["supplies"]),
            "alerts": sorted([a["index"], a["code"]] for a in device["alerts"]),
            "errors": device["state"]["errors"]}


def pack(state, name):
    with tarfile.open(name, "w:xz") as tar:
        for path in sorted(state.iterdir()):
            if path.is_file() and path.suffix != ".lock":
                info = tar.gettarinfo(path, path.name)
                info.uid = info.gid = info.mtime = 0
                info.uname = info.gname = ""
                with open(path, "rb") as data:
                    tar.addfile(info, data)


def pending(world, config):
    got = world.run(world.bin("platen"), "status", "--json", "--config", config, check=False)
    return json.loads(got.stdout)["spool"]["pending"]


def main():
    build, where = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    where.mkdir(parents=True, exist_ok=True)
    with lab.Lab(build) as world:
        sim = world.sim(PRINTERS, "--job-interval", "1s")
        hub = world.hub(world.hub_config())
        secret = world.add_agent(hub.config, "agent1")
        proxy = HubProxy(world.certs(), hub.port, keeps_bodies=True)
        state = world.dir / "agent-state"
        sending = world.agent_config(sim, proxy.port, secret, name="sending", state=state)
        for _ in range(2):
            assert world.once(sending)[0] == 0
        devices = world.devices(hub.config)
        assert hub.stop() == 0
        alone = world.agent_config(sim, name="alone", state=state)
        assert world.once(alone)[0] == 0
        version = world.run(world.bin("platen"), "--version").stdout.split("\n")[0]
        expected = {"version": version, "agent_id": (state / "agent.id").read_text().strip(),
                    "pending": pending(world, alone), "devices": [facts(device) for device in devices]}
        pack(state, where / "agent.tar.xz")
        pack(world.dir / "hub-state", where / "hub.tar.xz")
        (where / "batches.json").write_text(json.dumps([b.hex() for b in proxy.bodies], indent=0) + "\n")
        (where / "expected.json").write_text(json.dumps(expected) + "\n")
        proxy.close()


if __name__ == "__main__":
    main()
