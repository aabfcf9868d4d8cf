/* SPDX-License-Identifier: Apache-2.0
 * The files of the ledger. Everything happens under the flock of audit.head: the writer loads the
 * newest segment when another process has written since. */
#include "engine/store/audit.h"

#include "engine/loop/crypto.h"
#include "engine/loop/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEX = 2 * AUDIT_DIGEST, HEAD_BYTES = 10 + 1 + 20 + 1 + HEX + 1 };

/* The content of audit.head: zeroes if it is not there. */
struct head {
	uint32_t segment;
	uint64_t number;
	uint8_t digest[AUDIT_DIGEST];
};

struct audit {
	char dir[PATH_MAX - 32];
	uint32_t segment_bytes, segments;
	bool is_loaded;
	struct head newest; /* of the ledger, as this process knows it */
	uint32_t oldest;
	int fd; /* of the newest segment; -1: none yet */
	uint64_t size;
	char config[HEX + 1];
	uint64_t cut;        /* bytes of an incomplete line that were removed */
	const char *damage;  /* NULL: all fits */
	uint64_t damaged_at; /* number */
};

static void segment_path(char path[PATH_MAX], const char *dir, uint32_t segment)
{
	(void)snprintf(path, PATH_MAX, "%s/audit-%08u.log", dir, segment);
}

static void head_path(char path[PATH_MAX], const char *dir)
{
	(void)snprintf(path, PATH_MAX, "%s/audit.head", dir);
}

/* The lowest and the highest number of a segment that is there; 0: none. */
static int find_segments(const char *dir, uint32_t *lowest, uint32_t *highest)
{
	struct dirent *entry;
	unsigned segment;
	int end;
	DIR *d = opendir(dir);
	*lowest = *highest = 0;
	if (d == NULL)
		return -errno;
	while ((entry = readdir(d)) != NULL) {
		end = 0;
		if (sscanf(entry->d_name, "audit-%8u.log%n", &segment, &end) != 1 || end == 0 ||
			entry->d_name[end] != '\0' || segment == 0)
			continue;
		if (*lowest == 0 || segment < *lowest)
			*lowest = segment;
		if (segment > *highest)
			*highest = segment;
	}
	(void)closedir(d); /* only read from */
	return 0;
}

/* ---- audit.head ---- */

static int head_read(struct head *h, int fd)
{
	char bytes[HEAD_BYTES + 1], digest[HEX + 1];
	*h = (struct head){.segment = 0};
	ssize_t n = pread(fd, bytes, HEAD_BYTES, 0);
	if (n < 0)
		return -errno;
	bytes[n] = '\0';
	uintmax_t number;
	if (n != HEAD_BYTES ||
		sscanf(bytes, "%10u %20ju %64s", &h->segment, &number, digest) != 3 ||
		str_unhex(h->digest, sizeof h->digest, digest, strlen(digest)) != AUDIT_DIGEST)
		*h = (struct head){.segment = 0};
	else
		h->number = number;
	return 0;
}

/* Without fsync: after a power cut it may name an older entry, never one that is not there. */
static int head_write(const struct head *h, int fd)
{
	char bytes[HEAD_BYTES + 1], digest[HEX + 1];
	str_hex(digest, h->digest, AUDIT_DIGEST);
	(void)snprintf(
		bytes, sizeof bytes, "%010u %020ju %s\n", h->segment, (uintmax_t)h->number, digest);
	ssize_t n = pwrite(fd, bytes, HEAD_BYTES, 0);
	return n == HEAD_BYTES ? 0 : n < 0 ? -errno : -EIO;
}

/* Opens audit.head and takes its lock. */
static int head_lock(const char *dir, int flags, int how)
{
	char path[PATH_MAX];
	head_path(path, dir);
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, how) < 0) {
		if (errno == EINTR)
			continue;
		int err = -errno;
		(void)close(fd);
		return err;
	}
	return fd;
}

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

static int read_segment(struct buf *bytes, int fd)
{
	/* A segment that was below its maximum before the last append. */
	buf_open(bytes, LIMIT_AUDIT_SEGMENT + (LIMIT_AUDIT_PENDING + 8) * LIMIT_AUDIT_LINE);
	return file_read(bytes, fd);
}

static const char too_long[] = "changed: the segment is longer than any that is written";

