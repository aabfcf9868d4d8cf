/* SPDX-License-Identifier: Apache-2.0
 * The batches of bench/uploads --hub, made as engine/uplink makes them (packed, compressed, signed)
 * before anything is measured, and the checks of the receipts. All agents share one
 * key: the hub pins one for each agent id and does not mind. */
#include "bench/uploads.h"
#include "engine/loop/crypto.h"
#include "tests/vectors/readings.h"

#include <errno.h>
#include <time.h>
#include <zstd.h>

enum { ZSTD_LEVEL = 3 }; /* as engine/uplink */

struct vendor {
	struct crypto_key *key;
	uint8_t public_key[CRYPTO_PUBLIC_MAX];
	size_t public_key_len;
	uint8_t key_id[CRYPTO_KEY_ID];
	struct slab blocks;
	struct buf body;
	struct buf sent;
	uint64_t now_ms;
	uint64_t printer; /* the next one */
};

static int put_record(struct vendor *m, uint64_t seq)
{
	char name[LIMIT_DEVICE_KEY];
	struct reading r;
	(void)snprintf(name, sizeof name, "serial:xerox/3TX%08" PRIu64, m->printer);
	struct record_head head = {.seq = seq,
		.read_at_ms = m->now_ms,
		.policy_id = 1,
		.is_full = true,
		.address = text_of("192.0.2.17"),
		.device_key = text_of(name)};
	reading_open(&r, &m->blocks);
	reading_make_printer(&r, m->printer, 0, m->now_ms);
	int err = record_pack(&m->body, &head, &r, ALL_GROUPS);
	reading_close(&r);
	m->printer += err == 0;
	return err;
}

/* Records until the next one would not fit. */
static uint32_t fill_body(struct vendor *m)
{
	uint32_t count = 0;
	buf_clear(&m->body);
	while (count < LIMIT_BATCH_RECORDS && put_record(m, count + 1) == 0)
		count++;
	return count;
}

static int sign(struct vendor *m, struct upload_batch *b, const struct buf *head,
	uint8_t signature[CRYPTO_SIGNATURE_MAX])
{
	uint8_t head_digest[DIGEST_BYTES];
	uint8_t body_digest[DIGEST_BYTES];
	uint8_t bytes[BATCH_SIGNED_BYTES];
	int err = crypto_sha256(head->data, head->len, head_digest);
	if (err == 0)
		err = crypto_sha256(m->body.data, m->body.len, body_digest);
	if (err < 0)
		return err;
	batch_signed(bytes, head_digest, body_digest);
	err = crypto_sha256(bytes, sizeof bytes, b->digest);
	return err < 0 ? err : crypto_sign(m->key, bytes, sizeof bytes, signature);
}

static int crypto_batch(struct vendor *m, struct upload_batch *b)
{
	uint8_t head_bytes[LIMIT_HEAD];
	uint8_t signature[CRYPTO_SIGNATURE_MAX];
	struct buf head;
	struct buf out;
	struct batch_head h = {.epoch = UPLOAD_EPOCH,
		.first = 1,
		.last = b->last,
		.count = b->count,
		.sent_at_ms = m->now_ms,
		.body_encoding = BODY_ZSTD,
		.body_raw_len = (uint32_t)m->body.len,
		.software = text_of("platen-bench"),
		.polls_made = b->count,
		.public_key = m->public_key,
		.public_key_len = m->public_key_len,
		.devices = b->count,
		.minor = ENVELOPE_MINOR};
	memcpy(h.agent_id, b->agent_id, sizeof h.agent_id);
	buf_over(&head, head_bytes, sizeof head_bytes);
	int err = batch_head_pack(&head, &h);
	int n = err < 0 ? err : sign(m, b, &head, signature);
	if (n < 0)
		return n;
	struct envelope e = {.alg = (uint8_t)crypto_key_alg(m->key),
		.head = head.data,
		.head_len = head.len,
		.body = m->sent.data,
		.body_len = m->sent.len,
		.signature = signature,
		.signature_len = (size_t)n};
	memcpy(e.key_id, m->key_id, sizeof e.key_id);
	size_t room = m->sent.len + LIMIT_HEAD + LIMIT_SIGNATURE + 64;
	b->bytes = malloc(room);
	if (b->bytes == NULL)
		return -ENOMEM;
	buf_over(&out, b->bytes, room);
	err = batch_pack(&out, &e);
	b->len = out.len;
	return err;
}

