/* SPDX-License-Identifier: Apache-2.0
 * Readings, records, batches and receipts as JSON, in the shape of docs/json.md that every --json
 * shows. Compact, one line, no newline at the end. Errors stay in the writer: ERR_FULL or
 * -ENOMEM. */
#ifndef PLATEN_DOCUMENT_JSON_H
#define PLATEN_DOCUMENT_JSON_H

#include "proto/base/writer.h"
#include "proto/reading/reading.h"
#include "proto/wire/envelope.h"
#include "proto/wire/pack.h"

/* One device as an object. `head` (may be NULL) adds seq, read_at_ms, read_at, policy, is_full,
 * address, device_key. Only the groups in `mask` are written; ALL_GROUPS for a whole reading. */
void json_device(struct writer *w, const char *key, const struct record_head *head,
	const struct reading *r, unsigned mask);
/* The same members without the braces, for an object that has more. */
void json_device_members(
	struct writer *w, const struct record_head *head, const struct reading *r, unsigned mask);

/* The kind of a document by its first bytes; the rest is not checked. */
enum json_kind { JSON_KIND_BATCH, JSON_KIND_RECEIPT, JSON_KIND_RECORDS };
/* enum json_kind, or ERR_FORMAT when they are none of these. */
int json_kind(const uint8_t *bytes, size_t len) MUST_USE;

/* {"records":[...]} for a bare body, one record or many. `blocks` holds one reading at a time.
 * After a damaged record "error" holds its offset and the reason, which is also the return value;
 * the records before it are written. 0 or that error, also when the writer failed. */
int json_records(struct writer *w, const uint8_t *body, size_t len, struct slab *blocks) MUST_USE;

/* {"batch":{...},"head":{...},"records":[...]}: e from batch_unpack, h from batch_head_unpack, body
 * decompressed. Signatures are written, not verified. Returns as json_records does. */
int json_batch(struct writer *w, const struct envelope *e, const struct batch_head *h,
	const uint8_t *body, size_t len, struct slab *blocks) MUST_USE;

/* The members of the site information that are known. */
void json_site_members(struct writer *w, const struct site_information *i);

/* {"receipt":{...}}. */
void json_receipt(struct writer *w, const struct envelope *e, const struct receipt *r);

/* "index":"DEVICE.INDEX" */
void json_index(struct writer *w, uint32_t device, uint32_t index);
/* The members of an alert from "kind" to "code_number". */
void json_alert_members(struct writer *w, const struct alert *a);

#endif
