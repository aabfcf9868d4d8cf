/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/ingest_batch.h"

#include "proto/wire/coverage.h"
#include "proto/wire/heartbeat.h"
#include "proto/wire/inflate.h"
#include "proto/wire/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Shortest name in the wanted list: one character and its NUL would do, four keep the array small.
 */
enum { WANTED_MAX = LIMIT_WANTED / 4 };

struct batch_writer {
	struct archive *archive;
	const struct crypto_key *key;
	const char *software;
	const struct audit_queue *audit;
	struct inflate *inflate;
	uint8_t public_key[CRYPTO_PUBLIC_MAX];
	size_t public_key_len;
	uint8_t key_id[CRYPTO_KEY_ID];
	struct old_key {
		uint8_t der[CRYPTO_PUBLIC_MAX];
		uint8_t signature[CRYPTO_SIGNATURE_MAX]; /* over the present key */
		size_t len, signature_len;               /* 0: there is none */
		uint8_t alg;
	} old;
	struct archive_result result;
	struct receipt_rejected rejected[LIMIT_REJECTED];
	struct text wanted[WANTED_MAX];
	uint8_t raw[LIMIT_BATCH_RAW];
};

/* One batch while it is looked at. */
struct looked_at {
	struct envelope envelope;
	struct batch_head head;
	const uint8_t *body; /* uncompressed */
	uint8_t signed_bytes[BATCH_SIGNED_BYTES];
};

/* The old key's signature over the present one, once: it is in every receipt. */
static int sign_key(struct batch_writer *t, const struct crypto_key *old_key)
{
	uint8_t digest[DIGEST_BYTES], bytes[HUB_KEY_SIGNED_BYTES];
	struct old_key *old = &t->old;
	if (old_key == NULL)
		return 0;
	int n = crypto_key_public(old_key, old->der);
	/* A rotation that was cut off leaves the same key under both names. */
	if (n == (int)t->public_key_len && memcmp(old->der, t->public_key, (size_t)n) == 0)
		return 0;
	int err = n < 0 ? n : crypto_sha256(t->public_key, t->public_key_len, digest);
	if (err < 0)
		return err;
	hub_key_signed(bytes, digest);
	err = crypto_sign(old_key, bytes, sizeof bytes, old->signature);
	if (err < 0)
		return err;
	old->len = (size_t)n;
	old->signature_len = (size_t)err;
	old->alg = (uint8_t)crypto_key_alg(old_key);
	return 0;
}

int batch_writer_open(struct batch_writer **ret, const struct batch_writer_options *o)
{
	struct batch_writer *t = calloc(1, sizeof *t);
	if (t == NULL)
		return -ENOMEM;
	t->archive = o->archive;
	t->key = o->key;
	t->software = o->software;
	t->audit = o->audit;
	buf_open(&t->result.wanted, LIMIT_WANTED);
	int err = inflate_open(&t->inflate);
	if (err == 0) {
		err = crypto_key_public(t->key, t->public_key);
		t->public_key_len = err > 0 ? (size_t)err : 0;
	}
	if (err > 0)
		err = crypto_key_id(t->public_key, t->public_key_len, t->key_id);
	if (err >= 0)
		err = sign_key(t, o->old_key);
	if (err < 0) {
		batch_writer_close(t);
		return err;
	}
	*ret = t;
	return 0;
}

void batch_writer_close(struct batch_writer *t)
{
	if (t == NULL)
		return;
	inflate_close(t->inflate);
	buf_close(&t->result.wanted);
	free(t);
}

int batch_refuse(struct batch_result *result, int err, const char *what)
{
	result->err = err;
	result->what = what;
	switch (err) {
	case ERR_LIMIT:
		result->status = 413;
		break;
	case ERR_FORBIDDEN:
		result->status = 403;
		break;
	case ERR_CONFLICT:
		result->status = 409;
		break;
	case ERR_BUSY:
		result->status = 429;
		break;
	case ERR_VERSION: /* envelope, signature algorithm or body encoding of a newer agent */
		result->status = 415;
		result->what = ENVELOPE_UNSUPPORTED ": this hub accepts " ENVELOPE_ACCEPTS;
		break;
	default:
		result->status = 422;
	}
	return 0;
}