static int make_batch(struct upload_batches *all, struct vendor *m, struct upload_batch *b)
{
	int err = crypto_random(b->agent_id, sizeof b->agent_id);
	if (err < 0)
		return err;
	b->count = fill_body(m);
	b->last = b->count;
	if (b->count == 0)
		return ERR_FULL; /* --bytes has no room for one record */
	buf_clear(&m->sent);
	size_t room = ZSTD_compressBound(m->body.len);
	if ((err = buf_reserve(&m->sent, room)) < 0)
		return err;
	m->sent.len = ZSTD_compress(m->sent.data, room, m->body.data, m->body.len, ZSTD_LEVEL);
	if (ZSTD_isError(m->sent.len))
		return ERR_FORMAT;
	err = crypto_batch(m, b);
	all->records += b->count;
	all->raw_bytes += m->body.len;
	all->sent_bytes += b->len;
	return err;
}

static int open_vendor(struct vendor *m, const char *key_file, size_t body_bytes)
{
	char why[LIMIT_WHY];
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	m->now_ms = (uint64_t)now.tv_sec * 1000;
	buf_open(&m->body, body_bytes);
	buf_open(&m->sent, ZSTD_compressBound(body_bytes));
	int err = slab_open(&m->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err == 0)
		err = crypto_key_open(&m->key, key_file, CRYPTO_ED25519, why, sizeof why);
	int n = err < 0 ? err : crypto_key_public(m->key, m->public_key);
	if (n < 0)
		return n;
	m->public_key_len = (size_t)n;
	return crypto_key_id(m->public_key, m->public_key_len, m->key_id);
}

int upload_batches_make(
	struct upload_batches *all, size_t count, const char *key_file, size_t body_bytes)
{
	struct vendor m = {0};
	*all = (struct upload_batches){.each = calloc(count, sizeof *all->each), .count = count};
	int err = all->each == NULL ? -ENOMEM : open_vendor(&m, key_file, body_bytes);
	for (size_t i = 0; i < count && err == 0; i++)
		err = make_batch(all, &m, &all->each[i]);
	if (m.key != NULL)
		crypto_key_close(m.key);
	slab_close(&m.blocks);
	buf_close(&m.body);
	buf_close(&m.sent);
	return err;
}

void upload_batches_free(struct upload_batches *all)
{
	for (size_t i = 0; all->each != NULL && i < all->count; i++)
		free(all->each[i].bytes);
	free(all->each);
}

/* ---- the receipt ---- */

static int verify_signature(const struct envelope *e, const struct receipt *r)
{
	uint8_t key_id[CRYPTO_KEY_ID];
	uint8_t digest[DIGEST_BYTES];
	uint8_t bytes[RECEIPT_SIGNED_BYTES];
	int err = crypto_key_id(r->public_key, r->public_key_len, key_id);
	if (err == 0 && memcmp(key_id, e->key_id, sizeof key_id) != 0)
		err = ERR_KEY;
	if (err == 0)
		err = crypto_sha256(e->head, e->head_len, digest);
	if (err < 0)
		return err;
	receipt_signed(bytes, digest);
	return crypto_verify((enum crypto_alg)e->alg, r->public_key, r->public_key_len, bytes,
		sizeof bytes, e->signature, e->signature_len);
}

int upload_judge(const struct upload_batch *b, const uint8_t *reply, size_t len)
{
	struct envelope envelope;
	struct receipt r;
	int err = receipt_envelope_unpack(&envelope, reply, len);
	if (err == 0)
		err = receipt_unpack(&r, envelope.head, envelope.head_len);
	if (err == 0)
		err = verify_signature(&envelope, &r);
	if (err < 0)
		return err;
	bool is_right = memcmp(r.agent_id, b->agent_id, AGENT_ID_BYTES) == 0 &&
			r.epoch == UPLOAD_EPOCH && r.last == b->last &&
			r.stored + r.duplicates == b->count && r.rejected_count == 0 &&
			memcmp(r.batch_digest, b->digest, DIGEST_BYTES) == 0;
	return is_right ? 0 : ERR_FORMAT;
}
