/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/owner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_root_in_disguise;
static gid_t group_before;

void hub_act_as_root(void)
{
	if (!is_root_in_disguise)
		return;
	is_root_in_disguise = false;
	if (seteuid(0) < 0 || setegid(group_before) < 0)
		abort(); /* the saved user and group are still ours */
}

int hub_act_as_owner(const char *dir, char *why, size_t why_cap)
{
	struct stat st;
	if (geteuid() != 0)
		return 0;
	if (stat(dir, &st) < 0) {
		int err = -errno;
		(void)snprintf(why, why_cap,
			"%s: %s: start the hub once, or make it for the user that the hub runs as: "
			"install -d -m 700 -o USER %s",
			dir, err_text(err), dir);
		return err;
	}
	if (st.st_uid == 0)
		return 0;
	is_root_in_disguise = true;
	group_before = getegid();
	if (setegid(st.st_gid) == 0 && seteuid(st.st_uid) == 0)
		return 0;
	int err = -errno;
	hub_act_as_root();
	(void)snprintf(why, why_cap, "cannot work as user %u, who owns %s: %s", (unsigned)st.st_uid,
		dir, err_text(err));
	return err;
}
