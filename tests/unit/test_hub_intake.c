/* SPDX-License-Identifier: Apache-2.0
 * The hub's server on a real loop: uploads and their receipts, every refusal, slow and broken
 * clients, more bodies than there is room for, bombs, answers that nobody hears, and the end. */
#include "engine/core/log.h"
#include "engine/hub/credential.h"
#include "engine/hub/intake.h"
#include "engine/hub/intake_internal.h"
#include "engine/hub/merge.h"
#include "engine/loop/listen.h"
#include "proto/envelope.h"
#include "tests/unit/archive_help.h"

#include <signal.h>
#include <sys/resource.h>
#include <zstd.h>

enum { CLIENTS = 400 };

struct fixture {
	char dir[64];
	struct archive *archive;
	struct archive_view *view;
	struct loop *loop;
	struct lanes *lanes;
	struct accounts *accounts;
	struct intake *intake;
	struct listener *listener;
	struct seal_key *key;
	struct seal_key *agent_key;
	char secret[CREDENTIAL_SECRET];
	uint64_t head_ms, idle_ms;
	unsigned clients; /* open */
	bool is_closed;
	uint8_t signed_bytes[BATCH_SIGNED_BYTES]; /* of the last batch made */
	/* The last answer, taken apart. */
	int status;
	struct http1_head head;
	struct buf body;
};

/* ---- the server's side ---- */

static void on_accept(void *owner, struct conn *c)
{
	struct fixture *f = owner;
	intake_take(f->intake, c);
}

static void on_closed(void *owner)
{
	struct fixture *f = owner;
	f->is_closed = true;
}

static void serve(struct fixture *f)
{
	struct intake_options o = {.loop = f->loop,
		.lanes = f->lanes,
		.archive = f->archive,
		.accounts = f->accounts,
		.key = f->key,
		.software = "platen-hub/test",
		.max_conns = CLIENTS,
		.head_ms = f->head_ms,
		.idle_ms = f->idle_ms};
	assert_int_equal(intake_open(&f->intake, &o), 0);
	struct listen_options l = {.address = "127.0.0.1", .fd = -1, .max_conns = CLIENTS};
	assert_int_equal(listener_open(&f->listener, f->loop, &l, on_accept, f), 0);
}

static void end_service(struct fixture *f)
{
	listener_close(f->listener);
	f->listener = NULL;
	intake_close(f->intake, on_closed, f);
	assert_false(f->is_closed);
}

static void add_user(
	struct fixture *f, const char *name, enum archive_role role, const char *secret)
{
	char why[LIMIT_WHY];
	struct archive_account a;
	assert_int_equal(credential_set(&a, name, role, secret, 1, why, sizeof why), 0);
	assert_int_equal(archive_put_account(f->archive, &a), 0);
}

