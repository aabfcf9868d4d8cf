/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/control.h"

#include "proto/base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
	int fd; /* -1: free */
	struct buf in, out;
	bool is_ending; /* closed once `out` is written */
};

struct control {
	struct responder *responder;
	struct net *net;
	int epoll, listener;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client client[CONTROL_CLIENTS];
};

static int fail(char why[LIMIT_WHY], const char *what)
{
	int err = -errno;
	snprintf(why, LIMIT_WHY, "control socket: %s: %s", what, strerror(-err));
	return err;
}

/* Removes an existing path only if it is a socket without a listener. */
static int clear_path(const struct sockaddr_un *at, char why[LIMIT_WHY])
{
	struct stat st;
	if (lstat(at->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : fail(why, "lstat");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(why, "socket");
	int got = S_ISSOCK(st.st_mode) ? connect(fd, (const struct sockaddr *)at, sizeof *at) : 0;
	bool is_crashed = got < 0 && errno == ECONNREFUSED;
	close(fd);
	if (!is_crashed) {
		errno = EEXIST;
		return fail(why, "path");
	}
	return unlink(at->sun_path) < 0 ? fail(why, "unlink") : 0;
}

static int listen_at(struct control *c, const char *path, char why[LIMIT_WHY])
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof at.sun_path) {
		errno = ENAMETOOLONG;
		return fail(why, "path");
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	int err = clear_path(&at, why);
	if (err < 0)
		return err;
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->listener < 0)
		return fail(why, "socket");
	mode_t before = umask(0177);
	int bound = bind(c->listener, (struct sockaddr *)&at, sizeof at);
	umask(before);
	if (bound < 0)
		return fail(why, "bind");
	memcpy(c->path, at.sun_path, sizeof c->path);
	if (listen(c->listener, CONTROL_CLIENTS) < 0)
		return fail(why, "listen");
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = CONTROL_CLIENTS};
	return epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->listener, &ev) < 0 ? fail(why, "epoll_ctl")
									: 0;
}

struct control *control_open(
	const char *path, struct responder *a, struct net *n, char why[LIMIT_WHY])
{
	struct control *c = calloc(1, sizeof *c);
	if (c == NULL) {
		snprintf(why, LIMIT_WHY, "out of memory");
		return NULL;
	}
	c->responder = a;
	c->net = n;
	c->listener = -1;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		c->client[i].fd = -1;
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	int err = c->epoll < 0 ? fail(why, "epoll_create1") : listen_at(c, path, why);
	if (err < 0) {
		control_close(c);
		return NULL;
	}
	return c;
}

static void end_client(struct client *k)
{
	close(k->fd);
	k->fd = -1;
	buf_close(&k->in);
	buf_close(&k->out);
}

void control_close(struct control *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->client[i].fd >= 0)
			end_client(&c->client[i]);
	if (c->listener >= 0)
		close(c->listener);
	if (c->path[0] != '\0')
		unlink(c->path);
	if (c->epoll >= 0)
		close(c->epoll);
	free(c);
}

int control_fd(const struct control *c)
{
	return c->epoll;
}

static void accept_one(struct control *c)
{
	int fd = accept4(c->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	uint32_t i = 0;
	while (i < CONTROL_CLIENTS && c->client[i].fd >= 0)
		i++;
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = i};
	if (i == CONTROL_CLIENTS || epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		close(fd);
		return;
	}
	struct client *k = &c->client[i];
	k->fd = fd;
	k->is_ending = false;
	buf_open(&k->in, CONTROL_LINE);
	buf_open(&k->out, CONTROL_OUT);
}

static int put_json(const char *bytes, size_t len, void *out)
{
	return buf_put(out, bytes, len) < 0 ? -1 : 0;
}

static bool run_line(struct control *c, struct client *k, const char *line, size_t len)
{
	bool quit = false;
	size_t before = k->out.len;
	json_t *response = command_run(c->responder, c->net, line, len, &quit);
	if (json_dump_callback(response, put_json, &k->out, JSON_COMPACT) < 0 ||
		buf_put(&k->out, "\n", 1) < 0) {
		k->out.len = before;
		static const char full[] =
			"{\"ok\":false,\"error\":\"the response is too long\"}\n";
		k->is_ending = buf_put(&k->out, full, sizeof full - 1) < 0;
	}
	json_decref(response);
	return quit;
}

/* Writes `out` as far as possible. True if a part is left. */
static bool write_some(struct client *k)
{
	while (k->out.len > 0) {
		ssize_t n = send(k->fd, k->out.data, k->out.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			k->is_ending = true;
		if (n <= 0)
			return true;
		buf_drop(&k->out, (size_t)n);
	}
	return false;
}

/* Runs the complete lines of `in` while the client reads its responses. */
static bool serve_lines(struct control *c, struct client *k)
{
	size_t at = 0;
	bool quit = false;
	while (!quit && !k->is_ending && k->out.len < CONTROL_OUT / 4) {
		const uint8_t *end =
			k->in.len > at ? memchr(k->in.data + at, '\n', k->in.len - at) : NULL;
		if (end == NULL)
			break;
		size_t len = (size_t)(end - (k->in.data + at));
		quit = run_line(c, k, (const char *)k->in.data + at, len);
		at += len + 1;
	}
	buf_drop(&k->in, at);
	return quit;
}

static bool work_client(struct control *c, struct client *k)
{
	bool is_behind = write_some(k);
	bool quit = false;
	if (!is_behind && buf_reserve(&k->in, 1) == 0) {
		size_t room = k->in.max - k->in.len < 65536 ? k->in.max - k->in.len : 65536;
		ssize_t n = 0;
		if (buf_reserve(&k->in, room) == 0)
			n = recv(k->fd, k->in.data + k->in.len, room, 0);
		if (n > 0)
			k->in.len += (size_t)n;
		else if (n == 0 || errno != EAGAIN)
			k->is_ending = true;
	}
	bool has_line = true;
	while (!is_behind && !quit && has_line && !k->is_ending) {
		quit = serve_lines(c, k);
		is_behind = write_some(k);
		has_line = k->in.len > 0 && memchr(k->in.data, '\n', k->in.len) != NULL;
	}
	if (k->in.len == k->in.max) {
		static const char much[] = "{\"ok\":false,\"error\":\"the line is too long\"}\n";
		if (send(k->fd, much, sizeof much - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			is_behind = false; /* the client does not read */
		k->is_ending = true;
	}
	if (k->is_ending) {
		end_client(k);
		return quit;
	}
	struct epoll_event ev = {
		.events = is_behind ? EPOLLOUT : EPOLLIN, .data.u32 = (uint32_t)(k - c->client)};
	if (epoll_ctl(c->epoll, EPOLL_CTL_MOD, k->fd, &ev) < 0)
		end_client(k);
	return quit;
}

bool control_work(struct control *c)
{
	struct epoll_event ev[CONTROL_CLIENTS + 1];
	bool quit = false;
	int n = epoll_wait(c->epoll, ev, CONTROL_CLIENTS + 1, 0);
	for (int i = 0; i < n; i++) {
		if (ev[i].data.u32 == CONTROL_CLIENTS)
			accept_one(c);
		else if (c->client[ev[i].data.u32].fd >= 0)
			quit = work_client(c, &c->client[ev[i].data.u32]) || quit;
	}
	return quit;
}
