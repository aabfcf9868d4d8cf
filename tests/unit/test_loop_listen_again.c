/* SPDX-License-Identifier: Apache-2.0
 * A listener without memory for its first connection: no other conn will end, and libuv reports no
 * further connection until this one is accepted. */
#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "engine/loop/conn.h"
#include "engine/loop/listen.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static unsigned to_fail;
static unsigned failed;

static void *get(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (to_fail > 0) {
		to_fail--;
		failed++;
		return NULL;
	}
	return malloc(n);
}

static void *get_more(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return realloc(p, n);
}

static void give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

struct scene {
	struct loop *loop;
	struct listener *listener;
	struct due too_late;
	unsigned accepted;
};

static void on_end(void *owner, int err, const char *why)
{
	(void)owner;
	(void)err;
	(void)why;
}

static void on_accept(void *owner, struct conn *c)
{
	static const struct conn_events events = {.on_end = on_end};
	struct scene *s = owner;
	s->accepted++;
	conn_set_owner(c, &events, s);
	conn_abort(c);
	loop_due_clear(s->loop, &s->too_late);
	listener_close(s->listener);
}

static void on_too_late(struct due *due)
{
	listener_close(container_of(due, struct scene, too_late)->listener);
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void test_paused_listener_accepts_a_waiting_connection(void **state)
{
	(void)state;
	struct scene s = {0};
	struct tls *tls;
	char why[LIMIT_WHY] = "", dir[] = "/tmp/platen-again-XXXXXX", cert[64], key[64], cmd[512];
	assert_non_null(mkdtemp(dir));
	(void)snprintf(cmd, sizeof cmd, "'%s/tools/certs' %s >/dev/null 2>&1 </dev/null",
		PLATEN_SOURCE_DIR, dir);
	assert_int_equal(system(cmd), 0);
	(void)snprintf(cert, sizeof cert, "%s/server.pem", dir);
	(void)snprintf(key, sizeof key, "%s/server.key", dir);
	struct tls_server_options t = {.cert_file = cert, .key_file = key};
	if (tls_server_open(&tls, &t, why, sizeof why) < 0)
		fail_msg("%s", why);
	assert_int_equal(loop_open(&s.loop, 8), 0);
	struct listen_options o = {.address = "127.0.0.1", .fd = -1, .tls = tls, .max_conns = 2};
	assert_int_equal(listener_open(&s.listener, s.loop, &o, on_accept, &s), 0);
	due_init(&s.too_late, on_too_late);
	assert_int_equal(loop_due_set(s.loop, &s.too_late, loop_now_ms(s.loop) + 5000), 0);
	int fd = connect_to(listener_port(s.listener));
	to_fail = 1;
	assert_int_equal(loop_run(s.loop), 0);
	assert_int_equal(failed, 1);
	assert_int_equal(s.accepted, 1);
	assert_int_equal(close(fd), 0);
	tls_close(tls);
	assert_int_equal(loop_close(s.loop), 0);
	(void)snprintf(cmd, sizeof cmd, "rm -r %s", dir);
	assert_int_equal(system(cmd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paused_listener_accepts_a_waiting_connection)};
	if (CRYPTO_set_mem_functions(get, get_more, give) != 1)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