/* Reads and checks the newest segment. */
static int load_segment(struct audit *a, uint32_t segment)
{
	const struct audit_reader reader = {.on_fault = note_damage, .owner = a};
	struct audit_check c;
	struct buf bytes;
	char path[PATH_MAX];
	segment_path(path, a->dir, segment);
	a->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (a->fd < 0)
		return -errno;
	int err = read_segment(&bytes, a->fd);
	bool is_long = err == ERR_LIMIT;
	audit_check_open(&c, &reader);
	int64_t whole = err < 0 && !is_long ? err : audit_check_bytes(&c, bytes.data, bytes.len);
	if (is_long && whole >= 0)
		audit_check_fault(&c, c.totals.last, too_long);
	if (whole >= 0) {
		a->size = (uint64_t)whole;
		a->cut = is_long ? 0 : bytes.len - (uint64_t)whole; /* a long one stays as it is */
		a->newest = (struct head){.segment = segment, .number = c.totals.last};
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
	a->newest = (struct head){.segment = 0};
	a->config[0] = '\0';
}

/* Compares the ledger with audit.head: what that names must be there. */
static void compare_head(struct audit *a, const struct head *known)
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
static bool is_unborn(const struct audit *a, const struct head *known)
{
	return a->size == 0 && a->cut < LIMIT_AUDIT_LINE && known->segment < a->newest.segment;
}

static int load(struct audit *a, const struct head *known)
{
	char path[PATH_MAX];
	uint32_t newest;
	unload(a);
	int err = find_segments(a->dir, &a->oldest, &newest);
	while (err == 0 && newest > 0) {
		err = load_segment(a, newest);
		if (err < 0 || !is_unborn(a, known))
			break;
		segment_path(path, a->dir, newest);
		unload(a);
		if (unlink(path) < 0)
			return -errno;
		err = find_segments(a->dir, &a->oldest, &newest);
	}
	if (err == 0 && newest > 0 && a->size == 0) {
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
	struct head known;
	struct stat st;
	int err = head_read(&known, fd);
	if (err < 0)
		return err;
	if (a->is_loaded && a->fd >= 0 && known.number == a->newest.number &&
		known.segment == a->newest.segment && fstat(a->fd, &st) == 0 &&
		(uint64_t)st.st_size == a->size && st.st_nlink > 0)
		return 0;
	return load(a, &known);
}

/* ---- appending ---- */

static int put_line(struct buf *lines, struct head *at, struct audit_entry *e)
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
static int put_segment_head(const struct audit *a, struct buf *lines, struct head *at)
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
static int put_findings(const struct audit *a, struct buf *lines, struct head *at)
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
		segment_path(path, a->dir, a->oldest);
		if (unlink(path) < 0 && errno != ENOENT)
			return;
		a->oldest++;
	}
}

static int new_segment(struct audit *a, uint32_t segment, int *fd)
{
	char path[PATH_MAX];
	segment_path(path, a->dir, segment);
	*fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *fd < 0 ? -errno : 0;
}

/* Writes the lines behind the newest entry, or as a new segment. Nothing stays after an error. */
static int write_lines(struct audit *a, const struct buf *lines, const struct head *at)
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
		segment_path(path, a->dir, at->segment);
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
static int compose(struct audit *a, struct buf *lines, struct head *at, struct audit_entry *entries,
	size_t count)
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
	struct head at = a->newest;
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
	return head_write(&a->newest, fd);
}

int audit_append(struct audit *a, struct audit_entry *entries, size_t count)
{
	if (count > LIMIT_AUDIT_PENDING)
		return ERR_LIMIT;
	int fd = head_lock(a->dir, O_RDWR | O_CREAT, LOCK_EX);
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
	int fd = head_lock(a->dir, O_RDWR | O_CREAT, LOCK_EX);
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

/* ---- reading ---- */

/* How far a reader goes: what is written behind it is not looked at. */
struct extent {
	struct head known;
	uint32_t oldest, newest; /* segments */
	uint64_t newest_bytes;
};

static int measure(struct extent *x, const char *dir)
{
	char path[PATH_MAX];
	struct stat st;
	int fd = head_lock(dir, O_RDONLY, LOCK_SH);
	if (fd < 0 && fd != -ENOENT)
		return fd;
	*x = (struct extent){.oldest = 0};
	int err = fd < 0 ? 0 : head_read(&x->known, fd);
	if (err == 0)
		err = find_segments(dir, &x->oldest, &x->newest);
	segment_path(path, dir, x->newest);
	if (err == 0 && x->newest > 0 && stat(path, &st) == 0)
		x->newest_bytes = (uint64_t)st.st_size;
	if (fd >= 0)
		(void)close(fd);
	return err < 0 ? err : fd < 0 && x->newest == 0 ? -ENOENT : 0;
}

static int check_segment(struct audit_check *c, const char *dir, const struct extent *x)
{
	struct buf bytes;
	char path[PATH_MAX];
	segment_path(path, dir, c->segment);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT) {
		audit_check_fault(c, c->totals.last, "missing: the whole segment");
		c->has_before = false;
		c->expected = 0;
		return 0;
	}
	if (fd < 0)
		return -errno;
	int err = read_segment(&bytes, fd);
	(void)close(fd);
	if (err == 0 && c->segment == x->newest && bytes.len > x->newest_bytes)
		bytes.len = (size_t)x->newest_bytes;
	bool is_long = err == ERR_LIMIT;
	int64_t whole = err < 0 && !is_long ? err : audit_check_bytes(c, bytes.data, bytes.len);
	if (whole >= 0 && is_long)
		audit_check_fault(c, c->totals.last, too_long);
	else if (whole >= 0 && (size_t)whole < bytes.len)
		audit_check_rest(c);
	buf_close(&bytes);
	return whole < 0 ? (int)whole : 0;
}

