/* SPDX-License-Identifier: Apache-2.0
 * doctor: files of secrets, the state directory and its disk, the daemon. */
#include "engine/agent/doctor.h"

#include "engine/agent/status_source.h"
#include "engine/conf/table.h"
#include "engine/loop/file.h"
#include "engine/ui/view.h"
#include "proto/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- rights ---- */

static void check_secret(struct doctor *d, const char *key, const char *path)
{
	char why[LIMIT_WHY] = "";
	if (path == NULL || secret_env_of(path) != NULL)
		return;
	int fd = file_open_private(path, why, sizeof why);
	if (fd >= 0) {
		(void)close(fd);
		(void)checklist_add(&d->list, "rights", path, CHECK_OK, "",
			"%s: readable by this user, private", key);
		return;
	}
	(void)checklist_add(&d->list, "rights", path, CHECK_TROUBLE,
		"give it to the daemon's user, mode 0600, or to root and its group, mode 0640",
		"%s: %s", key, why[0] != '\0' ? why : err_text(fd));
}

/* Of every key of the table that names a file of secrets, also in its lists. */
static void check_secrets(struct doctor *d, const struct conf_table *t, const void *base)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_key *k = &t->keys[i];
		const void *value = (const char *)base + k->offset;
		if (k->type == CONF_SECRET)
			check_secret(d, k->path, *(const char *const *)value);
		if (k->type != CONF_LIST)
			continue;
		for (const struct conf_item *item = *(struct conf_item *const *)value; item != NULL;
			item = item->next)
			check_secrets(d, k->items, item);
	}
}

/* ---- disk ---- */

/* Writes and removes a file; 0 or -errno. */
static int try_to_write(const char *dir)
{
	char path[PATH_MAX];
	static const char bytes[4096];
	int n = snprintf(path, sizeof path, "%s/status.json.doctor", dir);
	if (n < 0 || (size_t)n >= sizeof path)
		return -ENAMETOOLONG;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	int err = file_write(fd, bytes, sizeof bytes);
	if (err == 0 && fsync(fd) < 0)
		err = -errno;
	(void)close(fd);
	(void)unlink(path);
	return err;
}

/* The spool needs as much as it may still grow. */
static void check_space(struct doctor *d, const char *dir)
{
	struct statvfs fs;
	if (statvfs(dir, &fs) < 0)
		return;
	uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	uint64_t needed = d->is_loaded ? d->conf->spool_max_bytes : 0;
	bool is_low = free_bytes < needed;
	(void)checklist_add(&d->list, "disk", dir, is_low ? CHECK_TROUBLE : CHECK_OK,
		is_low ? "make room, or lower spool.max_bytes" : "",
		"%ju MiB free, spool.max_bytes is %ju MiB", free_bytes >> 20, needed >> 20);
}

static void check_state_dir(struct doctor *d)
{
	const char *dir = d->conf->state_dir;
	struct stat st;
	if (stat(dir, &st) < 0 && errno == ENOENT) {
		(void)checklist_add(&d->list, "disk", dir, CHECK_NOT_TRIED, "",
			"it is not there yet: the first run makes it");
		return;
	}
	if (stat(dir, &st) < 0) {
		(void)checklist_add(&d->list, "disk", dir, CHECK_TROUBLE,
			"run doctor as the daemon's user", "%s", err_text(-errno));
		return;
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & S_IWOTH) != 0) {
		(void)checklist_add(&d->list, "rights", dir, CHECK_TROUBLE,
			"give it to the daemon's user with mode 0700, and run doctor as that user",
			"owner %u, mode %04o; this is user %u", (unsigned)st.st_uid,
			(unsigned)(st.st_mode & 07777), (unsigned)geteuid());
		return;
	}
	(void)checklist_add(&d->list, "rights", dir, CHECK_OK, "", "owner %u, mode %04o",
		(unsigned)st.st_uid, (unsigned)(st.st_mode & 07777));
	int err = try_to_write(dir);
	(void)checklist_add(&d->list, "disk", dir, err < 0 ? CHECK_TROUBLE : CHECK_OK,
		err < 0 ? "make room, or repair it: polling pauses until it can be written" : "",
		"%s", err < 0 ? err_text(err) : "can be written");
	check_space(d, dir);
}

void doctor_files(struct doctor *d)
{
	if (d->is_loaded)
		check_secrets(d, &conf_agent_table, d->conf);
	else
		(void)checklist_add(&d->list, "rights", "", CHECK_NOT_TRIED, "",
			"files of secrets: the configuration cannot be read");
	if (d->conf->state_dir != NULL)
		check_state_dir(d);
}

/* ---- the daemon ---- */

void doctor_daemon(struct doctor *d)
{
	const char *dir = d->conf->state_dir;
	struct agent_status *s = &d->status;
	if (dir == NULL)
		return;
	int err = agent_status_get(dir, s, &d->is_running);
	d->has_status = err == 0;
	if (err < 0)
		(void)checklist_add(&d->list, "daemon", dir,
			err == -ENOENT ? CHECK_NOT_TRIED : CHECK_TROUBLE, "", "%s",
			err == -ENOENT ? "no daemon has run here yet" : err_text(err));
	else if (!d->is_running && s->once == 0)
		(void)checklist_add(&d->list, "daemon", dir, CHECK_TROUBLE,
			"start it: systemctl start platen", "it does not run%s%s",
			s->error[0] != '\0' ? "; its last error: " : "", s->error);
	else if (!d->is_running)
		/* As `platen check`: where a timer runs it, no daemon is expected. */
		(void)checklist_add(&d->list, "daemon", dir,
			s->error[0] != '\0' ? CHECK_TROUBLE : CHECK_OK, "",
			"none runs, platen once was here last%s%s",
			s->error[0] != '\0' ? "; its last error: " : "", s->error);
	else if (strcmp(s->state, STATUS_NOT_RESPONDING) == 0)
		(void)checklist_add(&d->list, "daemon", dir, CHECK_TROUBLE,
			"see its log; restart it if it hangs",
			"process %ju does not respond: it is suspended or hangs", s->pid);
	else if (s->error[0] != '\0')
		(void)checklist_add(&d->list, "daemon", dir, CHECK_TROUBLE, "",
			"process %ju runs; its last error: %s", s->pid, s->error);
	else
		(void)checklist_add(
			&d->list, "daemon", dir, CHECK_OK, "", "process %ju runs", s->pid);
}
