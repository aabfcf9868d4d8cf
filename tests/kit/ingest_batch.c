/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/ingest_batch.h"

static void digest(const struct buf *b, uint8_t dst[CRYPTO_SHA256])
{
	assert_int_equal(crypto_sha256(b->data, b->len, dst), 0);
}

void make_batch(struct fixture *f, struct buf *dst, const struct batch *b)
{
	static uint8_t sent[LIMIT_BATCH_SENT];
	const struct crypto_key *key = b->key != NULL ? b->key : f->agent_key;
	struct buf body, head;
	struct envelope e = {.alg = CRYPTO_ED25519};
	uint8_t public_key[CRYPTO_PUBLIC_MAX], head_digest[CRYPTO_SHA256],
		body_digest[CRYPTO_SHA256];
	uint8_t signature[CRYPTO_SIGNATURE_MAX];
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
	int n = crypto_key_public(key, public_key);
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
	assert_int_equal(crypto_key_id(public_key, (size_t)n, e.key_id), 0);
	digest(&head, head_digest);
	digest(&body, body_digest);
	batch_signed(f->signed_bytes, head_digest, body_digest);
	n = crypto_sign(key, f->signed_bytes, sizeof f->signed_bytes, signature);
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

void make_request(struct buf *dst, const char *line, const char *user, const char *secret,
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

int send_bytes(struct fixture *f, const struct buf *request)
{
	static const struct http1_events events = {take_head, take_body, take_end};
	struct client c = {.parts = request, .count = 1, .wanted = 1};
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

int send_request(struct fixture *f, const char *line, const char *user, const char *secret,
	const char *more, const struct buf *body)
{
	struct buf request;
	make_request(&request, line, user, secret, more, body);
	int status = send_bytes(f, &request);
	buf_close(&request);
	return status;
}

int upload(struct fixture *f, const struct batch *b)
{
	struct buf body;
	buf_open(&body, 4u << 20);
	make_batch(f, &body, b);
	int status = send_request(f, NULL, "agent1", f->secret, NULL, &body);
	buf_close(&body);
	return status;
}

struct receipt open_receipt(struct fixture *f)
{
	struct envelope e;
	struct receipt r;
	uint8_t inner[CRYPTO_SHA256], signed_bytes[RECEIPT_SIGNED_BYTES], batch[CRYPTO_SHA256];
	uint8_t public_key[CRYPTO_PUBLIC_MAX];
	assert_int_equal(receipt_envelope_unpack(&e, f->body.data, f->body.len), 0);
	assert_int_equal(crypto_sha256(e.head, e.head_len, inner), 0);
	receipt_signed(signed_bytes, inner);
	int n = crypto_key_public(f->key, public_key);
	assert_int_equal(crypto_verify((enum crypto_alg)e.alg, public_key, (size_t)n, signed_bytes,
				 sizeof signed_bytes, e.signature, e.signature_len),
		0);
	assert_int_equal(receipt_unpack(&r, e.head, e.head_len), 0);
	assert_int_equal(crypto_sha256(f->signed_bytes, sizeof f->signed_bytes, batch), 0);
	assert_memory_equal(r.batch_digest, batch, sizeof batch);
	assert_int_equal(r.public_key_len, n);
	assert_memory_equal(r.public_key, public_key, (size_t)n);
	return r;
}
