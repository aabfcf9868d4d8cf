/* SPDX-License-Identifier: Apache-2.0
 * The store's data about itself, as bytes; its random epoch, the identity of its file, and the
 * time of a quarantine. */
#include "engine/loop/crypto.h"
#include "engine/loop/file.h"
#include "proto/base/str.h"
#include "engine/store/fields.h"
#include "engine/store/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The body of a FRAME_META, in the direction of `f`. */
static void meta_fields(struct fields *f, struct spool_meta *m)
{
	struct spool_balance *b = &m->balance;
	(void)fields_number(f, 0, 4);
	FIELD_U64(f, m->epoch);
	FIELD_U64(f, m->next_seq);
	FIELD_U64(f, m->done_upto);
	FIELD_U64(f, m->rows);
	FIELD_U64(f, m->bytes);
	FIELD_U64(f, m->inode);
	FIELD_U64(f, m->birth_ns);
	FIELD_U64(f, m->sent_upto);
	fields_bytes(f, m->agent_id, sizeof m->agent_id);
	if (f->len == META_BODY_1)
		return;
	FIELD_U64(f, m->receipted_upto);
	FIELD_U64(f, b->kept);
	FIELD_U64(f, b->receipted);
	FIELD_U64(f, b->superseded);
	FIELD_U64(f, b->quarantined);
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		FIELD_U64(f, b->dropped[i]);
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		FIELD_U64(f, b->dropped_told[i]);
}

size_t meta_write(uint8_t *dst, const struct spool_meta *m)
{
	uint8_t body[META_BODY];
	struct spool_meta copy = *m;
	struct fields fields = {.p = body, .len = sizeof body};
	meta_fields(&fields, &copy);
	struct frame f = {
		.kind = FRAME_META, .number = m->generation, .body = body, .body_len = sizeof body};
	frame_write(dst, &f);
	return frame_len(&f);
}

int meta_read(struct spool_meta *m, const struct frame *f)
{
	if (f->kind != FRAME_META || (f->body_len != META_BODY && f->body_len != META_BODY_1))
		return ERR_STORE_CORRUPT;
	struct fields fields = {
		.p = (uint8_t *)(uintptr_t)f->body, .len = f->body_len, .is_reading = true};
	m->generation = f->number;
	m->balance = (struct spool_balance){0};
	meta_fields(&fields, m);
	if (f->body_len == META_BODY_1) {
		m->balance.kept = m->rows;
		m->receipted_upto = m->done_upto;
		m->sent_upto = m->next_seq - 1;
	}
	return 0;
}

size_t aside_write(uint8_t *dst, uint64_t number, const uint8_t *bytes, size_t len)
{
	struct timespec now = {0};
	uint8_t at_ms[8];
	struct fields fields = {.p = at_ms, .len = sizeof at_ms};
	(void)clock_gettime(CLOCK_REALTIME, &now); /* exists on every Linux */
	(void)fields_number(
		&fields, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000, 8);
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
	int err = crypto_random(&drawn, sizeof drawn);
	/* Below 2^53, so that JSON readers keep it exact; never 0. */
	*epoch = (drawn >> 12) + 1;
	return err;
}

/* ---- agent.id ---- */

enum { ID_TEXT = 33 }; /* 32 hexadecimal digits and a newline */

static int id_path(char path[PATH_MAX + 16], const char *dir)
{
	return snprintf(path, PATH_MAX + 16, "%s/agent.id", dir) < PATH_MAX + 16 ? 0
										 : -ENAMETOOLONG;
}

int agent_id_load(const char *dir, uint8_t id[16])
{
	char path[PATH_MAX + 16], why[LIMIT_WHY];
	uint8_t bytes[ID_TEXT + 1];
	struct buf b;
	int fd = id_path(path, dir) < 0 ? -1 : file_open_private(path, why, sizeof why);
	if (fd < 0)
		return 0;
	buf_over(&b, bytes, sizeof bytes);
	int err = file_read(&b, fd);
	(void)close(fd);
	return err == 0 && b.len == ID_TEXT && bytes[ID_TEXT - 1] == '\n' &&
	       str_unhex(id, 16, (const char *)bytes, ID_TEXT - 1) == 16;
}

int agent_id_save(const char *dir, const uint8_t id[16])
{
	char path[PATH_MAX + 16], text[ID_TEXT + 1];
	uint8_t have[16];
	if (agent_id_load(dir, have) == 1 && memcmp(have, id, sizeof have) == 0)
		return 0;
	int err = id_path(path, dir);
	str_hex(text, id, 16);
	text[ID_TEXT - 1] = '\n';
	return err < 0 ? err : file_replace(path, text, ID_TEXT);
}
