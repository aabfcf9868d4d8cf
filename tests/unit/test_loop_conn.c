/* SPDX-License-Identifier: Apache-2.0
 * Conns, plain and TLS alike: echo, back-pressure, deadlines, the end in every state. */
#include "tests/kit/loop_ways.h"

#include <errno.h>

/* ---- echo: the client writes 1 MiB, the server sends it back when it has all ---- */

static void write_pattern(struct side *s)
{
	assert_int_equal(conn_write(s->c, pattern, MIB), 0);
	assert_int_equal(conn_write(s->c, pattern, 1), ERR_BUSY);
	assert_int_equal(s->writables, 0);
}

static void echo_when_whole(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	if (s->in.len == MIB)
		assert_int_equal(conn_write(s->c, s->in.data, s->in.len), 0);
}

static void close_when_whole(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	if (s->in.len != MIB)
		return;
	conn_close(s->c);
	conn_close(s->c);
	assert_int_equal(conn_write(s->c, pattern, 1), ERR_STOPPED);
}

static void test_echo(enum way way)
{
	struct world w;
	struct side client = {
		.on_open = write_pattern, .on_bytes = close_when_whole, .on_end = side_ends_all};
	open_way(&w, way);
	w.script.on_bytes = echo_when_whole;
	listen_way(&w, way);
	dial_way(&w, &client, way);
	world_run(&w);
	assert_int_equal(client.opens, 1);
	assert_int_equal(client.err, ERR_STOPPED);
	assert_int_equal(client.writables, 1);
	assert_int_equal(client.in.len, MIB);
	assert_memory_equal(client.in.data, pattern, MIB);
	assert_int_equal(w.accepted, 1);
	assert_int_equal(w.server[0].err, 0);
	assert_int_equal(w.server[0].in.len, MIB);
	assert_int_equal(w.server[0].writables, 1);
	side_close(&client);
	world_close(&w);
}

/* ---- back-pressure: the server pauses after each piece and resumes by a deadline; nothing may
 * come in between ---- */

static bool is_held;
static unsigned holds;

static void let_go(struct due *due)
{
	struct side *s = container_of(due, struct side, due);
	is_held = false;
	conn_resume(s->c);
	assert_false(is_held);
}

static void hold(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	assert_false(is_held);
	if (s->in.len == sizeof pattern)
		return;
	/* At first after every piece, then now and then, so that the rest goes fast. */
	if (holds < 200 || holds % 16 == 0) {
		is_held = true;
		conn_pause(s->c);
		due_init(&s->due, let_go);
		assert_int_equal(loop_due_set(s->w->loop, &s->due, loop_now_ms(s->w->loop)), 0);
	}
	holds++;
}

static void write_much(struct side *s)
{
	assert_int_equal(conn_write(s->c, pattern, sizeof pattern), 0);
}

static void test_back_pressure(enum way way)
{
	struct world w;
	struct side client = {
		.on_open = write_much, .on_writable = close_side, .on_end = side_ends_all};
	is_held = false;
	holds = 0;
	open_way(&w, way);
	w.script.on_bytes = hold;
	listen_way(&w, way);
	dial_way(&w, &client, way);
	world_run(&w);
	assert_int_equal(client.err, ERR_STOPPED);
	assert_int_equal(w.server[0].err, 0);
	assert_int_equal(w.server[0].in.len, sizeof pattern);
	assert_memory_equal(w.server[0].in.data, pattern, sizeof pattern);
	assert_true(holds > 100);
	side_close(&client);
	world_close(&w);
}

/* A server that never reads: the client's write does not end, its deadline does. */
static void write_with_deadline(struct side *s)
{
	conn_set_deadline(s->c, loop_now_ms(s->w->loop) + 50);
	assert_int_equal(conn_write(s->c, pattern, sizeof pattern), 0);
}

static void abort_server(struct side *s)
{
	conn_abort(s->w->server[0].c);
	world_no_more(s->w);
}

static void test_never_read(enum way way)
{
	struct world w;
	struct side client = {.on_open = write_with_deadline, .on_end = abort_server};
	open_way(&w, way);
	w.script.on_open = pause_side;
	listen_way(&w, way);
	dial_way(&w, &client, way);
	world_run(&w);
	assert_int_equal(client.err, ERR_TIMEOUT);
	assert_int_equal(client.writables, 0);
	assert_int_equal(w.server[0].in.len, 0);
	assert_int_equal(w.server[0].err, ERR_STOPPED);
	side_close(&client);
	world_close(&w);
}

/* ---- the end ---- */

/* A goodbye behind 1 MiB: the peer gets every byte, also when it answers nothing and reads late. */
static void write_and_close(struct side *s)
{
	assert_int_equal(conn_write(s->c, pattern, MIB), 0);
	conn_close(s->c);
}

static void test_close_keeps_bytes(enum way way)
{
	struct world w;
	struct side client = {.on_open = write_and_close, .on_end = side_ends_all};
	open_way(&w, way);
	listen_way(&w, way);
	dial_way(&w, &client, way);
	world_run(&w);
	assert_int_equal(client.err, ERR_STOPPED);
	assert_int_equal(client.writables, 0);
	assert_int_equal(w.server[0].in.len, MIB);
	assert_int_equal(w.server[0].err, 0);
	side_close(&client);
	world_close(&w);
}

