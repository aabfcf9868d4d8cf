/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/uplink/upload.h"

#include "proto/wire/columns.h"
#include "proto/wire/coverage.h"
#include "proto/wire/heartbeat.h"

#include <string.h>
#include <zstd.h>

/* Of a few records columns may be longer: the shorter one of both. The tables of these levels would
 * take 16 MiB for a body of LIMIT_BATCH_RAW: 2 MiB lose a hundredth of the bytes. */
enum { ZSTD_LEVEL = 6, ZSTD_LEVEL_COLUMNS = 16, HASH_LOG = 17, CHAIN_LOG = 18, FEW_BYTES = 16384 };

/* Into u->compressed, of at most `max` bytes; false if it does not fit. */
static bool compress(struct upload *u, size_t max, const void *bytes, size_t len, int level)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	if (context == NULL)
		return false;
	size_t n = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
	if (!ZSTD_isError(n))
		n = ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, HASH_LOG);
	if (!ZSTD_isError(n))
		n = ZSTD_CCtx_setParameter(context, ZSTD_c_chainLog, CHAIN_LOG);
	if (!ZSTD_isError(n))
		n = ZSTD_compress2(context, u->compressed.data, max, bytes, len);
	(void)ZSTD_freeCCtx(context);
	if (ZSTD_isError(n))
		return false;
	u->compressed.len = n;
	u->body = u->compressed.data;
	u->body_len = n;
	return true;
}

static bool compress_records(struct upload *u, size_t max)
{
	if (!compress(u, max, u->raw, u->raw_len, ZSTD_LEVEL))
		return false;
	u->body_encoding = BODY_ZSTD;
	return true;
}

/* False also if it cannot be said in columns. */
static bool compress_columns(struct upload *u, size_t max)
{
	struct buf columns;
	buf_open(&columns, LIMIT_BATCH_RAW);
	bool is_done = columns_pack(&columns, u->raw, u->raw_len) == 0 &&
		       compress(u, max, columns.data, columns.len, ZSTD_LEVEL_COLUMNS);
	buf_close(&columns);
	if (is_done)
		u->body_encoding = BODY_COLUMNS;
	return is_done;
}

static void use_raw(struct upload *u)
{
	u->body = u->raw;
	u->body_len = u->raw_len;
	u->body_encoding = BODY_RAW;
}

int upload_compress(struct upload *u)
{
	use_raw(u);
	buf_clear(&u->compressed);
	size_t max = u->raw_len < LIMIT_BATCH_SENT ? u->raw_len : LIMIT_BATCH_SENT, few = max;
	int err = buf_reserve(&u->compressed, max);
	if (err < 0)
		return err;
	bool has_columns = u->encodings >= BODY_COLUMNS;
	if (has_columns && u->raw_len <= FEW_BYTES && compress_records(u, max))
		few = u->body_len;
	if (has_columns && compress_columns(u, few))
		return 0;
	/* Columns that did not fit have overwritten the buffer. */
	use_raw(u);
	(void)compress_records(u, max); /* if it is longer, it travels as it is */
	return 0;
}

int upload_sign(
	struct upload *u, enum upload_kind kind, const struct buf *head, struct buf *envelope)
{
	uint8_t head_digest[DIGEST_BYTES];
	uint8_t body_digest[DIGEST_BYTES];
	_Static_assert(HEARTBEAT_SIGNED_BYTES >= COVERAGE_SIGNED_BYTES &&
			       HEARTBEAT_SIGNED_BYTES >= BATCH_SIGNED_BYTES,
		"room for each");
	uint8_t bytes[HEARTBEAT_SIGNED_BYTES];
	size_t len = 0;
	uint8_t signature[CRYPTO_SIGNATURE_MAX];
	int err = crypto_sha256(head->data, head->len, head_digest);
	if (err == 0)
		err = crypto_sha256(u->raw, u->raw_len, body_digest);
	if (err < 0)
		return err;
	switch (kind) {
	case UPLOAD_BATCH:
		batch_signed(bytes, head_digest, body_digest);
		len = BATCH_SIGNED_BYTES;
		break;
	case UPLOAD_COVERAGE:
		coverage_signed(bytes, head_digest, body_digest);
		len = COVERAGE_SIGNED_BYTES;
		break;
	case UPLOAD_HEARTBEAT:
		heartbeat_signed(bytes, head_digest, body_digest);
		len = HEARTBEAT_SIGNED_BYTES;
		break;
	}
	err = crypto_sha256(bytes, len, u->digest);
	if (err < 0)
		return err;
	int n = crypto_sign(u->key, bytes, len, signature);
	if (n < 0)
		return n;
	struct envelope e = {.alg = (uint8_t)crypto_key_alg(u->key),
		.head = head->data,
		.head_len = head->len,
		.body = u->body,
		.body_len = u->body_len,
		.signature = signature,
		.signature_len = (size_t)n};
	memcpy(e.key_id, u->key_id, sizeof e.key_id);
	return batch_pack(envelope, &e);
}
