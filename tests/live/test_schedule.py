# SPDX-License-Identifier: Apache-2.0
"""Syncs at times of the local day: shown by `platen status`, changed by SIGHUP, made at that time, and not
made up for when the agent was stopped (S83, S87-S89)."""
import datetime

from conftest import until
from test_reload import reload_it
from test_status import status

MINUTE = datetime.timedelta(minutes=1)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def clock(moment):
    return f"{moment:%H:%M}"


def unix_ms(moment):
    return int(moment.replace(second=0, microsecond=0).timestamp()) * 1000


def hub_status(world, config):
    return status(world, config)[1]["hub"]


def test_sync_goes_at_its_time_and_sighup_changes_it(world, hub):
    far, other = now() + 400 * MINUTE, now() + 500 * MINUTE
    config = world.agent_config(
        world.sim(1), hub.port, hub.secret,
        extra=f'sync:\n  at: "{clock(far)}"\n  timezone: UTC\n')
    assert world.run(world.bin("platen"), "once", "--config", config).returncode == 0
    agent = world.agent(config)
    until(agent, lambda: hub_status(world, config)["next_sync_ms"] == unix_ms(far))
    assert hub_status(world, config)["schedule"] == f"{clock(far)} (UTC)"
    good = config.read_text()
    config.write_text(good.replace(clock(far), clock(other)))
    reload_it(agent, "what=reloaded")
    until(agent, lambda: hub_status(world, config)["next_sync_ms"] == unix_ms(other))
    # In the next minute that is not about to begin.
    soon = now() + datetime.timedelta(seconds=90)
    before = hub_status(world, config)["sent"]
    config.write_text(good.replace(clock(far), clock(soon)))
    reload_it(agent, "what=reloaded")
    until(agent, lambda: hub_status(world, config)["next_sync_ms"] == unix_ms(soon))
    until(agent, lambda: hub_status(world, config)["next_sync_ms"] > unix_ms(soon), 120)
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
    assert hub_status(world, config)["next_sync_ms"] == unix_ms(far)
    assert agent.stop() == 0
