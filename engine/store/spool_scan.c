/* SPDX-License-Identifier: Apache-2.0
 * Finding frames in raw pages. A table's row is id, header, blob; when it does not fit its page
 * the rest is in a chain of overflow pages. How much is where follows from the length alone
 * (https://www.sqlite.org/fileformat2.html#b_tree_pages), and the length is in the frame's head,
 * so nothing of the page's own bookkeeping is needed. */
#include "engine/store/spool_salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scan {
	int db; /* -1: not there */
	int wal;
	uint32_t pages;    /* of the database */
	uint32_t frames;   /* of the WAL */
	uint32_t *page_of; /* WAL frame -> page number, as it says */
	uint8_t *whole;    /* one frame put together: SPOOL_SCRATCH */
	scan_on_frame *on_frame;
	void *owner;
};

/* Where the pages of an overflow chain are looked for; the checksum tells which was right. */
enum where { WHERE_BEFORE, WHERE_AFTER, WHERE_DATABASE, WHERE_COUNT };

static bool read_db_page(const struct scan *s, uint32_t page, uint8_t *dst)
{
	return page >= 1 && page <= s->pages &&
	       pread(s->db, dst, DB_PAGE, (off_t)(page - 1) * DB_PAGE) == DB_PAGE;
}

static bool read_wal_page(const struct scan *s, uint32_t frame, uint8_t *dst)
{
	return pread(s->wal, dst, DB_PAGE, WAL_HEAD + (off_t)frame * WAL_FRAME + 24) == DB_PAGE;
}

/* `from`: the WAL frame in which the row was found; s->frames for the database itself. */
static bool read_page(
	const struct scan *s, uint32_t page, uint32_t from, enum where where, uint8_t *dst)
{
	if (where == WHERE_BEFORE) {
		for (uint32_t i = from; i-- > 0;) {
			if (s->page_of[i] == page)
				return read_wal_page(s, i, dst);
		}
	} else if (where == WHERE_AFTER) {
		for (uint32_t i = from; i < s->frames; i++) {
			if (s->page_of[i] == page)
				return read_wal_page(s, i, dst);
		}
	}
	return read_db_page(s, page, dst);
}

/* How many bytes of a frame of `len` bytes are in its row's own page. */
static size_t local_bytes(size_t len)
{
	enum {
		LOCAL_MAX = DB_PAGE - 35,
		LOCAL_MIN = (DB_PAGE - 12) * 32 / 255 - 23,
		REST = DB_PAGE - 4
	};
	/* The header: its own length, the id (NULL), the blob's type 12 + 2 len as a varint. */
	size_t header = 3;
	for (size_t type = 12 + 2 * len; type >= 128; type >>= 7)
		header++;
	size_t payload = header + len;
	if (payload <= LOCAL_MAX)
		return len;
	size_t local = LOCAL_MIN + (payload - LOCAL_MIN) % REST;
	return (local <= LOCAL_MAX ? local : LOCAL_MIN) - header;
}

/* Where a frame begins. */
struct find {
	int fd;
	off_t offset;        /* in its file */
	const uint8_t *head; /* FRAME_HEAD bytes at least */
	const uint8_t *page; /* the page that it lies in; NULL: it lies between two */
	uint32_t from;       /* as for read_page */
	size_t len;          /* of the whole frame, as it says */
};

/* Puts a frame together in s->whole, as SQLite would. */
static bool assemble(const struct scan *s, const struct find *f, enum where where)
{
	size_t have = local_bytes(f->len), at = (size_t)(f->head - f->page);
	if (at + have + (have < f->len ? 4 : 0) > DB_PAGE)
		return false;
	memcpy(s->whole, f->head, have);
	const uint8_t *next = f->head + have;
	uint8_t more[DB_PAGE];
	while (have < f->len) {
		if (!read_page(s, salvage_be32(next), f->from, where, more))
			return false;
		size_t n = f->len - have < DB_PAGE - 4 ? f->len - have : DB_PAGE - 4;
		memcpy(s->whole + have, more + 4, n);
		have += n;
		next = more;
	}
	return true;
}

/* Whether the frame is whole one way or another; then it is in s->whole. */
static bool find_whole(const struct scan *s, const struct find *f, struct frame *whole)
{
	for (int where = 0; f->page != NULL && where < WHERE_COUNT; where++) {
		if (assemble(s, f, (enum where)where) && frame_read(whole, s->whole, f->len) == 0)
			return true;
	}
	/* In one piece, across what was the border of a page: something copied or shifted pages. */
	return pread(f->fd, s->whole, f->len, f->offset) == (ssize_t)f->len &&
	       frame_read(whole, s->whole, f->len) == 0;
}

