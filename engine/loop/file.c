/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

int file_read(struct buf *dst, int fd)
{
	for (;;) {
		int err = buf_reserve(dst, 1);
		if (err < 0)
			return err == ERR_FULL ? ERR_LIMIT : err;
		ssize_t n = read(fd, dst->data + dst->len, dst->cap - dst->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		dst->len += (size_t)n;
	}
}

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
	return is_under(path, secure_getenv("CREDENTIALS_DIRECTORY")) ||
	       is_under(path, "/run/secrets") ||
	       (fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0);
}

/* The required kind and mode of a file or folder. */
struct demand {
	mode_t kind;      /* S_IFREG or S_IFDIR */
	mode_t forbidden; /* bits of its mode */
	const char *kind_name;
	const char *risk; /* what others could do */
	const char *cure;
};

static int check_open(int fd, const char *path, const struct demand *d, char *why, size_t why_cap)
{
	struct stat st;
	if (fstat(fd, &st) < 0) {
		int err = -errno;
		(void)snprintf(why, why_cap, "%s: %s", path, err_text(err));
		return err;
	}
	if ((st.st_mode & S_IFMT) != d->kind) {
		(void)snprintf(why, why_cap, "%s is not a %s", path, d->kind_name);
		return ERR_KEY;
	}
	if (is_guarded(fd, path))
		return 0;
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		(void)snprintf(why, why_cap,
			"%s belongs to user %u, who could %s it: chown it to the user "
			"that runs this program",
			path, (unsigned)st.st_uid, d->risk);
		return ERR_KEY;
	}
	if ((st.st_mode & d->forbidden) != 0) {
		(void)snprintf(why, why_cap,
			"%s has mode %04o, so that others can %s it: chmod %s it", path,
			(unsigned)(st.st_mode & 07777), d->risk, d->cure);
		return ERR_KEY;
	}
	return 0;
}

static int open_checked(const char *path, const struct demand *d, char *why, size_t why_cap)
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
	int err = check_open(fd, real, d, why, why_cap);
	if (err < 0) {
		(void)close(fd);
		return err;
	}
	return fd;
}

static const struct demand private = {.kind = S_IFREG,
	.forbidden = S_IRWXO | S_IWGRP | S_IXGRP,
	.kind_name = "regular file",
	.risk = "read or change",
	.cure = "0600"};

int file_open_private(const char *path, char *why, size_t why_cap)
{
	return open_checked(path, &private, why, why_cap);
}

int file_open_regular(const char *path, char *why, size_t why_cap)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		int err = -errno;
		(void)snprintf(why, why_cap, "%s cannot be read: %s", path, err_text(err));
		return err;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	(void)snprintf(why, why_cap, "%s is not a regular file", path);
	(void)close(fd);
	return ERR_KEY;
}

int file_check_private(int fd, const char *path, char *why, size_t why_cap)
{
	return check_open(fd, path, &private, why, why_cap);
}

int file_open_trusted(const char *path, bool is_dir, char *why, size_t why_cap)
{
	const struct demand trusted = {.kind = is_dir ? S_IFDIR : S_IFREG,
		.forbidden = S_IWOTH | S_IWGRP,
		.kind_name = is_dir ? "folder" : "regular file",
		.risk = "change",
		.cure = "go-w"};
	return open_checked(path, &trusted, why, why_cap);
}

int file_write(int fd, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_replace(const char *path, const void *bytes, size_t len)
{
	char fresh[PATH_MAX];
	if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
		return -ENAMETOOLONG;
	(void)unlink(fresh); /* of a start that was cut off; usually there is none */
	int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	int err = fchmod(fd, 0600) < 0 ? -errno : file_write(fd, bytes, len);
	if (err == 0 && fsync(fd) < 0)
		err = -errno;
	if (close(fd) < 0 && err == 0)
		err = -errno;
	if (err == 0 && rename(fresh, path) < 0)
		err = -errno;
	if (err < 0)
		(void)unlink(fresh);
	return err;
}

/* By it a file without a name gets one; a container may lack it. */
#define OPEN_FILES "/proc/self/fd"

int file_new(const char *path)
{
	char dir[PATH_MAX];
	struct stat st;
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	if (len >= sizeof dir)
		return -ENAMETOOLONG;
	if (lstat(path, &st) == 0)
		return -EEXIST;
	if (errno != ENOENT || path[len] == '\0') /* it would never get its name */
		return -errno;
	(void)snprintf(dir, sizeof dir, "%.*s", (int)len, path);
	bool can_name_it = access(OPEN_FILES, F_OK) == 0;
	int fd = can_name_it ? open(len > 0 ? dir : ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600)
			     : -1;
	/* EISDIR: a kernel that does not know the flag. */
	if (fd < 0 && (!can_name_it || errno == EOPNOTSUPP || errno == EISDIR))
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static bool has_name(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

int file_name_it(int fd, const char *path)
{
	char link[64];
	if (has_name(fd))
		return 0;
	(void)snprintf(link, sizeof link, OPEN_FILES "/%d", fd);
	return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

void file_drop(int fd, const char *path)
{
	if (has_name(fd))
		(void)unlink(path);
}

int file_sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int err = fsync(fd) < 0 ? -errno : 0;
	(void)close(fd); /* only read from */
	return err;
}
