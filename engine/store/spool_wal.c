/* SPDX-License-Identifier: Apache-2.0
 * Does SQLite's WAL hold frames that SQLite would skip? At its recovery SQLite takes the frames up
 * to the first whose checksum does not fit, and takes the rest for the leftovers of a crash. After
 * a kill that is right. But one flipped byte in the middle looks the same and would cost every
 * commit behind it, so we look before SQLite does. The file's format:
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
#include "engine/store/spool_salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

uint32_t salvage_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

struct wal {
	uint32_t sum[2];
	uint32_t salt[2];
	bool is_big_endian; /* the words that are summed */
};

static void add(struct wal *w, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		const uint8_t *p = bytes + i;
		w->sum[0] += (w->is_big_endian ? salvage_be32(p) : le32(p)) + w->sum[1];
		w->sum[1] += (w->is_big_endian ? salvage_be32(p + 4) : le32(p + 4)) + w->sum[0];
	}
}

static bool sum_is(const struct wal *w, const uint8_t *p)
{
	return w->sum[0] == salvage_be32(p) && w->sum[1] == salvage_be32(p + 4);
}

static bool head_is_whole(struct wal *w, const uint8_t head[WAL_HEAD])
{
	uint32_t magic = salvage_be32(head);
	if ((magic & ~1u) != 0x377f0682 || salvage_be32(head + 8) != DB_PAGE)
		return false;
	*w = (struct wal){.is_big_endian = (magic & 1) != 0};
	w->salt[0] = salvage_be32(head + 16);
	w->salt[1] = salvage_be32(head + 20);
	add(w, head, 24);
	return sum_is(w, head + 24);
}

static bool frame_is_whole(struct wal *w, const uint8_t frame[WAL_FRAME])
{
	if (salvage_be32(frame) == 0 || salvage_be32(frame + 8) != w->salt[0] ||
		salvage_be32(frame + 12) != w->salt[1])
		return false;
	add(w, frame, 8);
	add(w, frame + 24, DB_PAGE);
	return sum_is(w, frame + 16);
}

/* A frame of this round of the WAL, though perhaps a damaged one. Frames of earlier rounds have
 * another, random second salt. */
static bool is_of_round(const struct wal *w, const uint8_t *frame)
{
	return __builtin_popcount(salvage_be32(frame + 12) ^ w->salt[1]) <= 4;
}

static int look(int fd)
{
	uint8_t head[WAL_HEAD], frame[WAL_FRAME];
	ssize_t n = pread(fd, head, sizeof head, 0);
	if (n < (ssize_t)sizeof head)
		return n < 0 ? -errno : 0;
	off_t at = WAL_HEAD;
	struct wal w;
	bool is_intact = head_is_whole(&w, head);
	if (!is_intact)
		return lseek(fd, 0, SEEK_END) > WAL_HEAD;
	while ((n = pread(fd, frame, sizeof frame, at)) == (ssize_t)sizeof frame) {
		is_intact = is_intact && frame_is_whole(&w, frame);
		if (!is_intact && is_of_round(&w, frame))
			return 1;
		at += WAL_FRAME;
	}
	return n < 0 ? -errno : 0;
}

int salvage_wal_is_damaged(const char *dir)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof path, "%s/store.db-wal", dir) >= (int)sizeof path)
		return -ENAMETOOLONG;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	int err = look(fd);
	(void)close(fd);
	return err;
}
