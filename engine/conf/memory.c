/* SPDX-License-Identifier: Apache-2.0
 * The memory of one configuration, its messages, and reading a file whole. */
#include "engine/conf/load.h"

#include "proto/base/arena.h"
#include "proto/base/crc.h"
#include "proto/base/limits.h"
#include "engine/loop/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INTERN_BUCKETS = 1024 };

struct interned {
	struct interned *next;
	size_t len;
	char bytes[];
};

struct conf_memory {
	struct slab slab;
	struct arena arena;
	struct interned *buckets[INTERN_BUCKETS];
};

int conf_memory_open(struct conf_memory **ret)
{
	struct conf_memory *m = calloc(1, sizeof *m);
	if (m == NULL)
		return -ENOMEM;
	int err = slab_open(&m->slab, LIMIT_ARENA_BLOCK, LIMIT_CONF_BLOCKS);
	if (err < 0) {
		free(m);
		return err;
	}
	arena_open(&m->arena, &m->slab, LIMIT_CONF_BLOCKS);
	*ret = m;
	return 0;
}

void conf_memory_close(struct conf_memory *m)
{
	if (m == NULL)
		return;
	arena_close(&m->arena);
	/* Communities are secrets of a kind: nothing of them stays in freed pages. */
	if (m->slab.fresh > 0)
		explicit_bzero(m->slab.base, m->slab.fresh * m->slab.size);
	slab_close(&m->slab);
	free(m);
}

size_t conf_memory_bytes(const struct conf_memory *m)
{
	return sizeof *m + m->slab.fresh * m->slab.size;
}

void *conf_take(struct conf_memory *m, size_t n)
{
	return arena_take(&m->arena, n);
}

char *conf_keep(struct conf_memory *m, const char *bytes, size_t n)
{
	return arena_copy(&m->arena, bytes, n);
}

const char *conf_intern(struct conf_memory *m, const char *bytes, size_t n)
{
	struct interned **bucket = &m->buckets[crc32c(0, bytes, n) % INTERN_BUCKETS];
	for (struct interned *i = *bucket; i != NULL; i = i->next) {
		if (i->len == n && memcmp(i->bytes, bytes, n) == 0)
			return i->bytes;
	}
	struct interned *i = conf_take(m, sizeof *i + n + 1);
	if (i == NULL)
		return NULL;
	i->len = n;
	memcpy(i->bytes, bytes, n);
	i->next = *bucket;
	*bucket = i;
	return i->bytes;
}

int conf_say_line(struct conf_error *e, const char *line)
{
	if (e->count++ >= LIMIT_CONF_MESSAGES)
		return ERR_CONF;
	size_t len = strlen(line);
	size_t separator = e->len > 0 ? 1 : 0;
	if (e->len + separator + len >= sizeof e->text)
		return ERR_CONF;
	if (separator != 0)
		e->text[e->len++] = '\n';
	memcpy(e->text + e->len, line, len + 1);
	e->len += len;
	return ERR_CONF;
}

PRINTF_LIKE(3, 0)
static int say(struct conf_error *e, struct conf_mark at, const char *fmt, va_list ap)
{
	char line[LIMIT_CONF_ERROR];
	int n;
	if (at.line == 0)
		n = snprintf(line, sizeof line, "%s: ", at.file);
	else if (at.column == 0)
		n = snprintf(line, sizeof line, "%s:%u: ", at.file, at.line);
	else
		n = snprintf(line, sizeof line, "%s:%u:%u: ", at.file, at.line, at.column);
	if (n < 0 || (size_t)n >= sizeof line) {
		e->count++;
		return ERR_CONF;
	}
	(void)vsnprintf(line + n, sizeof line - (size_t)n, fmt, ap);
	return conf_say_line(e, line);
}

int conf_error_say(struct conf_error *e, struct conf_mark at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int err = say(e, at, fmt, ap);
	va_end(ap);
	return err;
}

int conf_say(const struct conf_load *l, struct conf_mark at, const char *fmt, ...)
{
	va_list ap;
	at.file = at.file != NULL ? at.file : l->file;
	va_start(ap, fmt);
	int err = say(l->error, at, fmt, ap);
	va_end(ap);
	return err;
}

/* A configuration decides where readings go: no other user may write it. */
static int refuse_writable(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) && (st.st_mode & S_IWOTH) != 0 ? ERR_KEY : 0;
}

int conf_read_file(struct buf *dst, const char *path, size_t max, struct conf_error *error)
{
	buf_open(dst, max + 1);
	/* A pipe with a writer is read like a file; open() does not wait for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int err = fd < 0 || fcntl(fd, F_SETFL, 0) < 0 ? -errno : refuse_writable(fd);
	if (err == 0)
		err = file_read(dst, fd);
	/* Without a writer: no configuration, which differs from an empty one. */
	if (err == 0 && dst->len == 0 && lseek(fd, 0, SEEK_CUR) < 0)
		err = -ENODATA;
	if (fd >= 0 && close(fd) < 0 && err == 0)
		err = -errno;
	if (err == 0)
		return 0;
	buf_close(dst);
	struct conf_mark at = conf_in_file(path);
	if (err == ERR_KEY)
		return conf_error_say(error, at, "other users can write this file: chmod o-w it");
	if (err == ERR_LIMIT)
		return conf_error_say(error, at, "is larger than %zu bytes", max);
	return conf_error_say(error, at, "cannot be read: %s", err_text(err));
}
