/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/bad_line.h"

static void cut(struct line_way *way)
{
	way->is_cut = true;
	if (way->near.c != NULL)
		conn_abort(way->near.c);
	if (way->far.c != NULL)
		conn_abort(way->far.c);
}

/* How many of the bytes may pass. */
static size_t may_pass(struct line_way *way, bool is_up, size_t len)
{
	uint64_t limit = is_up ? way->line->cut_up : way->line->cut_down;
	uint64_t *passed = is_up ? &way->up : &way->down;
	if (way == way->line->ways && limit > 0 && *passed + len >= limit)
		return (size_t)(limit - 1 - *passed);
	*passed += len;
	return len;
}

static void flush(struct line_end *end)
{
	if (!end->is_open || end->c == NULL || end->out.len == 0)
		return;
	assert_int_equal(conn_write(end->c, end->out.data, end->out.len), 0);
}

static void on_open(void *owner)
{
	struct line_end *end = owner;
	end->is_open = true;
	flush(end);
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct line_end *end = owner;
	struct line_way *way = end->way;
	struct line_end *to = end->other;
	if (way->is_cut || to->c == NULL)
		return;
	size_t n = may_pass(way, end == &way->near, len);
	assert_int_equal(buf_put(&to->out, bytes, n), 0);
	conn_pause(end->c); /* until these have left */
	if (n < len)
		way->is_cut = true;
	if (to->out.len > 0)
		flush(to);
	else
		cut(way);
}

static void on_writable(void *owner)
{
	struct line_end *end = owner;
	buf_clear(&end->out);
	if (end->way->is_cut)
		cut(end->way);
	else if (end->other->c != NULL)
		conn_resume(end->other->c);
}

static void on_end(void *owner, int err, const char *why)
{
	struct line_end *end = owner;
	(void)err;
	(void)why;
	end->c = NULL;
	if (end->other->c != NULL && end->other->out.len > 0)
		conn_close(end->other->c);
	else if (end->other->c != NULL)
		conn_abort(end->other->c);
}

static const struct conn_events events = {on_open, on_bytes, on_writable, on_end};

static void end_open(struct line_end *end, struct line_way *way, struct line_end *other)
{
	end->way = way;
	end->other = other;
	buf_open(&end->out, 1u << 20);
}

static void on_accept(void *owner, struct conn *c)
{
	struct line *line = owner;
	assert_true(line->count < LINE_WAYS);
	struct line_way *way = &line->ways[line->count++];
	way->line = line;
	end_open(&way->near, way, &way->far);
	end_open(&way->far, way, &way->near);
	way->near.c = c;
	conn_set_owner(c, &events, &way->near);
	struct conn_target target = {
		.host = "127.0.0.1", .port = line->target, .connect_ms = LIMIT_CONNECT_MS};
	assert_int_equal(conn_connect(&way->far.c, line->loop, &target, &events, &way->far), 0);
}

void line_open(struct line *line, struct loop *loop, uint16_t target)
{
	struct listen_options o = {.address = "127.0.0.1", .fd = -1, .max_conns = LINE_WAYS};
	line->loop = loop;
	line->target = target;
	assert_int_equal(listener_open(&line->listener, loop, &o, on_accept, line), 0);
}

void line_no_more(struct line *line)
{
	if (line->listener != NULL)
		listener_close(line->listener);
	line->listener = NULL;
}

void line_close(struct line *line)
{
	for (unsigned i = 0; i < line->count; i++) {
		buf_close(&line->ways[i].near.out);
		buf_close(&line->ways[i].far.out);
	}
}