static struct seal_key *open_key(const struct fixture *f, const char *name)
{
	char why[LIMIT_WHY] = "";
	char path[128];
	struct seal_key *key;
	(void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
	if (seal_key_open(&key, path, SEAL_ED25519, why, sizeof why) < 0)
		fail_msg("%s", why);
	(void)unlink(path);
	return key;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	char why[LIMIT_WHY] = "";
	assert_non_null(f);
	(void)snprintf(f->dir, sizeof f->dir, "intake_test_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	struct archive_options o = {.dir = f->dir, .rule = &merge_rule};
	assert_int_equal(archive_open(&f->archive, &o, why, sizeof why), 0);
	assert_int_equal(archive_view_open(&f->view, f->dir, why, sizeof why), 0);
	/* The clients' conns are on the same loop. */
	assert_int_equal(loop_open(&f->loop, intake_dues(CLIENTS) + 2 * CLIENTS), 0);
	assert_int_equal(lanes_open(&f->lanes, f->loop), 0);
	assert_int_equal(accounts_open(&f->accounts, f->loop, f->lanes, f->view), 0);
	f->key = open_key(f, "hub.key");
	f->agent_key = open_key(f, "agent.key");
	assert_int_equal(credential_make(f->secret), 0);
	add_user(f, "agent1", ROLE_AGENT, f->secret);
	buf_open(&f->body, LIMIT_RECEIPT);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	if (f->listener != NULL)
		end_service(f);
	assert_int_equal(loop_run(f->loop), 0);
	assert_true(f->is_closed);
	lanes_close(f->lanes);
	accounts_close(f->accounts);
	assert_int_equal(loop_close(f->loop), 0);
	archive_view_close(f->view);
	archive_close(f->archive);
	seal_key_close(f->key);
	seal_key_close(f->agent_key);
	buf_close(&f->body);
	help_forget(f->dir);
	free(f);
	return 0;
}

/* ---- a client: sends parts, one after the other, and reads until the server closes ---- */

struct client {
	struct fixture *f;
	struct conn *conn;
	const struct buf *parts;
	unsigned count, sent;
	unsigned answers_wanted; /* then it closes; 0: it waits for the server to close */
	unsigned answers;
	bool is_leaving; /* closes as soon as all is sent */
	bool is_pushing; /* sends part after part, without waiting for answers */
	bool is_open, is_over;
	int err;
	struct buf in;
	int statuses[4];
};

static unsigned answers_in(struct client *c)
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
	c->answers = answers_in(c);
	if (c->answers_wanted != 0 && c->answers == c->answers_wanted)
		conn_close(c->conn);
	else if (c->answers == c->sent)
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

static void dial(struct fixture *f, struct client *c)
{
	struct conn_target target = {
		.host = "127.0.0.1", .port = listener_port(f->listener), .join_ms = LIMIT_JOIN_MS};
	c->f = f;
	f->clients++;
	buf_open(&c->in, 4 * LIMIT_RECEIPT);
	assert_int_equal(conn_connect(&c->conn, f->loop, &target, &client_events, c), 0);
}

static void run_clients(struct fixture *f)
{
	while (f->clients > 0)
		assert_int_equal(loop_run(f->loop), 0);
}

/* ---- batches ---- */

struct batch {
	uint64_t first;
	unsigned count;
	uint64_t total;
	const struct seal_key *key; /* NULL: the agent's */
	bool is_raw;
	uint32_t raw_len;  /* 0: as it is */
	const void *bytes; /* instead of records */
	size_t len;
	uint64_t last; /* 0: as it is */
};

static void digest(const struct buf *b, uint8_t dst[SEAL_SHA256])
{
	assert_int_equal(seal_sha256(b->data, b->len, dst), 0);
}

/* The envelope of `b`, appended to dst. */
static void make_batch(struct fixture *f, struct buf *dst, const struct batch *b)
{
	static uint8_t sent[LIMIT_BATCH_SENT];
	const struct seal_key *key = b->key != NULL ? b->key : f->agent_key;
	struct buf body, head;
	struct envelope e = {.alg = SEAL_ED25519};
	uint8_t public_key[SEAL_PUBLIC_MAX], head_digest[SEAL_SHA256], body_digest[SEAL_SHA256];
	uint8_t signature[SEAL_SIGNATURE_MAX];
	buf_open(&body, LIMIT_BATCH_RAW);
	buf_open(&head, LIMIT_HEAD);
	for (unsigned i = 0; b->bytes == NULL && i < b->count; i++) {
		char name[64];
		(void)snprintf(name, sizeof name, "serial:xerox/S%llu",
			(unsigned long long)(b->first + i));
		help_pack(&body, &(struct order){.seq = b->first + i,
					 .read_at_ms = RECEIVED_MS - 1000,
					 .key = name,
					 .total = b->total});
	}
	if (b->bytes != NULL)
		assert_int_equal(buf_put(&body, b->bytes, b->len), 0);
	int n = seal_key_public(key, public_key);
	struct batch_head h = {.epoch = 1,
		.first = b->first,
		.last = b->last != 0 ? b->last : b->first + b->count - 1,
		.count = b->count,
		.sent_at_ms = 1,
		.body_encoding = b->is_raw ? BODY_RAW : BODY_ZSTD,
		.body_raw_len = b->raw_len != 0 ? b->raw_len : (uint32_t)body.len,
		.software = TEXT("test"),
		.public_key = public_key,
		.public_key_len = (size_t)n};
	memset(h.agent_id, 0xa1, sizeof h.agent_id);
	assert_int_equal(batch_head_pack(&head, &h), 0);
	assert_int_equal(seal_key_id(public_key, (size_t)n, e.key_id), 0);
	digest(&head, head_digest);
	digest(&body, body_digest);
	batch_signed(f->signed_bytes, head_digest, body_digest);
	n = seal_sign(key, f->signed_bytes, sizeof f->signed_bytes, signature);
	e.head = head.data;
	e.head_len = head.len;
	e.body = b->is_raw ? body.data : sent;
	e.body_len =
		b->is_raw ? body.len : ZSTD_compress(sent, sizeof sent, body.data, body.len, 3);
	e.signature = signature;
	e.signature_len = (size_t)n;
	assert_int_equal(batch_pack(dst, &e), 0);
	buf_close(&body);
	buf_close(&head);
}

/* A request: `line` (NULL: POST /v1/batches), credentials, `more` headers, body. */
static void make_request(struct buf *dst, const char *line, const char *user, const char *secret,
	const char *more, const struct buf *body)
{
	struct buf whole;
	buf_open(dst, 4u << 20);
	buf_open(&whole, LIMIT_HTTP_HEAD);
	struct http1_request r = {.method = HTTP1_POST,
		.target = BATCH_PATH,
		.host = "h",
		.user = user,
		.password = secret,
		.content_type = BATCH_MEDIA_TYPE,
		.content_length = body == NULL ? 0 : body->len};
	assert_int_equal(http1_put_request(&whole, &r), 0);
	const uint8_t *rest = memmem(whole.data, whole.len, "\r\n", 2);
	assert_int_equal(
		buf_put_text(dst, line == NULL ? "POST " BATCH_PATH " HTTP/1.1" : line), 0);
	if (more != NULL)
		assert_int_equal(buf_put_text(dst, more), 0);
	assert_int_equal(buf_put(dst, rest, whole.len - (size_t)(rest - whole.data)), 0);
	if (body != NULL)
		assert_int_equal(buf_put(dst, body->data, body->len), 0);
	buf_close(&whole);
}

static int take_head(void *owner, const struct http1_head *head)
{
	struct fixture *f = owner;
	f->status = head->status;
	return 0;
}

static int take_body(void *owner, const uint8_t *bytes, size_t len)
{
	struct fixture *f = owner;
	return buf_put(&f->body, bytes, len);
}

static int take_end(void *owner)
{
	(void)owner;
	return 0;
}

/* Sends one request, returns the status; the body is in f->body. 0: no answer. */
static int ask_bytes(struct fixture *f, const struct buf *request)
{
	static const struct http1_events events = {take_head, take_body, take_end};
	struct client c = {.parts = request, .count = 1, .answers_wanted = 1};
	dial(f, &c);
	run_clients(f);
	f->status = 0;
	buf_clear(&f->body);
	if (c.in.len > 0) {
		struct http1 http;
		http1_open(&http, HTTP1_RESPONSES, LIMIT_RECEIPT, &events, f);
		assert_true(http1_feed(&http, c.in.data, c.in.len) > 0);
	}
	buf_close(&c.in);
	return f->status;
}

static int ask(struct fixture *f, const char *line, const char *user, const char *secret,
	const char *more, const struct buf *body)
{
	struct buf request;
	make_request(&request, line, user, secret, more, body);
	int status = ask_bytes(f, &request);
	buf_close(&request);
	return status;
}

static int upload(struct fixture *f, const struct batch *b)
{
	struct buf body;
	buf_open(&body, 4u << 20);
	make_batch(f, &body, b);
	int status = ask(f, NULL, "agent1", f->secret, NULL, &body);
	buf_close(&body);
	return status;
}

/* The receipt in f->body, its signature verified. */
static struct receipt open_receipt(struct fixture *f)
{
	struct envelope e;
	struct receipt r;
	uint8_t inner[SEAL_SHA256], signed_bytes[RECEIPT_SIGNED_BYTES], batch[SEAL_SHA256];
	uint8_t public_key[SEAL_PUBLIC_MAX];
	assert_int_equal(receipt_seal_unpack(&e, f->body.data, f->body.len), 0);
	assert_int_equal(seal_sha256(e.head, e.head_len, inner), 0);
	receipt_signed(signed_bytes, inner);
	int n = seal_key_public(f->key, public_key);
	assert_int_equal(seal_verify((enum seal_alg)e.alg, public_key, (size_t)n, signed_bytes,
				 sizeof signed_bytes, e.signature, e.signature_len),
		0);
	assert_int_equal(receipt_unpack(&r, e.head, e.head_len), 0);
	assert_int_equal(seal_sha256(f->signed_bytes, sizeof f->signed_bytes, batch), 0);
	assert_memory_equal(r.batch_digest, batch, sizeof batch);
	assert_int_equal(r.public_key_len, n);
	assert_memory_equal(r.public_key, public_key, (size_t)n);
	return r;
}

/* ---- tests ---- */

static void uploads_and_receipts(void **state)
{
	struct fixture *f = *state;
	serve(f);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			upload(f, &(struct batch){.first = 1, .count = 3, .total = 42}), 200);
		struct receipt r = open_receipt(f);
		assert_int_equal(r.last, 3);
		assert_int_equal(r.stored, i == 0 ? 3 : 0);
		assert_int_equal(r.duplicates, i == 0 ? 0 : 3);
		assert_int_equal(r.rejected_count, 0);
		assert_int_equal(r.want_full_count, 0);
	}
	assert_int_equal(upload(f, &(struct batch){.first = 4, .count = 1, .is_raw = true}), 200);
	assert_int_equal(help_show(f->dir, "serial:xerox/S2").total, 42);
	assert_int_equal(help_counts(f->dir).records, 4);
	struct intake_counts n;
	intake_counts(f->intake, &n);
	assert_int_equal(n.batches, 3);
	assert_int_equal(n.stored, 4);
	assert_int_equal(n.duplicates, 3);
	assert_int_equal(n.held_bytes, 0);
	assert_int_equal(n.conns, 0);
}