static int open_body(struct batch_writer *t, struct looked_at *b)
{
	size_t raw_len = b->head.body_raw_len;
	if (raw_len > sizeof t->raw)
		return ERR_LIMIT;
	if (b->head.body_encoding == BODY_RAW) {
		b->body = b->envelope.body;
		return b->envelope.body_len == raw_len ? 0 : ERR_FORMAT;
	}
	b->body = t->raw;
	return inflate_body(t->inflate, b->head.body_encoding, t->raw, raw_len, b->envelope.body,
		b->envelope.body_len);
}

static int check_signature(struct looked_at *b)
{
	const struct envelope *e = &b->envelope;
	uint8_t key_id[CRYPTO_KEY_ID];
	uint8_t head[CRYPTO_SHA256];
	uint8_t body[CRYPTO_SHA256];
	if (e->alg != CRYPTO_ED25519 && e->alg != CRYPTO_P256)
		return ERR_VERSION;
	if (crypto_key_id(b->head.public_key, b->head.public_key_len, key_id) < 0)
		return ERR_KEY;
	if (memcmp(key_id, e->key_id, sizeof key_id) != 0)
		return ERR_KEY;
	if (crypto_sha256(e->head, e->head_len, head) < 0 ||
		crypto_sha256(b->body, b->head.body_raw_len, body) < 0)
		return ERR_CRYPTO;
	batch_signed(b->signed_bytes, head, body);
	return crypto_verify((enum crypto_alg)e->alg, b->head.public_key, b->head.public_key_len,
		b->signed_bytes, sizeof b->signed_bytes, e->signature, e->signature_len);
}

/* The body is records and nothing else: each is bounded (depth, lengths, counts), and its number is
 * the next higher one within first..last. The archive checks a record's groups, one
 * record at a time. */
static int check_records(const struct looked_at *b)
{
	const struct batch_head *h = &b->head;
	size_t at = 0;
	uint32_t count = 0;
	uint64_t before = 0;
	while (at < h->body_raw_len) {
		struct record_head head;
		struct record_span spans[GROUP_COUNT];
		int len = record_spans(&head, spans, b->body + at, h->body_raw_len - at);
		if (len < 0)
			return len;
		if (head.seq < h->first || head.seq > h->last || head.seq <= before)
			return ERR_RANGE;
		if (count == 0 && head.seq != h->first)
			return ERR_RANGE;
		before = head.seq;
		count++;
		at += (size_t)len;
	}
	return count == h->count && before == h->last && count > 0 ? 0 : ERR_RANGE;
}

/* The inner receipt, with as many wanted names as fit. */
static int write_receipt(
	struct batch_writer *t, struct buf *dst, const struct looked_at *b, uint64_t received_at_ms)
{
	const struct archive_result *v = &t->result;
	struct receipt r = {.epoch = b->head.epoch,
		.last = b->head.last,
		.stored = v->stored,
		.duplicates = v->duplicates,
		.received_at_ms = received_at_ms,
		.software = text_of(t->software),
		.public_key = t->public_key,
		.public_key_len = t->public_key_len,
		.encodings = BODY_ENCODING_COUNT - 1,
		.old_key = t->old.der,
		.old_key_len = t->old.len,
		.old_signature = t->old.signature,
		.old_signature_len = t->old.signature_len,
		.old_alg = t->old.alg,
		.rejected_count = v->rejected_count,
		.rejected = t->rejected,
		.want_full = t->wanted};
	memcpy(r.agent_id, b->head.agent_id, sizeof r.agent_id);
	if (crypto_sha256(b->signed_bytes, sizeof b->signed_bytes, r.batch_digest) < 0)
		return ERR_CRYPTO;
	if (t->audit != NULL) {
		r.ledger = audit_queue_newest_written(t->audit);
		r.ledger_len = DIGEST_BYTES;
	}
	for (uint32_t i = 0; i < v->rejected_count; i++)
		t->rejected[i] = (struct receipt_rejected){
			.seq = v->rejected[i].seq, .reason = text_of(err_text(v->rejected[i].err))};
	const char *name = (const char *)v->wanted.data;
	for (uint32_t i = 0; i < v->wanted_count && r.want_full_count < WANTED_MAX; i++) {
		t->wanted[r.want_full_count++] = text_of(name);
		name += strlen(name) + 1;
	}
	return receipt_pack(dst, &r);
}

