/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/uplink/last_upload.h"

#include "engine/loop/file.h"
#include "proto/base/limits.h"
#include "proto/base/slab.h"
#include "proto/wire/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int put_path(char dst[PATH_MAX], const char *dir)
{
	int n = snprintf(dst, PATH_MAX, "%s/last-upload", dir);
	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int last_upload_put(const char *dir, bool is_first, const struct buf *body)
{
	char path[PATH_MAX];
	struct stat st;
	int err = put_path(path, dir);
	if (err < 0)
		return err;
	int fd = open(path,
		O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
			(is_first ? O_TRUNC : O_APPEND),
		0600);
	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) < 0 ? -errno : 0;
	if (err == 0 && (size_t)st.st_size + body->len <= LIMIT_LAST_UPLOAD)
		err = file_write(fd, body->data, body->len);
	return close(fd) < 0 && err == 0 ? -errno : err;
}

struct last_upload {
	struct buf body;
	struct slab blocks;
};

int last_upload_open(struct last_upload **ret, const char *dir)
{
	char path[PATH_MAX];
	*ret = NULL;
	int err = put_path(path, dir);
	int fd = err < 0 ? err : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err < 0 ? err : -errno;
	struct last_upload *l = calloc(1, sizeof *l);
	if (l == NULL)
		err = -ENOMEM;
	else
		buf_open(&l->body, LIMIT_LAST_UPLOAD + 1);
	if (err == 0)
		err = file_read(&l->body, fd);
	if (err == 0)
		err = slab_open(&l->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	(void)close(fd);
	if (err < 0) {
		if (l != NULL)
			buf_close(&l->body);
		free(l);
		return err;
	}
	*ret = l;
	return 0;
}

void last_upload_close(struct last_upload *l)
{
	if (l == NULL)
		return;
	slab_close(&l->blocks);
	buf_close(&l->body);
	free(l);
}

/* Whether the digest of the group could be made. */
static bool digest_of(
	struct slab *blocks, unsigned g, const uint8_t *bytes, size_t len, uint64_t *digest)
{
	struct reading r;
	reading_open(&r, blocks);
	bool is_good = record_group_unpack(&r, (enum reading_group)g, 0, bytes, len) == 0;
	if (is_good)
		*digest = record_group_digest(&r, (enum reading_group)g);
	reading_close(&r);
	return is_good;
}

enum last_compared last_upload_compare(const struct last_upload *l, struct text device_key,
	unsigned g, const uint8_t *bytes, size_t len)
{
	struct record_span newest = {NULL, 0};
	struct slab *blocks = (struct slab *)(uintptr_t)&l->blocks;
	uint64_t before, now;
	for (size_t at = 0; at < l->body.len;) {
		struct record_head head;
		struct record_span spans[GROUP_COUNT];
		int n = record_spans(&head, spans, l->body.data + at, l->body.len - at);
		if (n < 0)
			break;
		if (text_is_equal(head.device_key, device_key) && spans[g].len > 0)
			newest = spans[g];
		at += (size_t)n;
	}
	if (newest.len == 0)
		return LAST_NONE;
	bool is_same = digest_of(blocks, g, newest.p, newest.len, &before) &&
		       digest_of(blocks, g, bytes, len, &now) && before == now;
	return is_same ? LAST_SAME : LAST_OTHER;
}
