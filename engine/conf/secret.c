/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conf/secret.h"

#include "proto/base/err.h"
#include "engine/loop/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int parse(struct secret *s, const char *bytes, size_t len, const char **ret_reason)
{
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	if (len > 0 && bytes[len - 1] == '\r')
		len--;
	*ret_reason = NULL;
	if (len == 0)
		*ret_reason = "is empty";
	else if (len > LIMIT_PASSWORD)
		*ret_reason = "holds more bytes than a secret may have";
	else if (memchr(bytes, '\n', len) != NULL)
		*ret_reason = "holds more than one line";
	else if (memchr(bytes, '\0', len) != NULL)
		*ret_reason = "holds a NUL byte";
	if (*ret_reason != NULL)
		return ERR_CONF;
	s->len = len;
	memcpy(s->bytes, bytes, len);
	s->bytes[len] = '\0';
	return 0;
}

const char *secret_env_of(const char *path)
{
	return strncmp(path, "env:", 4) == 0 ? path + 4 : NULL;
}

int secret_read_env(struct secret *s, const char *name, char *why, size_t why_cap)
{
	secret_wipe(s);
	const char *value = getenv(name), *reason = "is not set";
	int err = value != NULL ? parse(s, value, strlen(value), &reason) : ERR_CONF;
	if (err < 0)
		(void)snprintf(why, why_cap, "the environment variable %s %s", name, reason);
	return err;
}

int secret_read(struct secret *s, const char *path, char *why, size_t why_cap)
{
	secret_wipe(s);
	int fd = file_open_private(path, why, why_cap);
	if (fd < 0)
		return fd == ERR_KEY ? ERR_CONF : fd;
	char bytes[LIMIT_PASSWORD + 3]; /* CR, LF, and one that shows that there is more */
	struct buf b;
	buf_over(&b, bytes, sizeof bytes);
	int err = file_read(&b, fd);
	(void)close(fd);
	const char *reason = NULL;
	if (err == 0 || err == ERR_LIMIT)
		err = parse(s, bytes, b.len, &reason);
	if (err < 0)
		(void)snprintf(
			why, why_cap, "%s %s", path, reason != NULL ? reason : err_text(err));
	explicit_bzero(bytes, sizeof bytes);
	return err;
}

void secret_wipe(struct secret *s)
{
	explicit_bzero(s, sizeof *s);
}
