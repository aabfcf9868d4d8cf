/* SPDX-License-Identifier: Apache-2.0
 * The writer of the ledger. Everything happens under the flock of audit.head: it loads the newest
 * segment when another process has written since. */
#include "engine/store/audit.h"

#include "engine/store/audit_files.h"

#include "engine/loop/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEX = 2 * AUDIT_DIGEST };

struct audit {
	char dir[PATH_MAX - 32];
	uint32_t segment_bytes, segments;
	bool is_loaded;
	struct audit_head newest; /* of the ledger, as this process knows it */
	uint32_t oldest;
	int fd; /* of the newest segment; -1: none yet */
	uint64_t size;
	char config[HEX + 1];
	uint64_t cut;        /* bytes of an incomplete line that were removed */
	const char *damage;  /* NULL: all fits */
	uint64_t damaged_at; /* number */
};

/* ---- loading ---- */

/* The first fault of a segment. */
static void note_damage(void *owner, const struct audit_fault *fault)
{
	struct audit *a = owner;
	if (a->damage != NULL)
		return;
	a->damage = fault->cause;
	a->damaged_at = fault->number;
}

/* Reads and checks the newest segment. */
static int load_segment(struct audit *a, uint32_t segment)
{
	const struct audit_reader reader = {.on_fault = note_damage, .owner = a};
	struct audit_check c;
	struct buf bytes;
	char path[PATH_MAX];
	audit_segment_path(path, a->dir, segment);
	int fd = audit_open_file(path, O_RDWR);
	if (fd < 0)
		return fd;
	a->fd = fd;
	int err = audit_read_segment(&bytes, a->fd);
	bool is_long = err == ERR_LIMIT;
	audit_check_open(&c, &reader);
	int64_t whole = err < 0 && !is_long ? err : audit_check_bytes(&c, bytes.data, bytes.len);
	if (is_long && whole >= 0)
		audit_check_fault(&c, c.totals.last, audit_too_long);
	if (whole >= 0) {
		a->size = (uint64_t)whole;
		a->cut = is_long ? 0 : bytes.len - (uint64_t)whole; /* a long one stays as it is */
		a->newest = (struct audit_head){.segment = segment, .number = c.totals.last};
		memcpy(a->newest.digest, c.totals.newest, AUDIT_DIGEST);
		(void)str_copy(a->config, sizeof a->config, c.config);
	}
	buf_close(&bytes);
	return whole < 0 ? (int)whole : 0;
}

static void unload(struct audit *a)
{
	if (a->fd >= 0)
		(void)close(a->fd); /* every write was fsynced or failed */
	a->fd = -1;
	a->is_loaded = false;
	a->damage = NULL;
	a->cut = a->size = 0;
	a->newest = (struct audit_head){.segment = 0};
	a->config[0] = '\0';
}

/* Compares the ledger with audit.head: what that names must be there. */
static void compare_head(struct audit *a, const struct audit_head *known)
{
	bool is_behind = known->number > a->newest.number;
	if (is_behind && a->damage == NULL) {
		a->damage = "missing: entries at the end were removed";
		a->damaged_at = known->number;
	}
	if (is_behind) {
		uint32_t segment = a->newest.segment;
		a->newest = *known;
		if (segment > a->newest.segment)
			a->newest.segment = segment;
	}
}

/* A kill between making a segment and its first entry leaves less than a line, which audit.head
 * does not name. */
static bool is_unborn(const struct audit *a, const struct audit_head *known)
{
	return a->size == 0 && a->cut < LIMIT_AUDIT_LINE && known->segment < a->newest.segment;
}

static int load(struct audit *a, const struct audit_head *known)
{
	char path[PATH_MAX];
	struct audit_segments found;
	unload(a);
	int err = audit_find_segments(&found, a->dir, 1, audit_highest(known));
	while (err == 0 && found.newest > 0) {
		err = load_segment(a, found.newest);
		if (err < 0 || !is_unborn(a, known))
			break;
		audit_segment_path(path, a->dir, found.newest);
		unload(a);
		if (unlink(path) < 0)
			return -errno;
		err = audit_find_segments(&found, a->dir, 1, audit_highest(known));
	}
	a->oldest = found.oldest;
	if (err == 0 && found.newest > 0 && a->size == 0) {
		a->damage = "changed: the segment has no whole line";
		a->cut = 0; /* it stays as it is */
	}
	if (err < 0) {
		unload(a);
		return err;
	}
	compare_head(a, known);
	a->is_loaded = true;
	return 0;
}

