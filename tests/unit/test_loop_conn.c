/* SPDX-License-Identifier: Apache-2.0
 * Conns, plain and TLS alike: echo, back-pressure, deadlines, the end in every state. */
#include "loop_peers.h"

#include "engine/loop/conn_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { MIB = 1 << 20 };

static uint8_t pattern[8 * MIB];

/* Each test runs over plain TCP, over a Unix socket and over TLS. */
enum way { PLAIN, UNIX, TLS, WAYS };

static char unix_path[96];

static void open_way(struct world *w, enum way way)
{
	world_open(w);
	if (way == TLS) {
		world_server_tls(w, "server.pem", "server.key");
		world_client_tls(w, "ca.pem", NULL);
	}
	(void)snprintf(unix_path, sizeof unix_path, "unix:%s/sock", certs_dir);
}

static void listen_way(struct world *w, enum way way)
{
	world_listen(w, way == UNIX ? unix_path : "127.0.0.1");
}

static void dial_way(struct world *w, struct side *s, enum way way)
{
	assert_int_equal(world_dial(w, s, way == UNIX ? unix_path : "127.0.0.1",
				 listener_port(w->listener), 5000),
		0);
	assert_int_equal(s->opens, 0);
}

/* ---- echo: the client writes 1 MiB, the server sends it back when it has all ---- */

static void write_pattern(struct side *s)
{
	char local[64];
	conn_local_address(s->c, local, sizeof local);
	if (s->w->listener != NULL && listener_port(s->w->listener) != 0)
		assert_string_equal(local, "127.0.0.1");
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

static void close_side(struct side *s)
{
	conn_close(s->c);
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
static void pause_side(struct side *s)
{
	conn_pause(s->c);
}

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

/* ---- plain only ---- */

static uint16_t free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void test_refused(void **state)
{
	struct world w;
	struct side client = {0};
	(void)state;
	world_open(&w);
	assert_int_equal(world_dial(&w, &client, "127.0.0.1", free_port(), 5000), 0);
	world_run(&w);
	assert_int_equal(client.opens, 0);
	assert_int_equal(client.ends, 1);
	assert_int_equal(client.err, -ECONNREFUSED);
	assert_true(err_passes(client.err));
	world_close(&w);
}

/* "localhost" has ::1 first on many machines: the next address is tried when nobody listens. */
static void test_next_address(void **state)
{
	struct world w;
	struct side client = {.on_open = close_side, .on_end = side_ends_all};
	(void)state;
	world_open(&w);
	world_listen(&w, "127.0.0.1");
	assert_int_equal(world_dial(&w, &client, "localhost", listener_port(w.listener), 5000), 0);
	world_run(&w);
	assert_int_equal(client.opens, 1);
	assert_int_equal(client.err, ERR_STOPPED);
	world_close(&w);
}

static void test_names(void **state)
{
	struct world w;
	struct side none = {0};
	struct side odd = {0};
	struct side aborted[6] = {{0}};
	char longname[LIMIT_HOST + 2];
	(void)state;
	world_open(&w);
	memset(longname, 'a', sizeof longname - 1);
	longname[sizeof longname - 1] = '\0';
	struct side refused = {0};
	assert_int_equal(world_dial(&w, &refused, longname, 1, 5000), ERR_NAME);
	assert_int_equal(world_dial(&w, &refused, "", 1, 5000), ERR_NAME);
	assert_int_equal(world_dial(&w, &none, "no-such-printer.invalid", 1, 20000), 0);
	assert_int_equal(world_dial(&w, &odd,
				 "dr\xc3\xbc"
				 "cker.example",
				 1, 5000),
		0);
	/* More than may run at once, some waiting; all are aborted. */
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(world_dial(&w, &aborted[i], "localhost", 1, 5000), 0);
		conn_abort(aborted[i].c);
		assert_int_equal(aborted[i].ends, 0);
	}
	world_run(&w);
	assert_int_equal(none.err, ERR_NAME);
	assert_non_null(strstr(none.why, "no-such-printer.invalid"));
	assert_int_equal(odd.err, ERR_NAME);
	assert_non_null(strstr(odd.why, "xn--"));
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(aborted[i].ends, 1);
		assert_int_equal(aborted[i].err, ERR_STOPPED);
	}
	world_close(&w);
}

