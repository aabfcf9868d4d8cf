# SPDX-License-Identifier: Apache-2.0
"""A file of another owner or mode in the state directory is refused by its name, and left as it is (S1)."""
import os
import shutil

import pytest

from conftest import state_dir

FILES = ("store.lock", "store.db", "discovery.db", "agent.id", "agent.key")


def refused(world, config, path):
    """`once` and `run` end with an error that names the file; the rest of the directory stays."""
    before = {p.name: p.read_bytes() for p in state_dir(config).iterdir() if p.is_file()}
    for verb in ("run", "once"):
        got = world.run(world.bin("platen"), verb, "--config", config, check=False)
        assert got.returncode in (1, 77), got
        assert "level=error" in got.stderr and str(path) in got.stderr, got.stderr
    after = {p.name: p.read_bytes() for p in state_dir(config).iterdir() if p.is_file()}
    for name in FILES:
        assert after[name] == before[name] or name == "store.lock", name


@pytest.fixture
def used(world, hub):
    config = world.agent_config(world.sim(2, "--job-interval", "0"), hub.port, hub.secret)
    assert world.once(config)[0] == 0
    return config


@pytest.mark.parametrize("mode", [0o666, 0o644, 0o620], ids=lambda m: f"{m:04o}")
@pytest.mark.parametrize("name", FILES)
def test_file_that_others_can_read_or_change_is_refused(world, used, name, mode):
    path = state_dir(used) / name
    path.chmod(mode)
    refused(world, used, path)
    path.chmod(0o600)
    assert world.once(used)[0] == 0


@pytest.mark.parametrize("name", FILES)
def test_file_of_another_owner_is_refused(world, used, name):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    path = state_dir(used) / name
    os.chown(path, 12345, -1)
    refused(world, used, path)
    os.chown(path, 0, -1)
    assert world.once(used)[0] == 0


def test_link_in_the_place_of_a_file_is_refused(world, used):
    path = state_dir(used) / "store.db"
    path.rename(world.dir / "elsewhere.db")
    path.symlink_to(world.dir / "elsewhere.db")
    refused(world, used, path)


def test_removed_state_dir_is_named_as_such(world):
    """The disk has room: the way out is another one."""
    config = world.agent_config(world.sim(1))
    agent = world.agent(config)
    shutil.rmtree(state_dir(config))
    agent.wait_for_log('next="the folder is gone: restart the agent', 60)
    assert agent.stop() == 0


def test_store_of_the_hub_is_left_as_it_is(world, used, hub):
    """Both programs call it store.db: in the wrong state_dir it is neither damaged nor to be rebuilt."""
    assert hub.stop() == 0
    path = state_dir(used) / "store.db"
    own = path.read_bytes()
    shutil.copyfile(state_dir(hub.config) / "store.db", path)
    refused(world, used, path)
    assert not list(state_dir(used).glob("*damaged*"))
    for name in ("store.db-wal", "store.db-shm"):
        (state_dir(used) / name).unlink(missing_ok=True)
    path.write_bytes(own)
    assert world.once(used)[0] == 0
