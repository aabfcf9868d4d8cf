/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/rotation.h"

#include "engine/loop/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int key_path(
	char path[PATH_MAX], const char *dir, const char *name, char *why, size_t why_cap)
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX)
		return 0;
	(void)snprintf(why, why_cap, "the path of state_dir is too long");
	return ERR_LIMIT;
}

int hub_key_open(struct crypto_key **ret, const char *dir, char *why, size_t why_cap)
{
	char path[PATH_MAX];
	int err = key_path(path, dir, "hub.key", why, why_cap);
	return err < 0 ? err : crypto_key_open(ret, path, CRYPTO_ED25519, why, why_cap);
}

static bool exists(const char *dir, const char *name)
{
	char path[PATH_MAX], why[1];
	return key_path(path, dir, name, why, sizeof why) == 0 && access(path, F_OK) == 0;
}

bool hub_key_exists(const char *dir)
{
	return exists(dir, "hub.key");
}

int hub_key_open_old(struct crypto_key **ret, const char *dir, char *why, size_t why_cap)
{
	char path[PATH_MAX];
	*ret = NULL;
	if (!exists(dir, "hub.key.old"))
		return 0;
	int err = key_path(path, dir, "hub.key.old", why, why_cap);
	return err < 0 ? err : crypto_key_open(ret, path, CRYPTO_ED25519, why, why_cap);
}

/* Names the present key hub.key.old too, then the next one hub.key. */
static int rename_keys(const char *dir, const char *next)
{
	char path[PATH_MAX], old[PATH_MAX], fresh[PATH_MAX], why[1];
	int err = key_path(path, dir, "hub.key", why, sizeof why);
	if (err == 0)
		err = key_path(old, dir, "hub.key.old", why, sizeof why);
	if (err == 0)
		err = key_path(fresh, dir, "hub.key.old.new", why, sizeof why);
	if (err < 0)
		return err;
	(void)unlink(fresh); /* of a rotation that was cut off */
	if (link(path, fresh) < 0 || rename(fresh, old) < 0 || rename(next, path) < 0)
		return -errno;
	return file_sync_dir(dir);
}

int hub_key_rotate(const char *dir, char *why, size_t why_cap)
{
	char next[PATH_MAX];
	struct crypto_key *key;
	if (!hub_key_exists(dir)) {
		(void)snprintf(why, why_cap, "%s: no hub has run here yet: it has no key", dir);
		return -ENOENT;
	}
	/* A key that cannot sign the next one: no agent could follow. */
	int err = hub_key_open(&key, dir, why, why_cap);
	if (err < 0)
		return err;
	crypto_key_close(key);
	err = key_path(next, dir, "hub.key.next", why, why_cap);
	if (err == 0)
		err = crypto_key_open(&key, next, CRYPTO_ED25519, why, why_cap);
	if (err < 0)
		return err;
	crypto_key_close(key);
	err = rename_keys(dir, next);
	if (err < 0)
		(void)snprintf(why, why_cap, "%s: %s", dir, err_text(err));
	return err;
}