/* Reports the fields of the head, and the bytes that follow it directly. */
static int report_damaged(struct scan *s, const struct find *f)
{
	ssize_t have = pread(f->fd, s->whole, f->len < DB_PAGE ? f->len : DB_PAGE, f->offset);
	if (have < 0)
		return -errno;
	struct frame damaged = {.kind = f->head[8], .body = s->whole, .body_len = (size_t)have};
	for (unsigned i = 0; i < 8; i++)
		damaged.number |= (uint64_t)f->head[16 + i] << (8 * i);
	return s->on_frame(s->owner, &damaged, ERR_STORE_CORRUPT);
}

/* Returns how many bytes are settled, or an error. */
static int scan_frame(struct scan *s, struct find *f, size_t left)
{
	struct frame whole;
	int len = frame_peek_len(f->head, left);
	if (len < 0)
		return (int)sizeof frame_magic;
	f->len = (size_t)len;
	bool is_whole = find_whole(s, f, &whole);
	int err = is_whole ? s->on_frame(s->owner, &whole, 0) : report_damaged(s, f);
	if (err < 0)
		return err;
	/* The rest of a long frame is elsewhere, and other frames may begin in this page. */
	return is_whole ? (int)local_bytes(f->len) : (int)sizeof frame_magic;
}

/* One page with the `skip` bytes before it. Frames that begin in it may end after it. */
static int scan_piece(struct scan *s, int fd, off_t offset, size_t skip, uint32_t from)
{
	uint8_t bytes[WAL_FRAME + FRAME_HEAD];
	size_t piece = skip + DB_PAGE, at = 0;
	ssize_t n = pread(fd, bytes, piece + FRAME_HEAD, offset);
	if (n < 0)
		return -errno;
	const uint8_t *hit;
	while (at < piece && at < (size_t)n &&
		(hit = memmem(bytes + at, (size_t)n - at, frame_magic, 4)) != NULL) {
		at = (size_t)(hit - bytes);
		if (at >= piece)
			break; /* begins in the next one */
		struct find f = {.fd = fd,
			.offset = offset + (off_t)at,
			.head = hit,
			.page = at >= skip && n >= (ssize_t)piece ? bytes + skip : NULL,
			.from = from};
		int settled = scan_frame(s, &f, (size_t)n - at);
		if (settled < 0)
			return settled;
		at += (size_t)settled;
	}
	return 0;
}

static int open_file(const char *dir, const char *name, int *fd, off_t *size)
{
	char path[PATH_MAX + 16];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	struct stat st = {0};
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(*fd, &st) < 0)
		return -errno;
	*size = st.st_size;
	return 0;
}

static int open_all(struct scan *s, const char *dir)
{
	off_t db = 0, wal = 0;
	int err = open_file(dir, "store.db", &s->db, &db);
	if (err == 0)
		err = open_file(dir, "store.db-wal", &s->wal, &wal);
	if (err < 0)
		return err;
	s->pages = (uint32_t)((db + DB_PAGE - 1) / DB_PAGE);
	s->frames = wal <= WAL_HEAD ? 0 : (uint32_t)((wal - WAL_HEAD) / WAL_FRAME);
	s->page_of = calloc(s->frames + 1u, sizeof *s->page_of);
	s->whole = malloc(SPOOL_SCRATCH);
	if (s->page_of == NULL || s->whole == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->frames; i++) {
		uint8_t head[4] = {0};
		if (pread(s->wal, head, 4, WAL_HEAD + (off_t)i * WAL_FRAME) < 0)
			return -errno;
		s->page_of[i] = salvage_be32(head);
	}
	return 0;
}

static int scan_all(struct scan *s)
{
	int err = 0;
	for (uint32_t i = 0; i < s->pages && err == 0; i++)
		err = scan_piece(s, s->db, (off_t)i * DB_PAGE, 0, s->frames);
	/* The last one may be cut off. */
	for (uint32_t i = 0; s->wal >= 0 && i <= s->frames && err == 0; i++)
		err = scan_piece(
			s, s->wal, WAL_HEAD + (off_t)i * WAL_FRAME, WAL_FRAME - DB_PAGE, i);
	return err;
}

int scan_store(const char *dir, scan_on_frame *on_frame, void *owner)
{
	struct scan s = {.db = -1, .wal = -1, .on_frame = on_frame, .owner = owner};
	int err = open_all(&s, dir);
	if (err == 0)
		err = scan_all(&s);
	if (s.db >= 0)
		(void)close(s.db);
	if (s.wal >= 0)
		(void)close(s.wal);
	free(s.page_of);
	free(s.whole);
	return err;
}