static int put_into_archive(struct batch_writer *t, const struct looked_at *b, const char *account,
	uint64_t received_at_ms)
{
	const struct batch_head *h = &b->head;
	uint8_t bytes[LIMIT_HEAD];
	struct buf information;
	buf_over(&information, bytes, sizeof bytes);
	int err = site_information_pack(&information, &h->info);
	if (err < 0)
		return err;
	struct archive_batch batch = {.agent_id = h->agent_id,
		.public_key = h->public_key,
		.public_key_len = h->public_key_len,
		.account = text_of(account),
		.site = h->site,
		.software = h->software,
		.epoch = h->epoch,
		.first = h->first,
		.last = h->last,
		.has_receipted = h->minor >= 3,
		.receipted = h->receipted,
		.received_at_ms = received_at_ms,
		.body = b->body,
		.body_len = h->body_raw_len,
		.is_corporate = h->is_corporate != 0,
		.information = information.data,
		/* One byte is an empty map. */
		.information_len = information.len > 1 ? information.len : 0};
	return archive_put_batch(t->archive, &batch, &t->result);
}

/* For the audit. */
static int note_digests(struct batch_result *result, const struct looked_at *b)
{
	const struct batch_head *h = &b->head;
	int err = crypto_sha256(b->signed_bytes, sizeof b->signed_bytes, result->digest);
	if (err == 0)
		err = crypto_sha256(h->public_key, h->public_key_len, result->key);
	if (h->ledger_len == DIGEST_BYTES)
		memcpy(result->ledger, h->ledger, DIGEST_BYTES);
	result->is_authentic = err == 0;
	return err;
}

static void note_result(struct batch_result *result, const struct archive_result *v)
{
	result->status = 200;
	result->stored = v->stored;
	result->duplicates = v->duplicates;
	result->rejected = v->rejected_count;
	result->wanted = v->wanted_count;
	result->is_new_agent = v->is_new_agent;
	result->is_new_epoch = v->is_new_epoch;
	result->has_gap = v->has_gap;
	result->lost_first = v->lost_first;
	result->lost_last = v->lost_last;
	result->lost_from_ms = v->lost_from_ms;
	result->clock_suspects = v->clock_suspects;
	memcpy(result->clock_suspect, v->clock_suspect, sizeof result->clock_suspect);
}

int batch_write(struct batch_writer *t, struct batch_result *result, struct buf *receipt,
	const uint8_t *bytes, size_t len, const char *account, uint64_t received_at_ms)
{
	struct looked_at b;
	memset(result, 0, sizeof *result);
	int err = batch_unpack(&b.envelope, bytes, len);
	if (err < 0)
		return batch_refuse(result, err, "envelope");
	err = batch_head_unpack(&b.head, b.envelope.head, b.envelope.head_len);
	if (err < 0)
		return batch_refuse(result, err, "head");
	memcpy(result->agent_id, b.head.agent_id, sizeof result->agent_id);
	result->epoch = b.head.epoch;
	result->first = b.head.first;
	result->last = b.head.last;
	result->records = b.head.count;
	memcpy(result->dropped, b.head.dropped, sizeof result->dropped);
	result->raw_bytes = b.head.body_raw_len;
	if ((err = open_body(t, &b)) < 0)
		return batch_refuse(result, err, "body");
	if ((err = check_signature(&b)) < 0)
		return batch_refuse(result, err, "signature");
	if ((err = note_digests(result, &b)) < 0)
		return err;
	if ((err = check_records(&b)) < 0)
		return batch_refuse(result, err, "record");
	err = put_into_archive(t, &b, account, received_at_ms);
	if (err == ERR_FORBIDDEN)
		return batch_refuse(result, err, "another key is pinned for this agent");
	if (err == ERR_CONFLICT)
		return batch_refuse(result, err, "a number came with other content before");
	if (err == ERR_LIMIT || err == ERR_FORMAT)
		return batch_refuse(result, ERR_FORMAT, "too many useless records");
	if (err < 0)
		return err;
	note_result(result, &t->result);
	return write_receipt(t, receipt, &b, received_at_ms);
}

