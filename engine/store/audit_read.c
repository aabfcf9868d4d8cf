/* SPDX-License-Identifier: Apache-2.0
 * Reading a whole ledger, beside its writer: audit_read measures it under the lock of audit.head
 * and reads so far without it. */
#include "engine/store/audit.h"

#include "engine/store/audit_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* How far a reader goes: what is written behind it is not looked at. */
struct extent {
	struct audit_head known;
	struct audit_segments found;
	uint64_t newest_bytes; /* of the newest segment */
};

static int measure(struct extent *x, const char *dir)
{
	char path[PATH_MAX];
	struct stat st;
	int fd = audit_head_lock(dir, O_RDONLY, LOCK_SH);
	if (fd < 0 && fd != -ENOENT)
		return fd;
	*x = (struct extent){.newest_bytes = 0};
	int err = fd < 0 ? 0 : audit_head_read(&x->known, fd);
	if (err == 0)
		err = audit_find_segments(&x->found, dir, 1, audit_highest(&x->known));
	audit_segment_path(path, dir, x->found.newest);
	if (err == 0 && x->found.newest > 0 && stat(path, &st) == 0)
		x->newest_bytes = (uint64_t)st.st_size;
	if (fd >= 0)
		(void)close(fd);
	return err < 0 ? err : fd < 0 && x->found.newest == 0 ? -ENOENT : 0;
}

/* Goes on with the next segment that is there. */
static int skip_gap(struct audit_check *c, const char *dir, const struct extent *x)
{
	struct audit_segments rest;
	int err = audit_find_segments(&rest, dir, c->segment, x->found.newest);
	bool is_one = rest.oldest == c->segment + 1 || rest.oldest == 0;
	if (err < 0)
		return err;
	audit_check_fault(c, c->totals.last,
		is_one ? "missing: the whole segment"
		       : "missing: the whole segment, and those up to the next that is there");
	c->has_before = false;
	c->expected = 0;
	if (!is_one)
		c->segment = rest.oldest - 1;
	return 0;
}

static int check_segment(struct audit_check *c, const char *dir, const struct extent *x)
{
	struct buf bytes;
	char path[PATH_MAX];
	audit_segment_path(path, dir, c->segment);
	int fd = audit_open_file(path, O_RDONLY);
	if (fd == -ENOENT)
		return skip_gap(c, dir, x);
	if (fd == ERR_KEY) {
		audit_check_fault(c, c->totals.last, "changed: it is not a regular file");
		c->has_before = false;
		c->expected = 0;
		return 0;
	}
	if (fd < 0)
		return fd;
	int err = audit_read_segment(&bytes, fd);
	(void)close(fd);
	if (err == 0 && c->segment == x->found.newest && bytes.len > x->newest_bytes)
		bytes.len = (size_t)x->newest_bytes;
	bool is_long = err == ERR_LIMIT;
	int64_t whole = err < 0 && !is_long ? err : audit_check_bytes(c, bytes.data, bytes.len);
	if (whole >= 0 && is_long)
		audit_check_fault(c, c->totals.last, audit_too_long);
	else if (whole >= 0 && (size_t)whole < bytes.len)
		audit_check_rest(c);
	buf_close(&bytes);
	return whole < 0 ? (int)whole : 0;
}

/* The newest segment's first entry names the oldest one that is kept. */
struct oldest_known {
	struct audit_reader reader;
	uint32_t oldest;
	struct audit_head *known;
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
	if (k->oldest > 0 && k->oldest < x->found.oldest) {
		c->segment = k->oldest;
		audit_check_fault(c, 0, "missing: the whole segment");
	}
	if (x->found.foreign > 0) {
		c->segment = x->found.foreign;
		audit_check_fault(c, 0, "added: its number is far above that in audit.head");
	}
	c->segment = x->known.segment > x->found.newest ? x->known.segment : x->found.newest;
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
	for (c.segment = x.found.oldest; err == 0 && c.segment > 0 && c.segment <= x.found.newest;
		c.segment++)
		err = check_segment(&c, dir, &x);
	if (err == 0)
		check_ends(&c, &x, &k);
	*ret = c.totals;
	return err;
}

/* So many lines without an entry: a file of something else, perhaps without an end. */
enum { NO_LEDGER = 16 };

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
		if (err == 0 && c.totals.entries == 0 && c.totals.faults >= NO_LEDGER)
			err = ERR_FORMAT;
	}
	if (err == 0 && ferror(f) != 0)
		err = errno > 0 ? -errno : -EIO; /* of the last fgets */
	(void)fclose(f);                         /* only read from */
	*ret = c.totals;
	return err;
}
