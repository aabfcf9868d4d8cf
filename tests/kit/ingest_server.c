/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/ingest_server.h"

/* ---- the server's side ---- */

static void on_accept(void *owner, struct conn *c)
{
	struct fixture *f = owner;
	ingest_accept(f->ingest, c);
}

static void on_closed(void *owner)
{
	struct fixture *f = owner;
	f->is_closed = true;
}

void serve(struct fixture *f)
{
	struct ingest_options o = {.loop = f->loop,
		.workers = f->workers,
		.archive = f->archive,
		.accounts = f->accounts,
		.key = f->key,
		.software = "platen-hub/test",
		.max_conns = CLIENTS,
		.head_ms = f->head_ms,
		.idle_ms = f->idle_ms};
	assert_int_equal(ingest_open(&f->ingest, &o), 0);
	struct listen_options l = {.address = "127.0.0.1", .fd = -1, .max_conns = CLIENTS};
	assert_int_equal(listener_open(&f->listener, f->loop, &l, on_accept, f), 0);
}

void end_service(struct fixture *f)
{
	listener_close(f->listener);
	f->listener = NULL;
	ingest_close(f->ingest, on_closed, f);
	assert_false(f->is_closed);
}

void add_user(struct fixture *f, const char *name, enum archive_role role, const char *secret)
{
	char why[LIMIT_WHY];
	struct archive_account a;
	assert_int_equal(credential_set(&a, name, role, secret, 1, why, sizeof why), 0);
	assert_int_equal(archive_put_account(f->archive, &a), 0);
}

struct crypto_key *open_key(const struct fixture *f, const char *name)
{
	char why[LIMIT_WHY] = "";
	char path[128];
	struct crypto_key *key;
	(void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
	if (crypto_key_open(&key, path, CRYPTO_ED25519, why, sizeof why) < 0)
		fail_msg("%s", why);
	(void)unlink(path);
	return key;
}

int ingest_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	char why[LIMIT_WHY] = "";
	assert_non_null(f);
	(void)snprintf(f->dir, sizeof f->dir, "ingest_test_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	struct archive_options o = {.dir = f->dir, .rule = &merge_rule};
	assert_int_equal(archive_open(&f->archive, &o, why, sizeof why), 0);
	assert_int_equal(archive_view_open(&f->view, f->dir, why, sizeof why), 0);
	/* The clients' conns are on the same loop. */
	assert_int_equal(loop_open(&f->loop, ingest_dues(CLIENTS) + 2 * CLIENTS), 0);
	assert_int_equal(workers_open(&f->workers, f->loop), 0);
	assert_int_equal(accounts_open(&f->accounts, f->loop, f->workers, f->view), 0);
	f->key = open_key(f, "hub.key");
	f->agent_key = open_key(f, "agent.key");
	assert_int_equal(credential_make(f->secret), 0);
	add_user(f, "agent1", ROLE_AGENT, f->secret);
	buf_open(&f->body, LIMIT_RECEIPT);
	*state = f;
	return 0;
}

int ingest_teardown(void **state)
{
	struct fixture *f = *state;
	if (f->listener != NULL)
		end_service(f);
	assert_int_equal(loop_run(f->loop), 0);
	assert_true(f->is_closed);
	workers_close(f->workers);
	accounts_close(f->accounts);
	assert_int_equal(loop_close(f->loop), 0);
	archive_view_close(f->view);
	archive_close(f->archive);
	crypto_key_close(f->key);
	crypto_key_close(f->agent_key);
	buf_close(&f->body);
	help_forget(f->dir);
	free(f);
	return 0;
}

/* ---- a client: sends parts, one after the other, and reads until the server closes ---- */

static unsigned responses_in(struct client *c)
{
	unsigned n = 0;
	size_t at = 0;
	while (at + 12 < c->in.len && n < 4) {
		const uint8_t *end = memmem(c->in.data + at, c->in.len - at, "\r\n\r\n", 4);
		if (end == NULL)
			break;
		int status = atoi((const char *)c->in.data + at + 9);
		const char *field = memmem(
			c->in.data + at, (size_t)(end - c->in.data) - at, "ontent-Length: ", 15);
		size_t next = (size_t)(end - c->in.data) + 4;
		if (field != NULL)
			next += (size_t)atol(field + 15);
		if (next > c->in.len)
			break;
		c->statuses[n] = status;
		n += status != 100;
		at = next;
	}
	return n;
}

static void client_send(struct client *c)
{
	if (c->sent < c->count) {
		const struct buf *b = &c->parts[c->sent++];
		/* The server may have refused and closed already. */
		if (conn_write(c->conn, b->data, b->len) < 0)
			c->sent = c->count;
	} else if (c->is_leaving) {
		conn_close(c->conn);
	}
}

static void client_on_open(void *owner)
{
	struct client *c = owner;
	c->is_open = true;
	client_send(c);
}

static void client_on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct client *c = owner;
	assert_int_equal(buf_put(&c->in, bytes, len), 0);
	c->responses = responses_in(c);
	if (c->wanted != 0 && c->responses == c->wanted)
		conn_close(c->conn);
	else if (c->responses == c->sent)
		client_send(c);
}

static void client_on_writable(void *owner)
{
	struct client *c = owner;
	if (c->is_leaving || c->is_pushing)
		client_send(c);
}

static void client_on_end(void *owner, int err, const char *why)
{
	struct client *c = owner;
	(void)why;
	c->err = err;
	c->is_over = true;
	if (--c->f->clients == 0)
		loop_stop(c->f->loop);
}

static const struct conn_events client_events = {
	client_on_open, client_on_bytes, client_on_writable, client_on_end};

void dial(struct fixture *f, struct client *c)
{
	struct conn_target target = {.host = "127.0.0.1",
		.port = listener_port(f->listener),
		.connect_ms = LIMIT_CONNECT_MS};
	c->f = f;
	f->clients++;
	buf_open(&c->in, 4 * LIMIT_RECEIPT);
	assert_int_equal(conn_connect(&c->conn, f->loop, &target, &client_events, c), 0);
}

void run_clients(struct fixture *f)
{
	while (f->clients > 0)
		assert_int_equal(loop_run(f->loop), 0);
}