/* ---- coverage ---- */
static int check_coverage(
	const struct envelope *e, const struct coverage_head *h, const uint8_t *body)
{
	uint8_t key_id[CRYPTO_KEY_ID], bytes[COVERAGE_SIGNED_BYTES];
	uint8_t head_digest[CRYPTO_SHA256], body_digest[CRYPTO_SHA256];
	if (e->alg != CRYPTO_ED25519 && e->alg != CRYPTO_P256)
		return ERR_VERSION;
	if (crypto_key_id(h->public_key, h->public_key_len, key_id) < 0 ||
		memcmp(key_id, e->key_id, sizeof key_id) != 0)
		return ERR_KEY;
	if (crypto_sha256(e->head, e->head_len, head_digest) < 0 ||
		crypto_sha256(body, h->body_raw_len, body_digest) < 0)
		return ERR_CRYPTO;
	coverage_signed(bytes, head_digest, body_digest);
	return crypto_verify((enum crypto_alg)e->alg, h->public_key, h->public_key_len, bytes,
		sizeof bytes, e->signature, e->signature_len);
}

int coverage_write(struct batch_writer *t, struct batch_result *result, const uint8_t *bytes,
	size_t len, uint64_t received_at_ms)
{
	struct envelope e;
	struct coverage_head h;
	memset(result, 0, sizeof *result);
	int err = batch_unpack(&e, bytes, len);
	if (err < 0)
		return batch_refuse(result, err, "envelope");
	if ((err = coverage_head_unpack(&h, e.head, e.head_len)) < 0)
		return batch_refuse(result, err, "head");
	memcpy(result->agent_id, h.agent_id, sizeof result->agent_id);
	result->raw_bytes = h.body_raw_len;
	err = inflate_body(t->inflate, h.body_encoding, t->raw, h.body_raw_len, e.body, e.body_len);
	if (err < 0)
		return batch_refuse(result, err, "body");
	if ((err = check_coverage(&e, &h, t->raw)) < 0)
		return batch_refuse(result, err, "signature");
	struct archive_coverage c = {.agent_id = h.agent_id,
		.public_key = h.public_key,
		.public_key_len = h.public_key_len,
		.made_at_ms = h.sent_at_ms,
		.received_at_ms = received_at_ms,
		.known = h.known,
		.body = t->raw,
		.body_len = h.body_raw_len};
	err = archive_put_coverage(t->archive, &c);
	if (err == ERR_FORBIDDEN)
		return batch_refuse(result, err, "another key is pinned for this agent");
	if (err == ERR_CONFLICT)
		return batch_refuse(result, err, "a newer coverage of this agent has come");
	if (err == ERR_NAME)
		return batch_refuse(result, err, "no record of this agent has come yet");
	if (err == ERR_FORMAT || err == ERR_SHORT || err == ERR_LIMIT || err == ERR_TYPE ||
		err == ERR_RANGE)
		return batch_refuse(result, ERR_FORMAT, "rows");
	if (err == 0)
		result->status = 200;
	return err;
}

/* Puts what is signed of `bytes` into an envelope with its signature. */
static int sign(struct batch_writer *t, struct buf *bytes, const uint8_t *is_signed, size_t len)
{
	struct envelope e = {.head = bytes->data, .head_len = bytes->len};
	uint8_t signature[CRYPTO_SIGNATURE_MAX];
	int n = crypto_sign(t->key, is_signed, len, signature);
	if (n < 0)
		return n;
	e.alg = (uint8_t)crypto_key_alg(t->key);
	memcpy(e.key_id, t->key_id, sizeof e.key_id);
	e.signature = signature;
	e.signature_len = (size_t)n;
	struct buf packed;
	buf_open(&packed, LIMIT_RECEIPT);
	int err = receipt_envelope_pack(&packed, &e);
	if (err < 0) {
		buf_close(&packed);
		return err;
	}
	buf_close(bytes);
	*bytes = packed;
	return 0;
}

int batch_sign(struct batch_writer *t, struct buf *receipt)
{
	uint8_t digest[CRYPTO_SHA256], bytes[RECEIPT_SIGNED_BYTES];
	if (crypto_sha256(receipt->data, receipt->len, digest) < 0)
		return ERR_CRYPTO;
	receipt_signed(bytes, digest);
	return sign(t, receipt, bytes, sizeof bytes);
}

int heartbeat_sign(struct batch_writer *t, struct buf *response)
{
	uint8_t digest[CRYPTO_SHA256], bytes[HEARTBEAT_RESPONSE_SIGNED_BYTES];
	if (crypto_sha256(response->data, response->len, digest) < 0)
		return ERR_CRYPTO;
	heartbeat_response_signed(bytes, digest);
	return sign(t, response, bytes, sizeof bytes);
}