static void many_on_one_connection(void **state)
{
	struct fixture *f = *state;
	struct buf parts[3], body;
	serve(f);
	buf_open(&body, LIMIT_BATCH_SENT);
	for (unsigned i = 0; i < 3; i++) {
		buf_clear(&body);
		make_batch(f, &body, &(struct batch){.first = 1 + i, .count = 1});
		make_request(&parts[i], NULL, "agent1", f->secret, NULL, &body);
	}
	struct client c = {.parts = parts, .count = 3, .answers_wanted = 3};
	dial(f, &c);
	run_clients(f);
	assert_int_equal(c.answers, 3);
	assert_int_equal(c.statuses[2], 200);
	assert_int_equal(help_counts(f->dir).records, 3);
	for (unsigned i = 0; i < 3; i++)
		buf_close(&parts[i]);
	buf_close(&c.in);
	buf_close(&body);
}

static void the_head_is_refused(void **state)
{
	struct fixture *f = *state;
	struct buf body;
	serve(f);
	add_user(f, "ann", ROLE_OPERATOR, "correct horse");
	buf_open(&body, LIMIT_BATCH_SENT);
	make_batch(f, &body, &(struct batch){.first = 1, .count = 1});
	assert_int_equal(ask(f, NULL, NULL, NULL, NULL, &body), 401);
	assert_int_equal(
		ask(f, NULL, "agent1", "platen-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, &body),
		401);
	assert_int_equal(ask(f, NULL, "ann", "wrong horse", NULL, &body), 401);
	assert_int_equal(ask(f, NULL, "ann", "correct horse", NULL, &body), 403);
	assert_int_equal(
		ask(f, "POST /v2/batches HTTP/1.1", "agent1", f->secret, NULL, &body), 404);
	assert_int_equal(
		ask(f, "PUT " BATCH_PATH " HTTP/1.1", "agent1", f->secret, NULL, &body), 405);
	assert_int_equal(ask(f, "POST /livez HTTP/1.1", NULL, NULL, NULL, NULL), 405);
	assert_int_equal(ask(f, "GET /livez HTTP/1.1", NULL, NULL, NULL, &body), 413);
	assert_int_equal(ask(f, "GET /livez HTTP/1.1", NULL, NULL, NULL, NULL), 200);
	assert_int_equal(f->body.len, 3);
	assert_int_equal(
		ask(f, "HEAD /livez HTTP/1.1", NULL, NULL, "\r\nConnection: close", NULL), 200);
	assert_int_equal(f->body.len, 0);
	for (int i = 0; i < LIMIT_LOGIN_FAILS; i++)
		(void)ask(f, NULL, "ann", "wrong horse", NULL, &body);
	assert_int_equal(ask(f, NULL, "ann", "correct horse", NULL, &body), 429);
	assert_int_equal(ask(f, NULL, "agent1", f->secret, NULL, &body), 200);
	buf_close(&body);
}

static void not_http(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{"\x16\x03\x01\x02\r\n\r\n", 400},
		{"POST /v1/batches HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 411},
		{"POST /v1/batches HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", 413},
		{"GET /livez HTTP/1.1\r\n folded\r\n\r\n", 400},
		{"BREW /livez HTTP/1.1\r\nHost: h\r\n\r\n", 501},
		{"POST /v1/batches HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTpi\r\n"
		 "Content-Type: application/json\r\nContent-Length: 1\r\n\r\nx",
			415},
		{"POST /v1/batches HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTpi\r\n"
		 "Content-Type: " BATCH_MEDIA_TYPE "\r\n\r\n",
			411},
	};
	serve(f);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf request;
		buf_open(&request, LIMIT_HTTP_HEAD);
		assert_int_equal(buf_put_text(&request, cases[i].text), 0);
		int status = ask_bytes(f, &request);
		if (status != cases[i].status)
			fail_msg("case %zu: %d, not %d", i, status, cases[i].status);
		buf_close(&request);
	}
	/* What is sent ahead is dropped with the connection, after the first answer. */
	struct buf twice;
	buf_open(&twice, LIMIT_HTTP_HEAD);
	for (int i = 0; i < 2; i++)
		assert_int_equal(buf_put_text(&twice, "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
	struct client c = {.parts = &twice, .count = 1};
	dial(f, &c);
	run_clients(f);
	assert_int_equal(c.answers, 1);
	assert_int_equal(c.err, 0);
	buf_close(&c.in);
	buf_close(&twice);
}

static void the_batch_is_refused(void **state)
{
	struct fixture *f = *state;
	static const uint8_t map_bomb[] = {0xdf, 0xff, 0xff, 0xff, 0xff};
	static uint8_t deep[5000];
	struct buf body;
	serve(f);
	memset(deep, 0x91, sizeof deep);
	assert_int_equal(
		upload(f,
			&(struct batch){
				.first = 1, .count = 1, .bytes = map_bomb, .len = sizeof map_bomb}),
		422);
	assert_int_equal(
		upload(f, &(struct batch){.first = 1, .count = 1, .bytes = deep, .len = 5000}),
		422);
	assert_int_equal(upload(f, &(struct batch){.first = 1, .count = 1, .raw_len = 9}), 422);
	assert_int_equal(upload(f, &(struct batch){.first = 1, .count = 2, .last = 5}), 422);
	assert_int_equal(
		upload(f, &(struct batch){.first = 5, .count = 1, .raw_len = 9, .is_raw = true}),
		422);
	/* Each byte of the envelope counts. */
	buf_open(&body, LIMIT_BATCH_SENT);
	make_batch(f, &body, &(struct batch){.first = 1, .count = 1});
	for (size_t i = 0; i < body.len; i += 7) {
		body.data[i] ^= 0x40;
		int status = ask(f, NULL, "agent1", f->secret, NULL, &body);
		if (status != 422 && status != 413)
			fail_msg("byte %zu: %d", i, status);
		body.data[i] ^= 0x40;
	}
	assert_int_equal(help_counts(f->dir).agents, 0);
	assert_int_equal(ask(f, NULL, "agent1", f->secret, NULL, &body), 200);
	/* Another key, and another content. */
	struct seal_key *other = open_key(f, "other.key");
	assert_int_equal(upload(f, &(struct batch){.first = 2, .count = 1, .key = other}), 403);
	assert_int_equal(upload(f, &(struct batch){.first = 1, .count = 1, .total = 9}), 409);
	assert_int_equal(help_counts(f->dir).records, 1);
	seal_key_close(other);
	buf_close(&body);
}

/* 256 MiB of zeros in a few kilobytes. */
static void a_bomb(void **state)
{
	struct fixture *f = *state;
	serve(f);
	size_t len = (size_t)256 << 20;
	void *zeros = calloc(1, len);
	uint8_t *bomb = malloc(1 << 20);
	assert_non_null(zeros);
	assert_non_null(bomb);
	size_t n = ZSTD_compress(bomb, 1 << 20, zeros, len, 3);
	assert_false(ZSTD_isError(n));
	free(zeros);
	struct envelope e;
	struct buf made, body;
	buf_open(&made, LIMIT_BATCH_SENT);
	buf_open(&body, LIMIT_BATCH_SENT);
	make_batch(f, &made, &(struct batch){.first = 1, .count = 1});
	assert_int_equal(batch_unpack(&e, made.data, made.len), 0);
	e.body = bomb;
	e.body_len = n;
	assert_int_equal(batch_pack(&body, &e), 0);
	assert_int_equal(ask(f, NULL, "agent1", f->secret, NULL, &body), 422);
	assert_int_equal(help_counts(f->dir).agents, 0);
	free(bomb);
	buf_close(&made);
	buf_close(&body);
}

static void slow_ones_are_sent_away(void **state)
{
	struct fixture *f = *state;
	f->head_ms = 30;
	f->idle_ms = 30;
	serve(f);
	struct buf head, body, whole;
	buf_open(&head, 64);
	assert_int_equal(buf_put_text(&head, "POST /v1/ba"), 0);
	struct client slow_head = {.parts = &head, .count = 1};
	dial(f, &slow_head);
	buf_open(&body, 100);
	assert_int_equal(buf_put(&body, head.data, head.len), 0);
	make_request(&whole, NULL, "agent1", f->secret, NULL, &body);
	whole.len -= 3;
	struct client slow_body = {.parts = &whole, .count = 1};
	dial(f, &slow_body);
	struct client silent = {0};
	dial(f, &silent);
	run_clients(f);
	assert_int_equal(slow_head.answers, 1);
	assert_int_equal(slow_head.statuses[0], 408);
	assert_int_equal(slow_body.answers, 1);
	assert_int_equal(slow_body.statuses[0], 408);
	assert_int_equal(silent.answers, 0);
	assert_int_equal(silent.err, 0);
	struct intake_counts n;
	intake_counts(f->intake, &n);
	assert_int_equal(n.held_bytes, 0);
	buf_close(&head);
	buf_close(&body);
	buf_close(&whole);
	buf_close(&slow_head.in);
	buf_close(&slow_body.in);
	buf_close(&silent.in);
}

static void more_bodies_than_room(void **state)
{
	struct fixture *f = *state;
	enum { FLOOD = 3 * LIMIT_HUB_BODIES };
	static struct client clients[FLOOD];
	static uint8_t garbage[INTAKE_BODY_MAX];
	struct buf body, request;
	serve(f);
	memset(garbage, 0xc1, sizeof garbage);
	buf_over(&body, garbage, sizeof garbage);
	body.len = sizeof garbage;
	make_request(&request, NULL, "agent1", f->secret, NULL, &body);
	for (int i = 0; i < FLOOD; i++) {
		clients[i] = (struct client){.parts = &request, .count = 1, .answers_wanted = 1};
		dial(f, &clients[i]);
	}
	run_clients(f);
	for (int i = 0; i < FLOOD; i++) {
		assert_int_equal(clients[i].answers, 1);
		assert_int_equal(clients[i].statuses[0], 422);
		buf_close(&clients[i].in);
	}
	struct intake_counts n;
	intake_counts(f->intake, &n);
	assert_in_range(n.held_bytes_peak, INTAKE_BODY_MAX, INTAKE_HELD_MAX);
	assert_int_equal(n.held_bytes, 0);
	assert_int_equal(n.refused, FLOOD);
	buf_close(&request);
}

static void an_answer_nobody_hears(void **state)
{
	struct fixture *f = *state;
	struct buf body, request;
	serve(f);
	buf_open(&body, LIMIT_BATCH_SENT);
	make_batch(f, &body, &(struct batch){.first = 1, .count = 5, .total = 7});
	make_request(&request, NULL, "agent1", f->secret, NULL, &body);
	struct client c = {.parts = &request, .count = 1, .is_leaving = true};
	dial(f, &c);
	run_clients(f);
	/* It is there, and sent again it is a duplicate. */
	assert_int_equal(ask_bytes(f, &request), 200);
	struct receipt r = open_receipt(f);
	assert_int_equal(r.stored, 0);
	assert_int_equal(r.duplicates, 5);
	assert_int_equal(help_counts(f->dir).records, 5);
	buf_close(&c.in);
	buf_close(&body);
	buf_close(&request);
}

static void in_every_small_piece(void **state)
{
	struct fixture *f = *state;
	enum { PIECES = 40 };
	struct buf body, request, pieces[PIECES];
	serve(f);
	buf_open(&body, LIMIT_BATCH_SENT);
	make_batch(f, &body, &(struct batch){.first = 1, .count = 2});
	make_request(&request, NULL, "agent1", f->secret, "\r\nExpect: 100-continue", &body);
	size_t step = request.len / PIECES + 1;
	unsigned n = 0;
	for (size_t at = 0; at < request.len; at += step, n++) {
		size_t left = request.len - at;
		buf_over(&pieces[n], request.data + at, left < step ? left : step);
		pieces[n].len = pieces[n].cap;
	}
	struct client c = {.parts = pieces, .count = n, .answers_wanted = 1, .is_pushing = true};
	dial(f, &c);
	run_clients(f);
	assert_int_equal(c.statuses[0], 200);
	buf_close(&c.in);
	buf_close(&body);
	buf_close(&request);
}

static void the_end_waits_for_the_disk(void **state)
{
	struct fixture *f = *state;
	enum { BATCHES = 50 };
	static struct client clients[BATCHES];
	struct buf body, requests[BATCHES];
	serve(f);
	buf_open(&body, LIMIT_BATCH_SENT);
	for (unsigned i = 0; i < BATCHES; i++) {
		buf_clear(&body);
		make_batch(f, &body, &(struct batch){.first = 1 + i, .count = 1});
		make_request(&requests[i], NULL, "agent1", f->secret, NULL, &body);
		clients[i] =
			(struct client){.parts = &requests[i], .count = 1, .answers_wanted = 1};
		dial(f, &clients[i]);
	}
	/* When the first has its answer, the hub is told to stop. */
	clients[0].is_leaving = false;
	struct intake_counts n = {0};
	bool is_ending = false;
	while (f->clients > 0) {
		assert_int_equal(loop_run(f->loop), 0);
		if (!is_ending) {
			intake_counts(f->intake, &n);
			end_service(f);
			is_ending = true;
		}
	}
	unsigned answered = 0;
	for (unsigned i = 0; i < BATCHES; i++) {
		if (clients[i].answers == 1)
			assert_int_equal(clients[i].statuses[0], 200);
		answered += clients[i].answers;
		buf_close(&requests[i]);
		buf_close(&clients[i].in);
	}
	assert_true(help_counts(f->dir).records >= answered);
	buf_close(&body);
}

/* Files may not grow: as a full disk. Then they may again. */
static void a_full_disk(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, full;
	serve(f);
	assert_int_equal(upload(f, &(struct batch){.first = 1, .count = 1}), 200);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	full = before;
	full.rlim_cur = 4096;
	log_set_level(LOG_ERROR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	int status = upload(f, &(struct batch){.first = 2, .count = 300});
	int again = upload(f, &(struct batch){.first = 2, .count = 300});
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(status, 503);
	assert_int_equal(again, 503);
	assert_int_equal(help_counts(f->dir).records, 1);
	assert_int_equal(upload(f, &(struct batch){.first = 2, .count = 300}), 200);
	assert_int_equal(open_receipt(f).stored, 300);
	assert_int_equal(help_counts(f->dir).records, 301);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	log_set_level(LOG_ERROR);
	const struct CMUnitTest tests[] = {
		TEST(uploads_and_receipts),
		TEST(many_on_one_connection),
		TEST(the_head_is_refused),
		TEST(not_http),
		TEST(the_batch_is_refused),
		TEST(a_bomb),
		TEST(slow_ones_are_sent_away),
		TEST(more_bodies_than_room),
		TEST(an_answer_nobody_hears),
		TEST(in_every_small_piece),
		TEST(a_full_disk),
		TEST(the_end_waits_for_the_disk),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
