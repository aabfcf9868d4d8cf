/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/purge.h"

#include "engine/loop/crypto.h"
#include "engine/loop/file.h"
#include "engine/store/db.h"
#include "engine/store/spool_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_FILE "store.lock"

/* Every name that a program gives to a file there, a temporary one included. */
static const char *const patterns[] = {"store.db*", "store.new*", "store.damaged*", "discovery.db*",
	"agent.id*", "agent.key*", "status.json*", "last-upload", "audit-*.log", "audit.head",
	"exports*", "ctl.sock"};

static bool is_ours(const char *name)
{
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	}
	return false;
}

static int remove_one(int dir_fd, const char *name, purge_each *each, void *owner)
{
	struct stat st;
	uint64_t bytes = 0;
	int err = fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	if (err == 0 && S_ISREG(st.st_mode))
		bytes = (uint64_t)st.st_size;
	if (err == 0 && unlinkat(dir_fd, name, 0) < 0)
		err = -errno;
	each(owner, name, bytes, err);
	return err;
}

static int remove_all(DIR *dir, purge_each *each, void *owner)
{
	const struct dirent *entry;
	int err = 0;
	/* Entries that were there at the start are all returned, whatever is removed (POSIX). */
	while ((entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;
		int one = 0;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
			strcmp(name, LOCK_FILE) == 0)
			continue;
		if (is_ours(name))
			one = remove_one(dirfd(dir), name, each, owner);
		else
			each(owner, name, 0, ERR_FORBIDDEN);
		err = err < 0 ? err : one;
	}
	return err;
}

int purge_state(const char *dir, purge_each *each, void *owner, char *why, size_t why_cap)
{
	struct db_lock lock;
	DIR *entries = opendir(dir); /* the lock would make the directory */
	int err = entries == NULL ? -errno : 0;
	if (err < 0) {
		(void)snprintf(why, why_cap, "%s: %s", dir, err_text(err));
		return err;
	}
	err = db_lock_take(&lock, dir, why, why_cap);
	if (err == 0) {
		err = remove_all(entries, each, owner);
		int last = remove_one(dirfd(entries), LOCK_FILE, each, owner);
		int synced = file_sync_dir(dir);
		err = err < 0 ? err : last < 0 ? last : synced;
		if (err < 0)
			(void)snprintf(why, why_cap, "%s: %s", dir, err_text(err));
		db_lock_drop(&lock);
	}
	(void)closedir(entries);
	return err;
}

/* ---- identity ---- */

/* The values are of the agent's life with its hub: the hub's key, the last sync and receipt. */
static int draw_identity(struct spool_disk *d, void *arg)
{
	struct db_stmt st;
	int err = db_prepare(d->db, &st, "DELETE FROM value");
	if (err == 0) {
		err = db_run(&st);
		db_finalize(&st);
	}
	if (err >= 0)
		err = crypto_random(d->next.agent_id, sizeof d->next.agent_id);
	return err < 0 ? err : disk_draw_epoch(d, arg);
}

/* The id first: with the old key and a new id a crash leaves a new agent, which the hub accepts;
 * the other way round it would refuse the agent. */
static int change_identity(struct spool_disk *d, const char *dir)
{
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof path, "%s/agent.key", dir);
	if (n < 0 || (size_t)n >= sizeof path)
		return -ENAMETOOLONG;
	/* The key could not be removed, and the hub would refuse the new agent. */
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return ERR_KEY;
	int err = disk_transact(d, draw_identity, NULL);
	if (err == 0)
		err = agent_id_save(dir, d->meta.agent_id);
	if (err == 0 && unlink(path) < 0 && errno != ENOENT)
		err = -errno;
	return err < 0 ? err : file_sync_dir(dir);
}

int purge_identity(const char *dir, uint8_t ret_id[16], char *why, size_t why_cap)
{
	static struct spool_disk d; /* paths: too much for a stack of a verb */
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/store.db", dir);
	int err = n < 0 || (size_t)n >= sizeof path ? -ENAMETOOLONG
		  : access(path, F_OK) < 0          ? -errno
						    : 0;
	if (err < 0) {
		(void)snprintf(why, why_cap, "%s: %s", dir,
			err == -ENOENT ? "no agent has run here" : err_text(err));
		return err;
	}
	memset(&d, 0, sizeof d);
	err = disk_open(&d, dir, why, why_cap);
	if (err < 0)
		return err;
	err = change_identity(&d, dir);
	if (err < 0)
		(void)snprintf(why, why_cap, "%s%s: %s", dir, err == ERR_KEY ? "/agent.key" : "",
			err_text(err == ERR_KEY ? -EISDIR : err));
	memcpy(ret_id, d.meta.agent_id, sizeof d.meta.agent_id);
	disk_close(&d);
	return err;
}
