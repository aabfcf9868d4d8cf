/* SPDX-License-Identifier: Apache-2.0
 * Conns to absent, leaving and silent peers; name resolution; exhausted buffers and deadlines. */
#include "tests/kit/loop_ways.h"

#include "engine/loop/conn_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

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

/* "localhost" has ::1 first on many machines: the next address is tried when there is no listener.
 */
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

static void test_unresolvable_names_are_errors(void **state)
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

/* A write to a peer that has gone is an error, not a signal. */
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

/* A client that connects and says nothing has its deadline too (LIMIT_CONNECT_MS, made short here).
 */
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
	pattern_fill();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_next_address),
		cmocka_unit_test(test_unresolvable_names_are_errors),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_write_to_gone),
		cmocka_unit_test(test_silent_tls_server),
		cmocka_unit_test(test_silent_tls_client),
		cmocka_unit_test(test_starved),
		cmocka_unit_test(test_no_deadline_left),
	};
	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
