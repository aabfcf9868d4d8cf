# SPDX-License-Identifier: Apache-2.0
"""The demonstration of tools/demo, once the programs are built: starts them, polls all printers once and
compares the hub's values with those of the synthetic printers."""
import argparse
import json
import shutil
import signal
import sys

import lab


def say(text):
    print(f"demo: {text}", file=sys.stderr, flush=True)


def printed_report(world, config):
    """The first lines of the hub's report."""
    got = world.run(world.bin("platen-hub"), "report", "--config", config, check=False,
                    deadline_s=300)
    width = shutil.get_terminal_size((140, 24)).columns
    lines = [line[:width].rstrip() for line in got.stdout.splitlines()]
    return "\n".join(lines[:14] + ([f"... {len(lines) - 14} more lines"] if len(lines) > 14 else []))


def by_vendor(sim, devices, found):
    """{profile: {"printers": n, "complete": n, "wrong": n}}"""
    complete = {sim.number_of(d["address"]) for d in devices
                if all(g["status"] == "complete" for g in d.get("groups") or [{"status": "failed"}])}
    vendors = {}
    infos = sim.commands([{"cmd": "info", "printer": n} for n in range(sim.printers)])
    for number, info in enumerate(infos):
        row = vendors.setdefault(info["profile"], {"printers": 0, "complete": 0, "wrong": 0})
        row["printers"] += 1
        row["complete"] += number in complete
        row["wrong"] += bool(found.get(number))
    return vendors


def print_vendors(vendors):
    print(f"\n{'profile':<20}{'printers':>9}{'complete':>9}{'wrong':>7}", file=sys.stderr)
    for name, row in sorted(vendors.items()):
        print(f"{name:<20}{row['printers']:>9}{row['complete']:>9}{row['wrong']:>7}", file=sys.stderr)


def cycle(world, args):
    say(f"making certificates and starting the hub in {world.dir}")
    hub_config = world.hub_config()
    hub = world.hub(hub_config)
    secret = world.add_agent(hub_config, "agent1")
    say(f"platen-hub listens on https://127.0.0.1:{hub.port}/")
    profiles = ["--profile", args.profile] if args.profile else []
    sim = world.sim(args.printers, "--latency", args.latency, *profiles)
    say(f"platen-sim simulates {args.printers} printers, {sim.info['first']} to {sim.last}, "
        f"UDP port {sim.info['port']}")
    config = world.agent_config(sim, hub.port, secret)
    say("platen once: polling all printers, storing their readings and sending them to the hub")
    code, summary, used = world.once(config, measured=True)
    log = lab.tail(world.dir / f"{config.stem}.log", 6)
    print(log, file=sys.stderr)
    if code != 0 or summary is None:
        raise lab.LabError(f"platen once ended with {code}\n"
                           f"{lab.tail(world.dir / (config.stem + '.log'))}")
    devices = world.devices(hub_config)
    say(f"the hub has {len(devices)} devices; comparing every value with that of the printer")
    found, strays = lab.compare_devices(sim, devices)
    at_hub = len(found)
    wrong = sum(bool(errors) for errors in found.values()) + len(strays)
    vendors = by_vendor(sim, devices, found)
    messages = strays + [f"printer {n}: {'; '.join(errors)}" for n, errors in found.items() if errors]
    for message in messages[:10]:
        say(f"wrong: {message[:600]}")
    stats = sim.command(cmd="stats")
    drops, never = stats["drops"], stats["never_requested"]
    result = {
        "printers": args.printers,
        "complete": summary["complete"],
        "at_hub": at_hub,
        "wrong": wrong,
        "cycle_s": summary["cycle_s"],
        "engine_cpu_s": used["cpu_s"],
        "engine_peak_rss_kib": used["peak_rss_kib"],
        "engine_open_fds": used["open_fds"],
        "engine_s": used["seconds"],
        "batch_bytes": summary["batch_bytes"],
        "budget_kib": summary["budget_kib"],
        "vendors": vendors,
        "never_requested": never,
        "never_overrun": stats["never_overrun"],
        "sim_drops": drops,
    }
    print_vendors(vendors)
    print("\n" + printed_report(world, hub_config) + "\n", file=sys.stderr)
    say(f"{result['complete']} of {args.printers} printers read completely in {result['cycle_s']} s, "
        f"{at_hub} at the hub, {wrong} with wrong values; {result['batch_bytes']} bytes sent")
    say(f"platen used {result['engine_cpu_s']} s of CPU, {result['engine_peak_rss_kib']} KiB of memory "
        f"at its peak (its budget: {result['budget_kib']} KiB) and {result['engine_open_fds']} descriptors")
    say(f"sub-trees that must not be read: {never} requests, {stats['never_overrun']} rows in "
        "responses to other requests")
    is_good = (result["complete"] == at_hub == args.printers and wrong == 0 and drops == 0 and
               never == 0)
    if drops:
        say(f"platen-sim lost {drops} datagrams: this measurement is invalid")
    if result["engine_peak_rss_kib"] > result["budget_kib"]:
        say("platen used more memory than the budget that it computed at start")
        is_good = False
    return result, is_good, sim, hub, hub_config, config


def keep_running(world, sim, hub, hub_config, config):
    text = config.read_text().replace("devices:\n", "devices:\n  interval: 1m\n")
    config.write_text(text + "sync:\n  interval: 1m\n")
    agent = world.agent(config)
    say("running on: platen polls every printer once a minute. Try in another terminal:")
    say(f"  {world.bin('platen')} status --config {config}")
    say(f"  {world.bin('platen-hub')} report --config {hub_config}")
    say("Ctrl-C ends the demonstration")
    ended = lab.wait_for_end(sim, hub, agent)
    say(f"{ended.name} ended unexpectedly\n{lab.tail(ended.log)}")
    return 1


def main():
    parser = argparse.ArgumentParser(prog="tools/demo")
    parser.add_argument("--build", required=True)
    parser.add_argument("--printers", type=int, default=2000)
    parser.add_argument("--profile")
    parser.add_argument("--latency", type=int, default=20)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    # SIGTERM ends the programs like Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    code = 1
    try:
        with lab.Lab(args.build, keep=args.keep, prefix="platen-demo-") as world:
            result, is_good, *running = cycle(world, args)
            if args.json:
                print(json.dumps(result), flush=True)
            code = 0 if is_good else 1
            if not args.once:
                code = keep_running(world, *running)
            if args.keep:
                say(f"the files are in {world.dir}")
    except lab.LabError as e:
        say(f"{e}")
    except KeyboardInterrupt:
        say("stopped")
        code = 0
    return code


sys.exit(main())
