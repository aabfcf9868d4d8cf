/* SPDX-License-Identifier: Apache-2.0
 * The hub's server on a real loop: uploads and their receipts, every refusal, bombs. */
#include "proto/base/log.h"
#include "tests/kit/ingest_batch.h"

static void test_upload_is_stored_and_receipted(void **state)
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
	struct ingest_counts n;
	ingest_counts(f->ingest, &n);
	assert_int_equal(n.batches, 3);
	assert_int_equal(n.stored, 4);
	assert_int_equal(n.duplicates, 3);
	assert_int_equal(n.held_bytes, 0);
	assert_int_equal(n.conns, 0);
}

static void test_keep_alive_serves_many_requests(void **state)
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
	struct client c = {.parts = parts, .count = 3, .wanted = 3};
	dial(f, &c);
	run_clients(f);
	assert_int_equal(c.responses, 3);
	assert_int_equal(c.statuses[2], 200);
	assert_int_equal(help_counts(f->dir).records, 3);
	for (unsigned i = 0; i < 3; i++)
		buf_close(&parts[i]);
	buf_close(&c.in);
	buf_close(&body);
}

static void test_invalid_batch_head_is_refused(void **state)
{
	struct fixture *f = *state;
	struct buf body;
	serve(f);
	add_user(f, "ann", ROLE_OPERATOR, "correct horse");
	buf_open(&body, LIMIT_BATCH_SENT);
	make_batch(f, &body, &(struct batch){.first = 1, .count = 1});
	assert_int_equal(send_request(f, NULL, NULL, NULL, NULL, &body), 401);
	assert_int_equal(send_request(f, NULL, "agent1", "platen-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
				 NULL, &body),
		401);
	assert_int_equal(send_request(f, NULL, "ann", "wrong horse", NULL, &body), 401);
	assert_int_equal(send_request(f, NULL, "ann", "correct horse", NULL, &body), 403);
	assert_int_equal(
		send_request(f, "POST /v2/batches HTTP/1.1", "agent1", f->secret, NULL, &body),
		404);
	assert_int_equal(
		send_request(f, "PUT " BATCH_PATH " HTTP/1.1", "agent1", f->secret, NULL, &body),
		405);
	assert_int_equal(send_request(f, "POST /livez HTTP/1.1", NULL, NULL, NULL, NULL), 405);
	assert_int_equal(send_request(f, "GET /livez HTTP/1.1", NULL, NULL, NULL, &body), 413);
	assert_int_equal(send_request(f, "GET /livez HTTP/1.1", NULL, NULL, NULL, NULL), 200);
	assert_int_equal(f->body.len, 3);
	assert_int_equal(
		send_request(f, "HEAD /livez HTTP/1.1", NULL, NULL, "\r\nConnection: close", NULL),
		200);
	assert_int_equal(f->body.len, 0);
	for (int i = 0; i < LIMIT_LOGIN_FAILS; i++)
		(void)send_request(f, NULL, "ann", "wrong horse", NULL, &body);
	assert_int_equal(send_request(f, NULL, "ann", "correct horse", NULL, &body), 429);
	assert_int_equal(send_request(f, NULL, "agent1", f->secret, NULL, &body), 200);
	buf_close(&body);
}

static void test_malformed_requests_are_refused(void **state)
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
		int status = send_bytes(f, &request);
		if (status != cases[i].status)
			fail_msg("case %zu: %d, not %d", i, status, cases[i].status);
		buf_close(&request);
	}
	/* Bytes that are sent ahead are dropped with the connection, after the first response. */
	struct buf twice;
	buf_open(&twice, LIMIT_HTTP_HEAD);
	for (int i = 0; i < 2; i++)
		assert_int_equal(buf_put_text(&twice, "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
	struct client c = {.parts = &twice, .count = 1};
	dial(f, &c);
	run_clients(f);
	assert_int_equal(c.responses, 1);
	assert_int_equal(c.err, 0);
	buf_close(&c.in);
	buf_close(&twice);
}

static void test_invalid_batch_is_refused(void **state)
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
		int status = send_request(f, NULL, "agent1", f->secret, NULL, &body);
		if (status != 422 && status != 413)
			fail_msg("byte %zu: %d", i, status);
		body.data[i] ^= 0x40;
	}
	/* Versions and algorithms that this hub does not know: the batch is not at fault. */
	for (size_t i = 1; i <= 2; i++) {
		uint8_t known = body.data[i];
		body.data[i] = 9;
		assert_int_equal(send_request(f, NULL, "agent1", f->secret, NULL, &body), 415);
		body.data[i] = known;
	}
	assert_int_equal(help_counts(f->dir).agents, 0);
	assert_int_equal(send_request(f, NULL, "agent1", f->secret, NULL, &body), 200);
	/* Another key, and another content. */
	struct crypto_key *other = open_key(f, "other.key");
	assert_int_equal(upload(f, &(struct batch){.first = 2, .count = 1, .key = other}), 403);
	assert_int_equal(upload(f, &(struct batch){.first = 1, .count = 1, .total = 9}), 409);
	assert_int_equal(help_counts(f->dir).records, 1);
	crypto_key_close(other);
	buf_close(&body);
}

/* 256 MiB of zeros in a few kilobytes. */
static void test_decompression_bomb_is_refused(void **state)
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
	assert_int_equal(send_request(f, NULL, "agent1", f->secret, NULL, &body), 422);
	assert_int_equal(help_counts(f->dir).agents, 0);
	free(bomb);
	buf_close(&made);
	buf_close(&body);
}

int main(void)
{
	log_set_level(LOG_ERROR);
	const struct CMUnitTest tests[] = {
		TEST(test_upload_is_stored_and_receipted),
		TEST(test_keep_alive_serves_many_requests),
		TEST(test_invalid_batch_head_is_refused),
		TEST(test_malformed_requests_are_refused),
		TEST(test_invalid_batch_is_refused),
		TEST(test_decompression_bomb_is_refused),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
