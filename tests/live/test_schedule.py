# SPDX-License-Identifier: Apache-2.0
"""Syncs at times of the local day: shown by `platen status`, changed by SIGHUP, made at that time, and not
made up for when the agent was stopped (S83, S87-S89)."""
import datetime

import lab

from conftest import BUILD, until
from test_audit import entries, of_kind, words
from test_reload import reload_it
from test_status import status

LIFE = "1.3.6.1.2.1.43.10.2.1.4.1.1"
MINUTE = datetime.timedelta(minutes=1)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def clock(moment):
    return f"{moment:%H:%M}"


def unix_ms(moment):
    return int(moment.replace(second=0, microsecond=0).timestamp()) * 1000


def hub_status(world, config):
    return status(world, config)[1]["hub"]


class Clock:
    """The wall clock of an agent, which the test moves forward (shift_clock.c)."""

    def __init__(self, world):
        self.file = world.dir / "shift"
        self.file.write_bytes(bytes(8))
        self.env = ["/usr/bin/env", f"LD_PRELOAD={BUILD / 'tests/libshift_clock.so'}",
                    f"SHIFT_CLOCK={self.file}", "ASAN_OPTIONS=verify_asan_link_order=0"]

        self.minutes = 0

    def move_before_a_minute(self, seconds):
        """A minute begins after this time; returns that minute, later at each call."""
        at = now()
        self.minutes += 2
        minute = at.replace(second=0, microsecond=0) + self.minutes * MINUTE
        shift = minute - datetime.timedelta(seconds=seconds) - at
        self.set(shift)
        return minute

    def set(self, shift):
        with open(self.file, "r+b") as out:
            out.write(int(shift.total_seconds() * 1000).to_bytes(8, "little"))


def test_sync_goes_at_its_time_and_sighup_changes_it(world, hub):
    clock_of_agent = Clock(world)
    far, other = now() + 400 * MINUTE, now() + 500 * MINUTE
    sim = world.sim(1)
    config = world.agent_config(
        sim, hub.port, hub.secret,
        extra=f'sync:\n  at: "{clock(far)}"\n  timezone: UTC\n')
    assert world.run(world.bin("platen"), "once", "--config", config).returncode == 0
    # A sync with nothing to send gets no receipt: the agent that runs finds one change.
    sim.command(cmd="set", printer=0, oid=LIFE, type="counter", value=900000)
    agent = lab.Program("platen", [*clock_of_agent.env, world.bin("platen"), "run", "--config", config],
                        world.dir / "agent.log")
    world.programs.append(agent)
    agent.ready()
    until(agent, lambda: hub_status(world, config)["next_sync_ms"] == unix_ms(far))
    assert hub_status(world, config)["schedule"] == f"{clock(far)} (UTC)"
    good = config.read_text()
    config.write_text(good.replace(clock(far), clock(other)))
    reload_it(agent, "what=reloaded")
    until(agent, lambda: hub_status(world, config)["next_sync_ms"] == unix_ms(other))
    until(agent, lambda: status(world, config)[1]["spool"]["pending"] > 0)
    before = hub_status(world, config)["sent"]
    for seconds in (3, 20, 50):  # a slow machine needs more until the new time is known
        soon = clock_of_agent.move_before_a_minute(seconds)
        config.write_text(good.replace(clock(far), clock(soon)))
        reload_it(agent, "what=reloaded")
        until(agent, lambda: hub_status(world, config)["next_sync_ms"] > unix_ms(soon), 120)
        if hub_status(world, config)["last_sync_ms"] >= unix_ms(soon):
            break
    until(agent, lambda: hub_status(world, config)["sent"] > before)
    said = hub_status(world, config)
    assert said["last_result"] == "ok" and said["missed_syncs"] == 0
    assert said["next_sync_ms"] == unix_ms(soon + 1440 * MINUTE)
    assert agent.stop() == 0


def test_wrong_schedule_is_refused_and_the_old_one_stays(world, hub):
    far = now() + 400 * MINUTE
    config = world.agent_config(
        world.sim(1), hub.port, hub.secret,
        extra=f'sync:\n  at: "{clock(far)}"\n  timezone: UTC\n')
    assert world.run(world.bin("platen"), "once", "--config", config).returncode == 0
    agent = world.agent(config)
    until(agent, lambda: hub_status(world, config)["next_sync_ms"] == unix_ms(far))
    config.write_text(config.read_text().replace("timezone: UTC", "timezone: Mars/Olympus"))
    assert "no time zone of this system" in reload_it(agent, "the old configuration stays")
    assert agent.log.read_text().count("no time zone of this system") == 1
    assert hub_status(world, config)["next_sync_ms"] == unix_ms(far)
    assert agent.stop() == 0


def test_missed_syncs_stand_in_the_audit_once(world, hub):
    far = now() + 400 * MINUTE
    config = world.agent_config(world.sim(1), hub.port, hub.secret,
                                extra=f'sync:\n  at: "{clock(far)}"\n  timezone: UTC\n')
    assert world.run(world.bin("platen"), "once", "--config", config).returncode == 0
    assert hub_status(world, config)["missed_syncs"] == 0
    days_later = Clock(world)
    days_later.set(datetime.timedelta(days=3))
    for _ in range(2):
        agent = lab.Program("platen", [*days_later.env, world.bin("platen"), "run", "--config", config],
                            world.dir / "agent.log")
        world.programs.append(agent)
        agent.ready()
        until(agent, lambda: hub_status(world, config)["missed_syncs"] > 0)
        missed = hub_status(world, config)
        assert agent.stop() == 0
    found = of_kind(entries(world, "platen", config), "missed")
    assert [words(e)["syncs"] for e in found] == [str(missed["missed_syncs"])] == ["3"]
    assert found[0]["who"] == "schedule"
