/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conf/secret.h"

#include "engine/core/err.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool is_under(const char *path, const char *dir)
{
	char real[PATH_MAX];
	if (dir == NULL || dir[0] == '\0' || realpath(dir, real) == NULL)
		return false;
	size_t n = strlen(real);
	return n > 1 && strncmp(path, real, n) == 0 && path[n] == '/';
}

/* Where the system, not the file's mode, keeps others away. */
static bool is_guarded(int fd, const char *path)
{
	struct statvfs fs;
	return is_under(path, getenv("CREDENTIALS_DIRECTORY")) || is_under(path, "/run/secrets") ||
	       (fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0);
}

static int check_open(int fd, const char *path, char *why, size_t why_cap)
{
	struct stat st;
	if (fstat(fd, &st) < 0) {
		int err = -errno;
		(void)snprintf(why, why_cap, "%s: %s", path, err_text(err));
		return err;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)snprintf(why, why_cap, "%s is not a regular file", path);
		return ERR_CONF;
	}
	if (is_guarded(fd, path))
		return 0;
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		(void)snprintf(why, why_cap,
			"%s belongs to user %u, who could read or change it: chown it to the user "
			"that runs this program",
			path, (unsigned)st.st_uid);
		return ERR_CONF;
	}
	if ((st.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) != 0) {
		(void)snprintf(why, why_cap,
			"%s has mode %04o, so that others can read or change it: chmod 0600 it",
			path, (unsigned)(st.st_mode & 07777));
		return ERR_CONF;
	}
	return 0;
}

/* The open file, or an error with its sentence. */
static int open_checked(const char *path, char *why, size_t why_cap)
{
	char real[PATH_MAX];
	/* Links are followed once, here, so that what is checked is what is opened. */
	int fd = realpath(path, real) == NULL
			 ? -1
			 : open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		int err = -errno;
		(void)snprintf(why, why_cap, "%s cannot be read: %s", path, err_text(err));
		return err;
	}
	int err = check_open(fd, real, why, why_cap);
	if (err < 0) {
		(void)close(fd);
		return err;
	}
	return fd;
}

int secret_check_file(const char *path, char *why, size_t why_cap)
{
	int fd = open_checked(path, why, why_cap);
	if (fd < 0)
		return fd;
	return close(fd) < 0 ? -errno : 0;
}

static int take(struct secret *s, const char *bytes, size_t len, const char **ret_reason)
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

int secret_read(struct secret *s, const char *path, char *why, size_t why_cap)
{
	secret_wipe(s);
	int fd = open_checked(path, why, why_cap);
	if (fd < 0)
		return fd;
	char bytes[LIMIT_PASSWORD + 3]; /* CR, LF, and one that tells "more" */
	size_t len = 0;
	ssize_t n = 1;
	while (len < sizeof bytes && n > 0) {
		n = read(fd, bytes + len, sizeof bytes - len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			len += (size_t)n;
	}
	int err = n < 0 ? -errno : 0;
	(void)close(fd);
	const char *reason = NULL;
	if (err == 0)
		err = take(s, bytes, len, &reason);
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