/* The newest segment's first entry names the oldest one that is kept. */
struct oldest_known {
	struct audit_reader reader;
	uint32_t oldest;
	struct head *known;
	bool is_head_met, is_head_other;
};

static int on_entry(void *owner, const struct audit_entry *e)
{
	struct oldest_known *k = owner;
	struct audit_segment_head h;
	if (e->kind == AUDIT_SEGMENT && audit_segment_read(&h, e) == 0)
		k->oldest = h.oldest;
	if (e->number == k->known->number) {
		k->is_head_met = true;
		k->is_head_other = memcmp(e->digest, k->known->digest, AUDIT_DIGEST) != 0;
	}
	return k->reader.on_entry == NULL ? 0 : k->reader.on_entry(k->reader.owner, e);
}

static void on_fault(void *owner, const struct audit_fault *fault)
{
	struct oldest_known *k = owner;
	if (k->reader.on_fault != NULL)
		k->reader.on_fault(k->reader.owner, fault);
}

static int on_line(void *owner, const uint8_t *line, size_t len)
{
	struct oldest_known *k = owner;
	return k->reader.on_line == NULL ? 0 : k->reader.on_line(k->reader.owner, line, len);
}

/* The end of the ledger, and its beginning, by what is known elsewhere. */
static void check_ends(struct audit_check *c, const struct extent *x, const struct oldest_known *k)
{
	if (k->oldest > 0 && k->oldest < x->oldest) {
		c->segment = k->oldest;
		audit_check_fault(c, 0, "missing: the whole segment");
	}
	c->segment = x->known.segment > x->newest ? x->known.segment : x->newest;
	if (x->known.number == 0)
		audit_check_fault(c, c->totals.last, "missing: audit.head names no entry");
	else if (x->known.number > c->totals.last)
		audit_check_fault(c, x->known.number,
			"cut: audit.head names this entry, and the ledger ends before it");
	else if (k->is_head_other || !k->is_head_met)
		audit_check_fault(c, x->known.number,
			"changed: audit.head names another digest of this entry");
}

int audit_read(const char *dir, const struct audit_reader *r, struct audit_totals *ret)
{
	struct extent x;
	struct audit_check c;
	int err = measure(&x, dir);
	if (err < 0)
		return err;
	struct oldest_known k = {.reader = *r, .known = &x.known};
	const struct audit_reader own = {
		.on_entry = on_entry, .on_fault = on_fault, .on_line = on_line, .owner = &k};
	audit_check_open(&c, &own);
	for (c.segment = x.oldest; err == 0 && c.segment > 0 && c.segment <= x.newest; c.segment++)
		err = check_segment(&c, dir, &x);
	if (err == 0)
		check_ends(&c, &x, &k);
	*ret = c.totals;
	return err;
}

int audit_read_file(const char *path, const struct audit_reader *r, struct audit_totals *ret)
{
	struct audit_check c;
	char line[LIMIT_AUDIT_LINE + 1];
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return -errno;
	int err = 0;
	audit_check_open(&c, r);
	while (err == 0 && fgets(line, sizeof line, f) != NULL) {
		size_t len = strlen(line);
		if (len > 0 && line[len - 1] == '\n')
			err = audit_check_line(&c, (const uint8_t *)line, len - 1);
		else
			audit_check_rest(&c);
	}
	if (err == 0 && ferror(f) != 0)
		err = -EIO;
	(void)fclose(f); /* only read from */
	*ret = c.totals;
	return err;
}
