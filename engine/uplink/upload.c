/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/uplink/upload.h"

#include <string.h>
#include <zstd.h>

enum { ZSTD_LEVEL = 3 };

int upload_compress(struct upload *u)
{
	u->body = u->raw;
	u->body_len = u->raw_len;
	u->body_encoding = BODY_RAW;
	buf_clear(&u->compressed);
	size_t max = u->raw_len < LIMIT_BATCH_SENT ? u->raw_len : LIMIT_BATCH_SENT;
	int err = buf_reserve(&u->compressed, max);
	if (err < 0)
		return err;
	size_t n = ZSTD_compress(u->compressed.data, max, u->raw, u->raw_len, ZSTD_LEVEL);
	if (ZSTD_isError(n))
		return 0; /* it would be longer: it travels as it is */
	u->compressed.len = n;
	u->body_encoding = BODY_ZSTD;
	u->body = u->compressed.data;
	u->body_len = n;
	return 0;
}

int upload_sign(struct upload *u, const struct buf *head, struct buf *envelope)
{
	uint8_t head_digest[DIGEST_BYTES];
	uint8_t body_digest[DIGEST_BYTES];
	uint8_t bytes[BATCH_SIGNED_BYTES];
	uint8_t signature[CRYPTO_SIGNATURE_MAX];
	int err = crypto_sha256(head->data, head->len, head_digest);
	if (err == 0)
		err = crypto_sha256(u->raw, u->raw_len, body_digest);
	if (err < 0)
		return err;
	batch_signed(bytes, head_digest, body_digest);
	err = crypto_sha256(bytes, sizeof bytes, u->digest);
	if (err < 0)
		return err;
	int n = crypto_sign(u->key, bytes, sizeof bytes, signature);
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
