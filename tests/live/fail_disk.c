/* SPDX-License-Identifier: Apache-2.0
 * Loaded before a program's libraries (LD_PRELOAD), it makes the disk fail while the file FAIL_DISK
 * exists: each write, flush and change of length of a file below FAIL_DISK_DIR returns the errno
 * that FAIL_DISK holds as a decimal number, and no file can be made there. The first one makes the
 * file FAIL_DISK.hit, whose time a test compares with the report of the failure. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* The errno, or 0. */
static int failure(void)
{
	char text[16];
	const char *path = getenv("FAIL_DISK");
	int fd = path == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t n = read(fd, text, sizeof text - 1);
	(void)syscall(SYS_close, fd);
	text[n > 0 ? n : 0] = '\0';
	return atoi(text);
}

static int is_below(const char *path)
{
	const char *dir = getenv("FAIL_DISK_DIR");
	return dir != NULL && strncmp(path, dir, strlen(dir)) == 0;
}

static void note_failure(void)
{
	char path[4096];
	(void)snprintf(path, sizeof path, "%s.hit", getenv("FAIL_DISK"));
	int fd = (int)syscall(
		SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)syscall(SYS_close, fd);
}

static int fails_at(const char *path)
{
	int err = is_below(path) ? failure() : 0;
	if (err != 0)
		note_failure();
	if (err != 0)
		errno = err;
	return err != 0;
}

static int fails(int fd)
{
	char link[64], path[4096];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	return fails_at(path);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return fails(fd) ? -1 : (ssize_t)syscall(SYS_write, fd, bytes, len);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return fails(fd) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	return fails(fd) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, bytes, len, at);
}

int fsync(int fd)
{
	return fails(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fails(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t len)
{
	return fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

static int open_any(const char *path, int flags, mode_t mode)
{
	if ((flags & O_CREAT) != 0 && access(path, F_OK) < 0 && fails_at(path))
		return -1;
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	va_start(ap, flags);
	mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list ap;
	va_start(ap, flags);
	mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_any(path, flags | O_LARGEFILE, mode);
}
