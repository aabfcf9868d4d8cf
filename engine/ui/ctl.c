/* SPDX-License-Identifier: Apache-2.0
 * The daemon's side of the control socket. */
#include "engine/ui/ctl.h"

#include "proto/base/list.h"
#include "proto/base/log.h"
#include "engine/loop/conn.h"
#include "engine/loop/listen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Milliseconds to receive a line, and to send the response. */
enum { SESSION_MS = 10000 };

struct ctl_session {
	struct list node; /* ctl.sessions */
	struct ctl *ctl;
	struct conn *conn; /* NULL: closed; the response is still pending */
	bool is_pending;   /* the owner has a line to respond to */
	size_t len;        /* of the line under way */
	char in[LIMIT_CTL_LINE];
	struct buf out;
	uint8_t out_bytes[LIMIT_CTL_LINE];
};

struct ctl {
	struct loop *loop;
	struct listener *listener;
	ctl_on_line *on_line;
	void *owner;
	struct list sessions;
	struct workers *workers;
	struct worker_job closing; /* so that on_closed never comes inside ctl_close */
	bool is_closing;
	bool is_closing_over;
	void (*on_closed)(void *owner);
	void *closed_owner;
	struct ctl_line line;
};

static void try_finish(struct ctl *c)
{
	if (!c->is_closing || !c->is_closing_over || !list_is_empty(&c->sessions))
		return;
	void (*on_closed)(void *owner) = c->on_closed;
	void *owner = c->closed_owner;
	free(c);
	on_closed(owner);
}

static void free_session(struct ctl_session *s)
{
	struct ctl *c = s->ctl;
	list_remove(&s->node);
	free(s);
	try_finish(c);
}

static void set_deadline(struct ctl_session *s)
{
	conn_set_deadline(s->conn, loop_now_ms(s->ctl->loop) + SESSION_MS);
}

static void on_open(void *owner)
{
	set_deadline(owner);
}

/* One whole line is in s->in. */
static void handle_line(struct ctl_session *s, size_t len)
{
	struct ctl *c = s->ctl;
	conn_pause(s->conn);
	conn_set_deadline(s->conn, 0); /* the owner's work has its own end */
	s->is_pending = true;
	if (ctl_line_read(&c->line, s->in, len) < 0)
		ctl_respond(s, false, "a line must be one flat JSON object of strings");
	else
		c->on_line(c->owner, s, &c->line);
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct ctl_session *s = owner;
	if (s->is_pending)
		return; /* paused; what was sent ahead is dropped */
	const uint8_t *newline = memchr(bytes, '\n', len);
	size_t n = newline == NULL ? len : (size_t)(newline - bytes);
	if (n > sizeof s->in - s->len) {
		conn_pause(s->conn);
		ctl_respond(s, false, "the line is too long");
		return;
	}
	memcpy(s->in + s->len, bytes, n);
	s->len += n;
	if (newline != NULL)
		handle_line(s, s->len);
}

static void on_writable(void *owner)
{
	struct ctl_session *s = owner;
	conn_close(s->conn); /* one line a session */
}

static void on_end(void *owner, int err, const char *why)
{
	struct ctl_session *s = owner;
	if (err < 0 && err != ERR_STOPPED)
		log_line(LOG_INFO, "ctl", "err=%s why=\"%s\"", err_text(err), why);
	s->conn = NULL;
	if (!s->is_pending)
		free_session(s);
}

static const struct conn_events events = {
	.on_open = on_open, .on_bytes = on_bytes, .on_writable = on_writable, .on_end = on_end};

static void on_accept(void *owner, struct conn *conn)
{
	struct ctl *c = owner;
	struct ctl_session *s = c->is_closing ? NULL : calloc(1, sizeof *s);
	if (s == NULL) {
		conn_abort(conn);
		return;
	}
	s->ctl = c;
	s->conn = conn;
	list_init(&s->node);
	list_push(&c->sessions, &s->node);
	buf_over(&s->out, s->out_bytes, sizeof s->out_bytes);
	conn_set_owner(conn, &events, s);
}

const char *ctl_user(const struct ctl_session *s, char dst[LIMIT_AUDIT_WHO])
{
	unsigned uid;
	int err = s->conn == NULL ? ERR_STOPPED : conn_peer_uid(s->conn, &uid);
	if (err < 0)
		(void)snprintf(dst, LIMIT_AUDIT_WHO, "user unknown (%s)", err_text(err));
	else
		(void)snprintf(dst, LIMIT_AUDIT_WHO, "user %u", uid);
	return dst;
}

void ctl_respond(struct ctl_session *s, bool is_ok, const char *text)
{
	s->is_pending = false;
	if (s->conn == NULL) {
		free_session(s);
		return;
	}
	set_deadline(s);
	const struct ctl_field field = {is_ok ? "ok" : "error", text};
	int err = ctl_line_write(&s->out, &field, 1);
	if (err == 0)
		err = conn_write(s->conn, s->out.data, s->out.len);
	if (err < 0)
		conn_abort(s->conn);
}

static void on_closing(struct worker_job *job, int result)
{
	struct ctl *c = container_of(job, struct ctl, closing);
	(void)result;
	c->is_closing_over = true;
	try_finish(c);
}

int ctl_open(struct ctl **ret, struct loop *l, struct workers *workers, const char *dir,
	ctl_on_line *on_line, void *owner)
{
	char address[LIMIT_TEXT_LONG];
	int n = snprintf(address, sizeof address, "unix:%s/%s", dir, CTL_FILE);
	if (n < 0 || (size_t)n >= sizeof address)
		return ERR_FULL;
	struct ctl *c = calloc(1, sizeof *c);
	if (c == NULL)
		return -ENOMEM;
	c->loop = l;
	c->workers = workers;
	c->on_line = on_line;
	c->owner = owner;
	list_init(&c->sessions);
	struct listen_options o = {.address = address, .fd = -1, .max_conns = CTL_SESSIONS};
	int err = listener_open(&c->listener, l, &o, on_accept, c);
	if (err < 0) {
		free(c);
		return err;
	}
	*ret = c;
	return 0;
}

void ctl_close(struct ctl *c, void (*on_closed)(void *owner), void *owner)
{
	c->is_closing = true;
	c->on_closed = on_closed;
	c->closed_owner = owner;
	listener_close(c->listener);
	for (struct list *at = c->sessions.next; at != &c->sessions; at = at->next) {
		struct ctl_session *s = container_of(at, struct ctl_session, node);
		if (s->conn != NULL && !s->is_pending)
			conn_close(s->conn);
	}
	worker_start(c->workers, WORKER_READ, &c->closing, NULL, on_closing);
}