/* A peer of another make: resets, sends a little and goes, says nothing. */
static int raw_connect(uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static int raw_fd;

static void reset_raw(struct side *s)
{
	struct linger now = {1, 0};
	(void)s;
	assert_int_equal(setsockopt(raw_fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
	close(raw_fd);
}

static void test_reset(void **state)
{
	struct world w;
	(void)state;
	world_open(&w);
	world_listen(&w, "127.0.0.1");
	w.script.on_open = reset_raw;
	w.script.on_end = side_ends_all;
	raw_fd = raw_connect(listener_port(w.listener));
	world_run(&w);
	assert_int_equal(w.accepted, 1);
	assert_int_equal(w.server[0].err, -ECONNRESET);
	world_close(&w);
}

/* Whoever writes to a peer that has gone gets an error, not a signal. */
static void write_after_reset(struct side *s)
{
	reset_raw(s);
	assert_int_equal(conn_write(s->c, pattern, sizeof pattern), 0);
}

static void test_write_to_gone(void **state)
{
	struct world w;
	(void)state;
	world_open(&w);
	world_listen(&w, "127.0.0.1");
	w.script.on_open = write_after_reset;
	w.script.on_end = side_ends_all;
	raw_fd = raw_connect(listener_port(w.listener));
	world_run(&w);
	assert_int_equal(w.server[0].ends, 1);
	assert_true(w.server[0].err == -ECONNRESET || w.server[0].err == -EPIPE);
	world_close(&w);
}

static void join_late(struct due *due)
{
	struct side *s = container_of(due, struct side, due);
	(void)s;
	fail_msg("the join deadline did not pass");
}

/* The peer takes the connection and says nothing: the handshake has its deadline. */
static void test_silent_tls_server(void **state)
{
	struct world w;
	struct side client = {.on_end = side_ends_all};
	(void)state;
	world_open(&w);
	world_client_tls(&w, "ca.pem", NULL);
	world_listen(&w, "127.0.0.1"); /* plain: it only reads */
	due_init(&client.due, join_late);
	assert_int_equal(world_dial(&w, &client, "127.0.0.1", listener_port(w.listener), 40), 0);
	assert_int_equal(loop_due_set(w.loop, &client.due, loop_now_ms(w.loop) + 20000), 0);
	world_run(&w);
	assert_int_equal(client.opens, 0);
	assert_int_equal(client.err, ERR_TIMEOUT);
	assert_non_null(strstr(client.why, "handshake"));
	world_close(&w);
	side_close(&client);
}

/* A client that connects and says nothing has its deadline too (LIMIT_JOIN_MS, made short here). */
static void hurry(struct side *s)
{
	conn_set_deadline(s->c, 1); /* has no effect before on_open */
	conn_set_phase(s->c, loop_now_ms(s->w->loop) + 20);
}

static void test_silent_tls_client(void **state)
{
	struct world w;
	(void)state;
	world_open(&w);
	world_server_tls(&w, "server.pem", "server.key");
	w.on_accept = hurry;
	w.script.on_end = side_ends_all;
	world_listen(&w, "127.0.0.1");
	int fd = raw_connect(listener_port(w.listener));
	world_run(&w);
	close(fd);
	assert_int_equal(w.server[0].opens, 0);
	assert_int_equal(w.server[0].err, ERR_TIMEOUT);
	world_close(&w);
}

/* ---- all buffers for encrypted bytes are taken: who needs one waits, and goes on later ---- */

static uint8_t *taken[LIMIT_WIRE_BUFFERS];

static void give_back(struct due *due)
{
	struct side *s = container_of(due, struct side, due);
	struct net *net = *loop_net(s->w->loop);
	assert_int_equal(s->writables, 0);
	if (list_is_empty(&net->starved)) { /* the kernel still takes some */
		assert_int_equal(loop_due_set(s->w->loop, due, loop_now_ms(s->w->loop) + 5), 0);
		return;
	}
	conn_resume(s->w->server[0].c);
	for (size_t i = 0; i < LIMIT_WIRE_BUFFERS; i++)
		net_give_wire(net, taken[i]);
}

static void take_all_and_write(struct side *s)
{
	struct net *net = *loop_net(s->w->loop);
	for (size_t i = 0; i < LIMIT_WIRE_BUFFERS; i++)
		assert_non_null(taken[i] = slab_take(&net->wire));
	assert_int_equal(conn_write(s->c, pattern, sizeof pattern), 0);
	due_init(&s->due, give_back);
	assert_int_equal(loop_due_set(s->w->loop, &s->due, loop_now_ms(s->w->loop) + 20), 0);
}

static void test_starved(void **state)
{
	(void)state;
	struct world w;
	struct side client = {
		.on_open = take_all_and_write, .on_writable = close_side, .on_end = side_ends_all};
	open_way(&w, TLS);
	w.script.on_open = pause_side;
	listen_way(&w, TLS);
	dial_way(&w, &client, TLS);
	world_run(&w);
	assert_int_equal(client.err, ERR_STOPPED);
	assert_int_equal(w.server[0].in.len, sizeof pattern);
	assert_memory_equal(w.server[0].in.data, pattern, sizeof pattern);
	side_close(&client);
	world_close(&w);
}

/* The deadline heap is full: the conn ends, and says why. */
static void test_no_deadline_left(void **state)
{
	struct world w;
	struct side client = {0};
	struct side refused = {0};
	(void)state;
	memset(&w, 0, sizeof w);
	assert_int_equal(loop_open(&w.loop, 1), 0); /* only the conns' common one fits */
	assert_int_equal(world_dial(&w, &client, "127.0.0.1", 1, 1000), 0);
	world_run(&w);
	assert_int_equal(client.err, ERR_FULL);
	world_close(&w);
	memset(&w, 0, sizeof w);
	assert_int_equal(loop_open(&w.loop, 0), 0);
	assert_int_equal(world_dial(&w, &refused, "127.0.0.1", 1, 1000), ERR_FULL);
	world_close(&w);
}

int main(void)
{
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = (uint8_t)(i * 2654435761u >> 13);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo_all),
		cmocka_unit_test(test_back_pressure_all),
		cmocka_unit_test(test_never_read_all),
		cmocka_unit_test(test_close_keeps_bytes_all),
		cmocka_unit_test(test_abort_all),
		cmocka_unit_test(test_unclean_all),
		cmocka_unit_test(test_deadline_all),
		cmocka_unit_test(test_order_all),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_next_address),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_write_to_gone),
		cmocka_unit_test(test_silent_tls_server),
		cmocka_unit_test(test_silent_tls_client),
		cmocka_unit_test(test_starved),
		cmocka_unit_test(test_no_deadline_left),
	};
	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
