/* SPDX-License-Identifier: Apache-2.0
 * A listening socket. At max_conns it leaves the next connection where it is: libuv then stops
 * asking the kernel, whose queue holds the rest, until a conn ends. */
#include "engine/loop/conn_internal.h"
#include "proto/base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

struct listener {
	union stream_handle handle;
	struct net *net;
	const struct tls *tls;
	listen_on_accept *on_accept;
	void *owner;
	size_t conns;
	size_t max_conns;
	uint16_t port;
	bool is_unix;
	bool is_waiting; /* a connection is there, but no room */
	struct due due;  /* to accept it later, when no end of a conn will make room */
	bool is_closing;
	bool is_closed;
};

static void free_if_done(struct listener *li)
{
	if (!li->is_closed || li->conns > 0)
		return;
	struct net *net = li->net;
	free(li);
	net_leave(net);
}

static void on_closed(uv_handle_t *handle)
{
	struct listener *li = handle->data;
	loop_refresh(li->net->loop);
	li->is_closed = true;
	free_if_done(li);
}

/* Accepts the connection that waits. A failure concerns that one only. */
static void accept_next(struct listener *li)
{
	struct conn *c;
	struct conn_target from = {.tls = li->tls, .port = li->port};
	int err = conn_new(&c, li->net->loop, &from, li->is_unix, false);
	if (err < 0) {
		/* No memory. libuv reports no other connection before this one is accepted. */
		li->is_waiting = true;
		uint64_t at_ms = loop_now_ms(li->net->loop) + LIMIT_ACCEPT_RETRY_MS;
		err = loop_due_set(li->net->loop, &li->due, at_ms);
		(void)err; /* no place for it: then when a conn ends */
		return;
	}
	c->state = CONN_HANDSHAKE;
	c->listener = li;
	li->conns++;
	err = uv_accept(&li->handle.stream, &c->handle.stream);
	if (err < 0) {
		conn_end(c, loop_uv_err(err), NULL);
		return;
	}
	conn_name_peer(c);
	conn_set_phase(c, loop_now_ms(li->net->loop) + LIMIT_CONNECT_MS);
	li->on_accept(li->owner, c);
	if (c->state == CONN_HANDSHAKE)
		conn_connected(c);
}

static void take_waiting(struct listener *li)
{
	if (!li->is_waiting || li->is_closing || li->conns >= li->max_conns)
		return;
	li->is_waiting = false;
	accept_next(li);
}

static void on_due(struct due *due)
{
	take_waiting(container_of(due, struct listener, due));
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct listener *li = stream->data;
	loop_refresh(li->net->loop);
	if (status < 0)
		return; /* e.g. EMFILE: libuv keeps listening, and the peer comes back */
	if (li->conns >= li->max_conns)
		li->is_waiting = true;
	else
		accept_next(li);
}

void listener_conn_gone(struct listener *li)
{
	li->conns--;
	take_waiting(li);
	free_if_done(li);
}

/* ---- opening ---- */

/* Removes a socket file without a listener (a crash leaves one). */
static int remove_stale(const struct sockaddr_un *name)
{
	struct stat st;
	if (lstat(name->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* connect() of a Unix socket returns at once: refused, or there is a listener. */
	int err = connect(fd, (const struct sockaddr *)name, sizeof *name) == 0 ? 0 : errno;
	(void)close(fd);
	if (err != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(name->sun_path) < 0 ? -errno : 0;
}

/* uv_pipe_bind calls a directory that is missing a lack of permission. */
static int check_dir_of(const char *path)
{
	char dir[sizeof((struct sockaddr_un){0}).sun_path];
	const char *slash = strrchr(path, '/');
	if (slash == NULL)
		return 0;
	(void)str_copy(dir, (size_t)(slash - path) + 2, path);
	return access(dir, F_OK) < 0 ? -errno : 0;
}

static int bind_unix(struct listener *li, const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	if (strlen(path) == 0 || strlen(path) >= sizeof name.sun_path)
		return -ENAMETOOLONG;
	(void)str_copy(name.sun_path, sizeof name.sun_path, path);
	int err = check_dir_of(path);
	if (err == 0)
		err = remove_stale(&name);
	if (err < 0)
		return err;
	if ((err = uv_pipe_bind(&li->handle.pipe, path)) < 0)
		return loop_uv_err(err);
	/* No connection is possible before it listens, so the mode is in time. */
	return chmod(path, 0660) < 0 ? -errno : 0;
}

static int bind_tcp(struct listener *li, const struct listen_options *o)
{
	union address a;
	int err;
	if (o->fd > STDERR_FILENO)
		return loop_uv_err(uv_tcp_open(&li->handle.tcp, o->fd));
	if (uv_ip4_addr(o->address, o->port, &a.in4) < 0 &&
		(err = uv_ip6_addr(o->address, o->port, &a.in6)) < 0)
		return loop_uv_err(err);
	return loop_uv_err(uv_tcp_bind(&li->handle.tcp, &a.any, 0));
}

static int learn_port(struct listener *li)
{
	union address a;
	int len = sizeof a;
	int err = uv_tcp_getsockname(&li->handle.tcp, &a.any, &len);
	if (err < 0)
		return loop_uv_err(err);
	li->port = ntohs(a.any.sa_family == AF_INET6 ? a.in6.sin6_port : a.in4.sin_port);
	return 0;
}

int listener_open(struct listener **ret, struct loop *l, const struct listen_options *o,
	listen_on_accept *on_accept, void *owner)
{
	const char *path = o->fd > STDERR_FILENO ? NULL : stream_unix_path(o->address);
	struct listener *li = calloc(1, sizeof *li);
	if (li == NULL)
		return -ENOMEM;
	int err = path != NULL && o->tls != NULL ? -EINVAL : net_enter(&li->net, l);
	if (err < 0)
		goto failed;
	li->tls = o->tls;
	due_init(&li->due, on_due);
	li->on_accept = on_accept;
	li->owner = owner;
	li->max_conns = o->max_conns;
	li->is_unix = path != NULL;
	err = stream_open(&li->handle, l, li->is_unix, li);
	if (err < 0) {
		err = loop_uv_err(err);
		net_leave(li->net);
		goto failed;
	}
	err = path != NULL ? bind_unix(li, path) : bind_tcp(li, o);
	if (err == 0)
		err = loop_uv_err(uv_listen(&li->handle.stream, BACKLOG, on_connection));
	if (err == 0 && path == NULL)
		err = learn_port(li);
	if (err < 0) {
		listener_close(li);
		return err;
	}
	*ret = li;
	return 0;
failed:
	free(li);
	return err;
}

uint16_t listener_port(const struct listener *li)
{
	return li->port;
}

void listener_close(struct listener *li)
{
	if (li == NULL || li->is_closing)
		return;
	li->is_closing = true;
	loop_due_clear(li->net->loop, &li->due);
	uv_close(&li->handle.any, on_closed);
}