/* Loads the ledger unless it is as this process left it. `fd` holds the lock. */
static int refresh(struct audit *a, int fd)
{
	struct audit_head known;
	struct stat st;
	int err = audit_head_read(&known, fd);
	if (err < 0)
		return err;
	if (a->is_loaded && a->fd >= 0 && known.number == a->newest.number &&
		known.segment == a->newest.segment && fstat(a->fd, &st) == 0 &&
		(uint64_t)st.st_size == a->size && st.st_nlink > 0)
		return 0;
	return load(a, &known);
}

/* ---- appending ---- */

static int put_line(struct buf *lines, struct audit_head *at, struct audit_entry *e)
{
	char line[LIMIT_AUDIT_LINE];
	e->number = at->number + 1;
	int n = audit_line_write(line, e, at->digest);
	if (n < 0)
		return n;
	at->number++;
	memcpy(at->digest, e->digest, AUDIT_DIGEST);
	return buf_put(lines, line, (size_t)n);
}

static uint64_t wall_ms(void)
{
	struct timespec now = {0};
	(void)clock_gettime(CLOCK_REALTIME, &now); /* exists on every Linux */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The first entry of segment at->segment. */
static int put_segment_head(const struct audit *a, struct buf *lines, struct audit_head *at)
{
	struct audit_entry e;
	char previous[HEX + 1];
	uint32_t oldest = a->oldest > 0 ? a->oldest : at->segment;
	if (at->segment >= a->segments && oldest < at->segment - a->segments + 1)
		oldest = at->segment - a->segments + 1;
	str_hex(previous, at->digest, AUDIT_DIGEST);
	audit_entry_set(&e, wall_ms(), AUDIT_SEGMENT, "", 0, "segment=%u previous=%s oldest=%u%s%s",
		at->segment, previous, oldest, a->config[0] != '\0' ? " config=" : "", a->config);
	return put_line(lines, at, &e);
}

/* The findings of the load. */
static int put_findings(const struct audit *a, struct buf *lines, struct audit_head *at)
{
	struct audit_entry e;
	int err = 0;
	if (a->cut > 0) {
		audit_entry_set(&e, wall_ms(), AUDIT_RECOVERED, "", 0,
			"bytes=%ju an incomplete line at the end was removed", (uintmax_t)a->cut);
		err = put_line(lines, at, &e);
	}
	if (err == 0 && a->damage != NULL) {
		audit_entry_set(&e, wall_ms(), AUDIT_DAMAGED, "", ERR_STORE_CORRUPT, "entry=%ju %s",
			(uintmax_t)a->damaged_at, a->damage);
		err = put_line(lines, at, &e);
	}
	return err;
}

static int write_all(int fd, const uint8_t *bytes, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* Removes the segments beyond the maximum; one that cannot be removed is tried at the next turn. */
static void remove_old(struct audit *a, uint32_t newest)
{
	char path[PATH_MAX];
	while (a->oldest > 0 && newest - a->oldest >= a->segments) {
		audit_segment_path(path, a->dir, a->oldest);
		if (unlink(path) < 0 && errno != ENOENT)
			return;
		a->oldest++;
	}
}

static int new_segment(struct audit *a, uint32_t segment, int *fd)
{
	char path[PATH_MAX];
	audit_segment_path(path, a->dir, segment);
	*fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *fd < 0 ? -errno : 0;
}

/* Writes the lines behind the newest entry, or as a new segment. Nothing stays after an error. */
static int write_lines(struct audit *a, const struct buf *lines, const struct audit_head *at)
{
	bool is_new = at->segment != a->newest.segment || a->fd < 0;
	char path[PATH_MAX];
	int fd = a->fd;
	int err = is_new ? new_segment(a, at->segment, &fd) : 0;
	if (err < 0)
		return err;
	uint64_t size = is_new ? 0 : a->size;
	err = write_all(fd, lines->data, lines->len, size);
	if (err == 0 && is_new)
		err = file_sync_dir(a->dir);
	if (err < 0 && is_new) {
		audit_segment_path(path, a->dir, at->segment);
		(void)unlink(path); /* else the next load removes it or goes on behind it */
		(void)close(fd);
		a->is_loaded = false;
		return err;
	}
	if (err < 0) {
		if (ftruncate(fd, (off_t)size) < 0)
			a->is_loaded = false;
		return err;
	}
	if (is_new) {
		if (a->fd >= 0)
			(void)close(a->fd);
		a->fd = fd;
		remove_old(a, at->segment);
	}
	a->size = size + lines->len;
	a->newest = *at;
	a->cut = 0;
	a->damage = NULL;
	if (a->oldest == 0)
		a->oldest = at->segment;
	return 0;
}

/* All that one append writes: perhaps a segment's head, what was found, the entries. */
static int compose(struct audit *a, struct buf *lines, struct audit_head *at,
	struct audit_entry *entries, size_t count)
{
	int err = 0;
	if (a->fd < 0 || a->damage != NULL || a->size >= a->segment_bytes) {
		at->segment++;
		err = put_segment_head(a, lines, at);
	}
	if (err == 0)
		err = put_findings(a, lines, at);
	for (size_t i = 0; err == 0 && i < count; i++)
		err = put_line(lines, at, &entries[i]);
	return err;
}

static void note_config(struct audit *a, const struct audit_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (entries[i].kind == AUDIT_CONFIG)
			audit_config_read(a->config, &entries[i]);
	}
}

static int append_once(struct audit *a, struct audit_entry *entries, size_t count)
{
	struct buf lines;
	if (a->cut > 0 && ftruncate(a->fd, (off_t)a->size) < 0)
		return -errno;
	struct audit_head at = a->newest;
	buf_open(&lines, (count + 3) * LIMIT_AUDIT_LINE);
	int err = compose(a, &lines, &at, entries, count);
	if (err == 0)
		err = write_lines(a, &lines, &at);
	buf_close(&lines);
	return err;
}

static int append_locked(struct audit *a, int fd, struct audit_entry *entries, size_t count)
{
	int err = refresh(a, fd);
	if (err == 0)
		err = append_once(a, entries, count);
	if (err == -EEXIST) {
		/* Another process was killed between a new segment and audit.head. */
		a->is_loaded = false;
		err = refresh(a, fd);
		if (err == 0)
			err = append_once(a, entries, count);
	}
	if (err < 0)
		return err;
	note_config(a, entries, count);
	return audit_head_write(&a->newest, fd);
}

int audit_append(struct audit *a, struct audit_entry *entries, size_t count)
{
	if (count > LIMIT_AUDIT_PENDING)
		return ERR_LIMIT;
	int fd = audit_head_lock(a->dir, O_RDWR | O_CREAT, LOCK_EX);
	if (fd < 0)
		return fd;
	int err = append_locked(a, fd, entries, count);
	(void)close(fd); /* and the lock with it */
	return err;
}

/* ---- opening ---- */

int audit_open(struct audit **ret, const struct audit_options *o)
{
	struct audit *a = calloc(1, sizeof *a);
	if (a == NULL)
		return -ENOMEM;
	if (strlen(o->dir) >= sizeof a->dir) {
		free(a);
		return -ENAMETOOLONG;
	}
	(void)str_copy(a->dir, sizeof a->dir, o->dir);
	a->segment_bytes = o->segment_bytes > 0 ? o->segment_bytes : LIMIT_AUDIT_SEGMENT;
	a->segments = o->segments > 0 ? o->segments : LIMIT_AUDIT_SEGMENTS;
	a->fd = -1;
	*ret = a;
	return 0;
}

void audit_close(struct audit *a)
{
	if (a == NULL)
		return;
	unload(a);
	free(a);
}

static int look(struct audit *a)
{
	int fd = audit_head_lock(a->dir, O_RDWR | O_CREAT, LOCK_EX);
	if (fd < 0)
		return fd;
	int err = refresh(a, fd);
	(void)close(fd);
	return err;
}

int audit_newest(struct audit *a, uint8_t digest[AUDIT_DIGEST])
{
	int err = look(a);
	if (err == 0)
		memcpy(digest, a->newest.digest, AUDIT_DIGEST);
	return err;
}

int audit_config(struct audit *a, char digest[HEX + 1])
{
	int err = look(a);
	(void)str_copy(digest, HEX + 1, err == 0 ? a->config : "");
	return err;
}

int audit_note(const char *dir, enum audit_kind kind, int result, const char *what)
{
	const struct audit_options o = {.dir = dir};
	struct audit_entry e;
	struct audit *a;
	char who[LIMIT_AUDIT_WHO];
	int err = audit_open(&a, &o);
	if (err < 0)
		return err;
	audit_entry_set(&e, wall_ms(), kind, audit_os_user(who), result, "%s", what);
	err = audit_append(a, &e, 1);
	audit_close(a);
	return err;
}
