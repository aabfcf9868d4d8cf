/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/loop_peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/platen-listen-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir); /* fails if a socket file is left */
}

static void on_no_accept(void *owner, struct conn *c)
{
	(void)owner;
	(void)c;
	fail();
}

static int try_listen(struct world *w, const struct listen_options *o)
{
	struct listener *li = NULL;
	int err = listener_open(&li, w->loop, o, on_no_accept, w);
	if (err == 0)
		listener_close(li);
	else
		assert_null(li);
	return err;
}

static void test_refusals(void **state)
{
	struct world w;
	char path[128];
	(void)state;
	world_open(&w);
	world_listen(&w, "127.0.0.1");
	assert_true(listener_port(w.listener) > 0);
	struct listen_options o = {.address = "127.0.0.1",
		.port = listener_port(w.listener),
		.fd = -1,
		.max_conns = 1};
	assert_int_equal(try_listen(&w, &o), -EADDRINUSE);
	o.address = "not an address";
	assert_int_equal(try_listen(&w, &o), -EINVAL);
	o.address = "unix:";
	assert_int_equal(try_listen(&w, &o), -ENAMETOOLONG);
	o.address = "unix:/nonexistent/dir/sock";
	assert_int_equal(try_listen(&w, &o), -ENOENT);
	/* A file that is no socket is not removed. */
	(void)snprintf(path, sizeof path, "unix:%s/file", dir);
	FILE *file = fopen(path + 5, "w");
	assert_non_null(file);
	(void)fclose(file);
	o.address = path;
	assert_int_equal(try_listen(&w, &o), -EEXIST);
	assert_int_equal(unlink(path + 5), 0);
	char longpath[200];
	memset(longpath, 'a', sizeof longpath);
	memcpy(longpath, "unix:/tmp/", 10);
	longpath[sizeof longpath - 1] = '\0';
	o.address = longpath;
	assert_int_equal(try_listen(&w, &o), -ENAMETOOLONG);
	struct side client = {0};
	assert_int_equal(world_dial(&w, &client, longpath, 0, 1000), -ENAMETOOLONG);
	world_close(&w);
}

static void close_side(struct side *s)
{
	conn_close(s->c);
}

static void test_unix(void **state)
{
	struct world w;
	char address[100];
	struct stat st;
	struct side client = {.on_open = close_side, .on_end = side_ends_all};
	(void)state;
	world_open(&w);
	(void)snprintf(address, sizeof address, "unix:%s/ctl", dir);
	/* A crash left its file. */
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	(void)snprintf(name.sun_path, sizeof name.sun_path, "%s", address + 5);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
	close(fd);
	assert_int_equal(stat(address + 5, &st), 0);
	world_listen(&w, address);
	assert_int_equal(listener_port(w.listener), 0);
	assert_int_equal(stat(address + 5, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	/* One that is alive is left alone. */
	struct listen_options o = {.address = address, .fd = -1, .max_conns = 1};
	assert_int_equal(try_listen(&w, &o), -EADDRINUSE);
	assert_int_equal(stat(address + 5, &st), 0);
	assert_int_equal(world_dial(&w, &client, address, 0, 1000), 0);
	world_run(&w);
	assert_int_equal(client.err, ERR_STOPPED);
	assert_int_equal(client.opens, 1);
	assert_string_equal(client.why, "closed by us");
	world_close(&w);
	assert_int_equal(stat(address + 5, &st), -1);
}

/* No listener: refused, or no file. */
static void test_unix_absent(void **state)
{
	struct world w;
	char address[100];
	struct side client = {0};
	(void)state;
	world_open(&w);
	(void)snprintf(address, sizeof address, "unix:%s/none", dir);
	assert_int_equal(world_dial(&w, &client, address, 0, 1000), 0);
	world_run(&w);
	assert_int_equal(client.err, -ENOENT);
	world_close(&w);
}

/* ---- at most so many at once; the others wait in the kernel's queue and are served later ---- */

enum { CLIENTS = 12, AT_ONCE = 3 };

static unsigned accepted_now; /* conns of the listener that have not ended */
static unsigned most;
static unsigned left;

static void count(struct side *s)
{
	if (++accepted_now > most)
		most = accepted_now;
	assert_true(accepted_now <= AT_ONCE);
	assert_true(strncmp(conn_peer(s->c), "127.0.0.1:", 10) == 0);
}

static void count_end(struct side *s)
{
	(void)s;
	accepted_now--;
}

static void say_hello(struct side *s)
{
	assert_int_equal(conn_write(s->c, "hello", 5), 0);
}

static void close_on_bytes(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	conn_close(s->c);
}

static void one_less(struct side *s)
{
	if (--left == 0)
		world_no_more(s->w);
}

static void test_max_conns(void **state)
{
	struct world w;
	struct side clients[CLIENTS];
	(void)state;
	memset(clients, 0, sizeof clients);
	world_open(&w);
	accepted_now = most = 0;
	left = CLIENTS;
	w.max_conns = AT_ONCE;
	w.on_accept = count;
	w.script.on_open = say_hello;
	w.script.on_end = count_end;
	world_listen(&w, "127.0.0.1");
	for (unsigned i = 0; i < CLIENTS; i++) {
		clients[i].on_bytes = close_on_bytes;
		clients[i].on_end = one_less;
		assert_int_equal(
			world_dial(&w, &clients[i], "127.0.0.1", listener_port(w.listener), 5000),
			0);
	}
	world_run(&w);
	assert_int_equal(most, AT_ONCE);
	assert_int_equal(w.accepted, CLIENTS);
	for (unsigned i = 0; i < CLIENTS; i++) {
		assert_int_equal(clients[i].err, ERR_STOPPED);
		assert_int_equal(clients[i].in.len, 5);
		side_close(&clients[i]);
	}
	world_close(&w);
}

/* Conns outlive their listener. */
static void close_listener(struct side *s)
{
	world_no_more(s->w);
	assert_int_equal(conn_write(s->c, "bye", 3), 0);
}

static void test_conns_outlive(void **state)
{
	struct world w;
	struct side client = {.on_bytes = close_on_bytes};
	(void)state;
	world_open(&w);
	w.script.on_open = close_listener;
	world_listen(&w, "::1");
	assert_int_equal(world_dial(&w, &client, "::1", listener_port(w.listener), 5000), 0);
	world_run(&w);
	assert_int_equal(client.err, ERR_STOPPED);
	assert_int_equal(client.in.len, 3);
	side_close(&client);
	world_close(&w);
}

/* A socket that another program opened, e.g. systemd. */
static void test_given_socket(void **state)
{
	struct world w;
	struct side client = {.on_open = close_side, .on_end = side_ends_all};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	(void)state;
	world_open(&w);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd > 2);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	struct listen_options o = {.fd = fd, .max_conns = 2};
	assert_int_equal(listener_open(&w.listener, w.loop, &o, world_on_accept, &w), 0);
	assert_int_equal(listener_port(w.listener), ntohs(a.sin_port));
	assert_int_equal(world_dial(&w, &client, "127.0.0.1", ntohs(a.sin_port), 5000), 0);
	world_run(&w);
	assert_int_equal(client.opens, 1);
	world_close(&w);
	listener_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_unix_absent),
		cmocka_unit_test(test_max_conns),
		cmocka_unit_test(test_conns_outlive),
		cmocka_unit_test(test_given_socket),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
