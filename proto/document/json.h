/* SPDX-License-Identifier: Apache-2.0
 * Readings, records, batches and receipts as JSON, in the one shape that every --json of ours
 * shows (docs/json.md). Compact, one line, no newline at the end; text is UTF-8. jansson builds it,
 * so this allocates: it is for verbs and reports, never for the reading path. */
#ifndef PLATEN_DOCUMENT_JSON_H
#define PLATEN_DOCUMENT_JSON_H

#include "proto/base/buf.h"
#include "proto/wire/envelope.h"
#include "proto/wire/pack.h"
#include "proto/reading/reading.h"

/* Appends one device object. `head` (may be NULL) adds seq, read_at_ms, read_at, policy, is_full,
 * address, device_key. Only the groups in `mask` are shown; ALL_GROUPS for a whole reading.
 * 0, ERR_FULL or -ENOMEM, dst then as before. */
int json_put_reading(struct buf *dst, const struct record_head *head, const struct reading *r,
	unsigned mask) MUST_USE;

/* Appends `t` as a JSON string with its quotes (bytes that are not UTF-8 become U+FFFD). */
int json_put_text(struct buf *dst, struct text t) MUST_USE;

/* What some bytes are: decided by their first bytes, not proven. */
enum json_kind { JSON_KIND_BATCH, JSON_KIND_RECEIPT, JSON_KIND_RECORDS };
/* enum json_kind, or ERR_FORMAT when they are none of these. */
int json_kind(const uint8_t *bytes, size_t len) MUST_USE;

/* Appends {"records":[...]} for a bare body, one record or many. `blocks` is for one reading at a
 * time. When a record is damaged, what came before it is kept, and "error" names the offset and the
 * reason; the return value is then that error. */
int json_put_records(
	struct buf *dst, const uint8_t *body, size_t len, struct slab *blocks) MUST_USE;

/* Appends {"batch":{...},"head":{...},"records":[...]}: e from batch_unpack, h from
 * batch_head_unpack, body already decompressed. Signatures are shown, not judged. */
int json_put_batch(struct buf *dst, const struct envelope *e, const struct batch_head *h,
	const uint8_t *body, size_t len, struct slab *blocks) MUST_USE;

/* Appends {"receipt":{...}}. */
int json_put_receipt(struct buf *dst, const struct envelope *e, const struct receipt *r) MUST_USE;

#endif
