/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/audit_files.h"

#include "engine/loop/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEX = 2 * AUDIT_DIGEST, HEAD_BYTES = 10 + 1 + 20 + 1 + HEX + 1 };

void audit_segment_path(char path[PATH_MAX], const char *dir, uint32_t segment)
{
	(void)snprintf(path, PATH_MAX, "%s/audit-%08u.log", dir, segment);
}

static void head_path(char path[PATH_MAX], const char *dir)
{
	(void)snprintf(path, PATH_MAX, "%s/audit.head", dir);
}

uint32_t audit_highest(const struct audit_head *known)
{
	return known->number == 0 || known->segment > UINT32_MAX - LIMIT_AUDIT_LEAD
		       ? UINT32_MAX
		       : known->segment + LIMIT_AUDIT_LEAD;
}

static void note_lowest(uint32_t *lowest, uint32_t segment)
{
	if (*lowest == 0 || segment < *lowest)
		*lowest = segment;
}

int audit_find_segments(struct audit_segments *ret, const char *dir, uint32_t from, uint32_t upto)
{
	struct dirent *entry;
	unsigned segment;
	int end;
	DIR *d = opendir(dir);
	*ret = (struct audit_segments){.oldest = 0};
	if (d == NULL)
		return -errno;
	while ((entry = readdir(d)) != NULL) {
		end = 0;
		if (sscanf(entry->d_name, "audit-%8u.log%n", &segment, &end) != 1 || end == 0 ||
			entry->d_name[end] != '\0' || segment == 0 || segment < from)
			continue;
		if (segment > upto) {
			note_lowest(&ret->foreign, segment);
			continue;
		}
		note_lowest(&ret->oldest, segment);
		if (segment > ret->newest)
			ret->newest = segment;
	}
	(void)closedir(d); /* only read from */
	return 0;
}

/* ---- audit.head ---- */

int audit_head_read(struct audit_head *h, int fd)
{
	char bytes[HEAD_BYTES + 1], digest[HEX + 1];
	*h = (struct audit_head){.segment = 0};
	ssize_t n = pread(fd, bytes, HEAD_BYTES, 0);
	if (n < 0)
		return -errno;
	bytes[n] = '\0';
	uintmax_t number;
	if (n != HEAD_BYTES ||
		sscanf(bytes, "%10u %20ju %64s", &h->segment, &number, digest) != 3 ||
		str_unhex(h->digest, sizeof h->digest, digest, strlen(digest)) != AUDIT_DIGEST)
		*h = (struct audit_head){.segment = 0};
	else
		h->number = number;
	return 0;
}

int audit_head_write(const struct audit_head *h, int fd)
{
	char bytes[HEAD_BYTES + 1], digest[HEX + 1];
	str_hex(digest, h->digest, AUDIT_DIGEST);
	(void)snprintf(
		bytes, sizeof bytes, "%010u %020ju %s\n", h->segment, (uintmax_t)h->number, digest);
	ssize_t n = pwrite(fd, bytes, HEAD_BYTES, 0);
	return n == HEAD_BYTES ? 0 : n < 0 ? -errno : -EIO;
}

int audit_open_file(const char *path, int flags)
{
	struct stat st;
	int fd = open(path, flags | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno == ELOOP || errno == EISDIR || errno == ENXIO ? ERR_KEY : -errno;
	int err = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : ERR_KEY;
	if (err < 0)
		(void)close(fd);
	return err < 0 ? err : fd;
}

int audit_head_lock(const char *dir, int flags, int how)
{
	char path[PATH_MAX];
	head_path(path, dir);
	int fd = audit_open_file(path, flags);
	if (fd < 0)
		return fd;
	while (flock(fd, how) < 0) {
		if (errno == EINTR)
			continue;
		int err = -errno;
		(void)close(fd);
		return err;
	}
	return fd;
}

/* ---- segments ---- */

int audit_read_segment(struct buf *bytes, int fd)
{
	/* A segment that was below its maximum before the last append. */
	buf_open(bytes, LIMIT_AUDIT_SEGMENT + (LIMIT_AUDIT_PENDING + 8) * LIMIT_AUDIT_LINE);
	return file_read(bytes, fd);
}

const char audit_too_long[] = "changed: the segment is longer than any that is written";