static void abort_side(struct side *s)
{
	conn_abort(s->c);
	conn_abort(s->c);
	conn_close(s->c);
	assert_int_equal(s->ends, 0);
	assert_int_equal(conn_write(s->c, pattern, 1), ERR_STOPPED);
}

static void abort_on_bytes(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	abort_side(s);
}

/* The client aborts: at once, on open, on writable; the server on accept, on bytes. */
static void test_abort(enum way way)
{
	for (int where = 0; where < 6; where++) {
		struct world w;
		struct side client = {.on_open = write_pattern, .on_end = side_ends_all};
		open_way(&w, way);
		listen_way(&w, way);
		if (where == 1)
			client.on_open = abort_side;
		if (where == 2)
			client.on_writable = abort_side;
		if (where == 3)
			w.on_accept = abort_side;
		if (where == 4)
			w.script.on_bytes = abort_on_bytes;
		if (where == 5)
			w.script.on_open = abort_side;
		if (where == 2)
			w.script.on_bytes = NULL;
		dial_way(&w, &client, way);
		if (where == 0)
			abort_side(&client);
		world_run(&w);
		assert_int_equal(client.ends, 1);
		if (where <= 2)
			assert_int_equal(client.err, ERR_STOPPED);
		else
			assert_int_equal(w.server[0].err, ERR_STOPPED);
		if (way == TLS && where == 1)
			assert_true(
				w.server[0].err == ERR_CLOSED || w.server[0].err == -ECONNRESET);
		side_close(&client);
		world_close(&w);
	}
}

/* The server goes without a goodbye: with TLS that is not a clean end. */
static void test_unclean(enum way way)
{
	struct world w;
	struct side client = {.on_end = side_ends_all};
	open_way(&w, way);
	w.script.on_open = abort_side;
	listen_way(&w, way);
	dial_way(&w, &client, way);
	world_run(&w);
	assert_int_equal(client.err, way == TLS ? ERR_CLOSED : 0);
	side_close(&client);
	world_close(&w);
}

static void expire_soon(struct side *s)
{
	conn_set_deadline(s->c, loop_now_ms(s->w->loop) + 1);
	conn_set_deadline(s->c, 0);
	conn_set_deadline(s->c, loop_now_ms(s->w->loop) + 10);
}

static void test_deadline(enum way way)
{
	struct world w;
	struct side client = {.on_open = expire_soon, .on_end = side_ends_all};
	open_way(&w, way);
	listen_way(&w, way);
	dial_way(&w, &client, way);
	world_run(&w);
	assert_int_equal(client.err, ERR_TIMEOUT);
	side_close(&client);
	world_close(&w);
}

/* ---- an answer never overtakes on_writable, nor a pause that is made in it ---- */

static bool has_paused;

static void resume_later(struct due *due)
{
	struct side *s = container_of(due, struct side, due);
	assert_int_equal(s->in.len, 0);
	has_paused = false;
	conn_resume(s->c);
}

static void pause_until_later(struct side *s)
{
	has_paused = true;
	conn_pause(s->c);
	due_init(&s->due, resume_later);
	assert_int_equal(loop_due_set(s->w->loop, &s->due, loop_now_ms(s->w->loop) + 20), 0);
}

static void expect_written(struct side *s, const uint8_t *bytes, size_t len)
{
	assert_int_equal(s->writables, 1);
	assert_false(has_paused);
	close_when_whole(s, bytes, len);
}

static void test_order(enum way way)
{
	struct world w;
	struct side client = {.on_open = write_pattern,
		.on_bytes = expect_written,
		.on_writable = pause_until_later,
		.on_end = side_ends_all};
	has_paused = false;
	open_way(&w, way);
	w.script.on_bytes = echo_when_whole;
	listen_way(&w, way);
	dial_way(&w, &client, way);
	world_run(&w);
	assert_int_equal(client.err, ERR_STOPPED);
	assert_int_equal(client.in.len, MIB);
	assert_memory_equal(client.in.data, pattern, MIB);
	side_close(&client);
	world_close(&w);
}

static void each_way(void (*test)(enum way way))
{
	for (enum way way = PLAIN; way < WAYS; way++)
		test(way);
}

#define WAY_TEST(name)                                                                             \
	static void name##_all(void **state)                                                       \
	{                                                                                          \
		(void)state;                                                                       \
		each_way(name);                                                                    \
	}
WAY_TEST(test_echo)
WAY_TEST(test_back_pressure)
WAY_TEST(test_never_read)
WAY_TEST(test_close_keeps_bytes)
WAY_TEST(test_abort)
WAY_TEST(test_unclean)
WAY_TEST(test_deadline)
WAY_TEST(test_order)

int main(void)
{
	pattern_fill();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo_all),
		cmocka_unit_test(test_back_pressure_all),
		cmocka_unit_test(test_never_read_all),
		cmocka_unit_test(test_close_keeps_bytes_all),
		cmocka_unit_test(test_abort_all),
		cmocka_unit_test(test_unclean_all),
		cmocka_unit_test(test_deadline_all),
		cmocka_unit_test(test_order_all),
	};
	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
