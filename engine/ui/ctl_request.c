/* SPDX-License-Identifier: Apache-2.0
 * A verb's side of the control socket: one line out, one line back, blocking. */
#include "engine/ui/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* How long a verb waits for the daemon, in seconds. */
enum { RESPONSE_S = 30 };

static int dial(const char *dir, unsigned wait_s)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int n = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", dir, CTL_FILE);
	if (n < 0 || (size_t)n >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	struct timeval wait = {.tv_sec = (time_t)wait_s};
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) < 0 ||
		connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
		/* EAGAIN: the queue of connections is full and nothing accepts. */
		int err = errno == EAGAIN ? ERR_TIMEOUT : -errno;
		(void)close(fd);
		return err;
	}
	return fd;
}

static int send_all(int fd, const struct buf *line)
{
	size_t sent = 0;
	while (sent < line->len) {
		ssize_t n = send(fd, line->data + sent, line->len - sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? ERR_TIMEOUT : -errno;
		sent += (size_t)n;
	}
	return 0;
}

/* Up to the newline, which is not counted. */
static int receive_line(int fd, char *dst, size_t cap)
{
	size_t len = 0;
	for (;;) {
		ssize_t n = recv(fd, dst + len, cap - len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? ERR_TIMEOUT : -errno;
		if (n == 0)
			return ERR_CLOSED;
		const char *newline = memchr(dst + len, '\n', (size_t)n);
		if (newline != NULL)
			return (int)(newline - dst);
		len += (size_t)n;
		if (len == cap)
			return ERR_LIMIT;
	}
}

int ctl_request_within(
	const char *dir, const struct buf *line, unsigned wait_s, char *why, size_t why_cap)
{
	char bytes[LIMIT_CTL_LINE];
	struct ctl_line response;
	int fd = dial(dir, wait_s);
	if (fd < 0) {
		(void)snprintf(why, why_cap, "%s/%s: %s", dir, CTL_FILE, err_text(fd));
		return fd;
	}
	int n = send_all(fd, line);
	if (n == 0)
		n = receive_line(fd, bytes, sizeof bytes);
	(void)close(fd);
	int err = n < 0 ? n : ctl_line_read(&response, bytes, (size_t)n);
	if (err < 0) {
		(void)snprintf(
			why, why_cap, "%s/%s: no response: %s", dir, CTL_FILE, err_text(err));
		/* -ENOENT and -ECONNREFUSED mean that no program listens; here one did. */
		return err == -ENOENT || err == -ECONNREFUSED ? ERR_CLOSED : err;
	}
	const char *error = ctl_line_get(&response, "error");
	bool is_refused = *error != '\0';
	(void)str_copy(why, why_cap, is_refused ? error : ctl_line_get(&response, "ok"));
	return is_refused ? ERR_FORBIDDEN : 0;
}

int ctl_request(const char *dir, const struct buf *line, char *why, size_t why_cap)
{
	return ctl_request_within(dir, line, RESPONSE_S, why, why_cap);
}
