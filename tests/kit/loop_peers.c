/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/loop_peers.h"

#include <netinet/in.h>
#include <sys/socket.h>

static void side_on_open(void *owner)
{
	struct side *s = owner;
	assert_int_equal(s->opens, 0);
	assert_int_equal(s->ends, 0);
	s->opens++;
	s->is_resumed = conn_is_resumed(s->c);
	if (s->on_open != NULL)
		s->on_open(s);
}

static void side_on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct side *s = owner;
	assert_int_equal(s->opens, 1);
	assert_int_equal(s->ends, 0);
	assert_true(len > 0);
	assert_int_equal(buf_put(&s->in, bytes, len), 0);
	if (s->on_bytes != NULL)
		s->on_bytes(s, bytes, len);
}

static void side_on_writable(void *owner)
{
	struct side *s = owner;
	assert_int_equal(s->opens, 1);
	assert_int_equal(s->ends, 0);
	s->writables++;
	if (s->on_writable != NULL)
		s->on_writable(s);
}

static void side_on_end(void *owner, int err, const char *why)
{
	struct side *s = owner;
	assert_int_equal(s->ends, 0);
	assert_true(why != NULL && why[0] != '\0');
	assert_true(strlen(why) < LIMIT_WHY);
	s->ends++;
	s->err = err;
	(void)snprintf(s->why, sizeof s->why, "%s", why);
	if (due_is_set(&s->due))
		loop_due_clear(s->w->loop, &s->due);
	if (s->on_end != NULL)
		s->on_end(s);
}

static const struct conn_events side_events = {
	side_on_open, side_on_bytes, side_on_writable, side_on_end};

void world_open(struct world *w)
{
	memset(w, 0, sizeof *w);
	assert_int_equal(loop_open(&w->loop, 256), 0);
	w->max_conns = SIDES;
}

void world_on_accept(void *owner, struct conn *c)
{
	struct world *w = owner;
	assert_true(w->accepted < SIDES);
	struct side *s = &w->server[w->accepted++];
	*s = w->script;
	s->w = w;
	s->c = c;
	s->is_server = true;
	buf_open(&s->in, 64u << 20);
	conn_set_owner(c, &side_events, s);
	if (w->on_accept != NULL)
		w->on_accept(s);
}

void world_listen(struct world *w, const char *address)
{
	struct listen_options o = {
		.address = address, .fd = -1, .tls = w->server_tls, .max_conns = w->max_conns};
	assert_int_equal(listener_open(&w->listener, w->loop, &o, world_on_accept, w), 0);
}

int world_dial(
	struct world *w, struct side *s, const char *host, uint16_t port, uint64_t connect_ms)
{
	struct conn_target target = {.host = host,
		.port = port,
		.tls = w->client_tls,
		.connect_ms = connect_ms,
		.proxy = w->proxy};
	s->w = w;
	buf_open(&s->in, 64u << 20);
	return conn_connect(&s->c, w->loop, &target, &side_events, s);
}

void world_no_more(struct world *w)
{
	if (w->listener != NULL)
		listener_close(w->listener);
	w->listener = NULL;
}

void side_ends_all(struct side *s)
{
	world_no_more(s->w);
}

void world_run(struct world *w)
{
	assert_int_equal(loop_run(w->loop), 0);
}

void world_close(struct world *w)
{
	world_no_more(w);
	world_run(w);
	for (unsigned i = 0; i < w->accepted; i++) {
		assert_int_equal(w->server[i].ends, 1);
		buf_close(&w->server[i].in);
	}
	tls_close(w->server_tls);
	tls_close(w->client_tls);
	assert_int_equal(loop_close(w->loop), 0);
}

void side_close(struct side *s)
{
	buf_close(&s->in);
}

/* ---- certificates, made once for a test program ---- */

char certs_dir[64];

const char *cert_path(const char *name)
{
	static char paths[64][128];
	static unsigned next;
	char *path = paths[next++ % 64];
	(void)snprintf(path, sizeof paths[0], "%s/%s", certs_dir, name);
	return path;
}

int certs_make(void **state)
{
	char command[512];
	(void)state;
	(void)snprintf(certs_dir, sizeof certs_dir, "/tmp/platen-certs-XXXXXX");
	if (mkdtemp(certs_dir) == NULL)
		return -1;
	(void)snprintf(
		command, sizeof command, "%s/tools/certs %s --bad", PLATEN_SOURCE_DIR, certs_dir);
	return system(command);
}

int certs_remove(void **state)
{
	char command[512];
	(void)state;
	(void)snprintf(command, sizeof command, "rm -r %s", certs_dir);
	return system(command);
}

void world_server_tls(struct world *w, const char *cert, const char *key)
{
	char why[LIMIT_WHY] = "";
	struct tls_server_options o = {.cert_file = cert_path(cert), .key_file = cert_path(key)};
	int err = tls_server_open(&w->server_tls, &o, why, sizeof why);
	if (err < 0)
		print_error("%s\n", why);
	assert_int_equal(err, 0);
}

void world_client_tls(struct world *w, const char *ca, const char *crl)
{
	char why[LIMIT_WHY] = "";
	struct tls_client_options o = {
		.ca_file = cert_path(ca), .crl_file = crl != NULL ? cert_path(crl) : NULL};
	int err = tls_client_open(&w->client_tls, &o, why, sizeof why);
	if (err < 0)
		print_error("%s\n", why);
	assert_int_equal(err, 0);
}

uint16_t refusing_port(int *fd)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&a, &len), 0);
	return ntohs(a.sin_port);
}
