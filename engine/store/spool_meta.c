/* SPDX-License-Identifier: Apache-2.0
 * What the store knows about itself, as bytes; and what it asks the system: random numbers, which
 * file it is, the time of a quarantine. */
#include "engine/store/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

int disk_random(void *dst, size_t n)
{
	ssize_t got = getrandom(dst, n, 0);
	if (got < 0)
		return -errno;
	return (size_t)got == n ? 0 : -EIO; /* up to 256 bytes never come in parts */
}

static size_t put_u64(uint8_t *dst, size_t at, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		dst[at + i] = (uint8_t)(value >> (8 * i));
	return at + 8;
}

static uint64_t get_u64(const uint8_t *src, size_t *at)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < 8; i++)
		value |= (uint64_t)src[*at + i] << (8 * i);
	*at += 8;
	return value;
}

size_t meta_write(uint8_t *dst, const struct spool_meta *m)
{
	uint8_t body[META_BODY] = {0};
	size_t at = 4; /* reserved, zero */
	at = put_u64(body, at, m->epoch);
	at = put_u64(body, at, m->next_seq);
	at = put_u64(body, at, m->done_upto);
	at = put_u64(body, at, m->rows);
	at = put_u64(body, at, m->bytes);
	at = put_u64(body, at, m->inode);
	at = put_u64(body, at, m->birth_ns);
	at = put_u64(body, at, 0);
	memcpy(body + at, m->agent_id, 16);
	struct frame f = {
		.kind = FRAME_META, .number = m->generation, .body = body, .body_len = sizeof body};
	frame_write(dst, &f);
	return frame_len(&f);
}

int meta_read(struct spool_meta *m, const struct frame *f)
{
	if (f->kind != FRAME_META || f->body_len != META_BODY)
		return ERR_STORE_CORRUPT;
	size_t at = 4;
	m->generation = f->number;
	m->epoch = get_u64(f->body, &at);
	m->next_seq = get_u64(f->body, &at);
	m->done_upto = get_u64(f->body, &at);
	m->rows = get_u64(f->body, &at);
	m->bytes = get_u64(f->body, &at);
	m->inode = get_u64(f->body, &at);
	m->birth_ns = get_u64(f->body, &at);
	memcpy(m->agent_id, f->body + at + 8, 16);
	return 0;
}

size_t aside_write(uint8_t *dst, uint64_t number, const uint8_t *bytes, size_t len)
{
	struct timespec now = {0};
	uint8_t at_ms[8];
	(void)clock_gettime(CLOCK_REALTIME, &now); /* exists on every Linux */
	(void)put_u64(at_ms, 0, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
	struct frame f = {.kind = FRAME_ASIDE,
		.number = number,
		.key = at_ms,
		.key_len = sizeof at_ms,
		.body = bytes,
		.body_len = len < LIMIT_RECORD ? len : LIMIT_RECORD};
	frame_write(dst, &f);
	return frame_len(&f);
}

int file_identity(const char *dir, const char *name, struct spool_meta *m)
{
	char path[PATH_MAX + 16];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	struct statx st;
	if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &st) < 0)
		return -errno;
	m->inode = st.stx_ino;
	m->birth_ns = 0;
	if ((st.stx_mask & STATX_BTIME) != 0)
		m->birth_ns = (uint64_t)st.stx_btime.tv_sec * 1000000000u + st.stx_btime.tv_nsec;
	return 0;
}

int random_epoch(uint64_t *epoch)
{
	uint64_t drawn = 0;
	int err = disk_random(&drawn, sizeof drawn);
	/* Below 2^53, so that JSON readers keep it exact; never 0. */
	*epoch = (drawn >> 12) + 1;
	return err;
}
