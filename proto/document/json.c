/* SPDX-License-Identifier: Apache-2.0
 * Batches, receipts and records; one device is json_device.c's. */
#include "proto/document/json.h"
#include "proto/document/json_internal.h"
#include "proto/msgpack/mpread.h"

#include <stdio.h>

int json_put_reading(
	struct buf *dst, const struct record_head *head, const struct reading *r, unsigned mask)
{
	struct vendor m = {0};
	return vendor_finish(&m, json_device(&m, head, r, mask), dst);
}

int json_put_text(struct buf *dst, struct text t)
{
	struct vendor m = {0};
	return vendor_finish(&m, vendor_text(t), dst);
}

int json_kind(const uint8_t *bytes, size_t len)
{
	struct mpread in;
	uint32_t items;
	mpread_open(&in, bytes, len);
	int type = mpread_type(&in);
	if (type == MP_MAP)
		return JSON_KIND_RECORDS;
	if (type != MP_ARRAY || mpread_array(&in, 16, &items) < 0)
		return ERR_FORMAT;
	if (items == 6)
		return JSON_KIND_BATCH;
	return items == 5 ? JSON_KIND_RECEIPT : ERR_FORMAT;
}

/* Adds "records", and "error" if one of them is damaged, whose error is returned. */
static int add_records(
	struct vendor *m, json_t *o, const uint8_t *body, size_t len, struct slab *blocks)
{
	json_t *list = vendor_array(m);
	int err = 0;
	size_t at = 0;
	while (at < len && !m->is_broken) {
		struct record_head head;
		struct reading r;
		unsigned mask;
		reading_open(&r, blocks);
		err = record_unpack(&head, &r, &mask, body + at, len - at);
		if (err > 0)
			vendor_append(m, list, json_device(m, &head, &r, mask));
		reading_close(&r);
		if (err < 0)
			break;
		at += (size_t)err;
		err = 0;
	}
	vendor_set(m, o, "records", list);
	if (err < 0) {
		json_t *error = vendor_object(m);
		vendor_set_number(m, error, "offset", at);
		vendor_set_word(m, error, "reason", err_text(err));
		vendor_set(m, o, "error", error);
	}
	return err;
}

int json_put_records(struct buf *dst, const uint8_t *body, size_t len, struct slab *blocks)
{
	struct vendor m = {0};
	json_t *o = vendor_object(&m);
	int damage = add_records(&m, o, body, len, blocks);
	int err = vendor_finish(&m, o, dst);
	return err < 0 ? err : damage;
}

static json_t *seal(struct vendor *m, const struct envelope *e)
{
	json_t *o = vendor_object(m);
	vendor_set_number(m, o, "version", ENVELOPE_VERSION);
	vendor_set_word(m, o, "alg",
		e->alg == 1   ? "ed25519"
		: e->alg == 2 ? "ecdsa-p256"
			      : "unknown");
	vendor_set_hex(m, o, "key_id", e->key_id, KEY_ID_BYTES);
	vendor_set_hex(m, o, "signature", e->signature, e->signature_len);
	return o;
}

static json_t *head_of(struct vendor *m, const struct batch_head *h)
{
	json_t *o = vendor_object(m);
	vendor_set_hex(m, o, "agent_id", h->agent_id, AGENT_ID_BYTES);
	char epoch[17];
	/* 64 random bits: as text, because JSON numbers would be rounded. */
	(void)snprintf(epoch, sizeof epoch, "%016llx", (unsigned long long)h->epoch);
	vendor_set_word(m, o, "epoch", epoch);
	vendor_set_number(m, o, "first", h->first);
	vendor_set_number(m, o, "last", h->last);
	vendor_set_number(m, o, "count", h->count);
	vendor_set_number(m, o, "sent_at_ms", h->sent_at_ms);
	vendor_set_word(m, o, "body_encoding", h->body_encoding == BODY_ZSTD ? "zstd" : "raw");
	vendor_set_number(m, o, "body_raw_len", h->body_raw_len);
	vendor_set(m, o, "software", vendor_text(h->software));
	json_t *polls = vendor_object(m);
	vendor_set_number(m, polls, "made", h->polls_made);
	vendor_set_number(m, polls, "unchanged", h->polls_unchanged);
	vendor_set_number(m, polls, "failed", h->polls_failed);
	vendor_set(m, o, "polls", polls);
	vendor_set_hex(m, o, "public_key", h->public_key, h->public_key_len);
	vendor_set(m, o, "site", vendor_text(h->site));
	vendor_set_number(m, o, "devices", h->devices);
	vendor_set_number(m, o, "minor", h->minor);
	return o;
}

int json_put_batch(struct buf *dst, const struct envelope *e, const struct batch_head *h,
	const uint8_t *body, size_t len, struct slab *blocks)
{
	struct vendor m = {0};
	json_t *o = vendor_object(&m);
	json_t *batch = seal(&m, e);
	vendor_set_number(&m, batch, "body_len", e->body_len);
	vendor_set(&m, o, "batch", batch);
	vendor_set(&m, o, "head", head_of(&m, h));
	int damage = add_records(&m, o, body, len, blocks);
	int err = vendor_finish(&m, o, dst);
	return err < 0 ? err : damage;
}

int json_put_receipt(struct buf *dst, const struct envelope *e, const struct receipt *r)
{
	struct vendor m = {0};
	json_t *o = seal(&m, e);
	vendor_set_hex(&m, o, "agent_id", r->agent_id, AGENT_ID_BYTES);
	char epoch[17];
	(void)snprintf(epoch, sizeof epoch, "%016llx", (unsigned long long)r->epoch);
	vendor_set_word(&m, o, "epoch", epoch);
	vendor_set_number(&m, o, "last", r->last);
	vendor_set_number(&m, o, "stored", r->stored);
	vendor_set_number(&m, o, "duplicates", r->duplicates);
	json_t *rejected = vendor_array(&m);
	struct receipt_list list = r->rejected_list;
	struct receipt_rejected one;
	while (receipt_next_rejected(&list, &one) > 0) {
		json_t *item = vendor_object(&m);
		vendor_set_number(&m, item, "seq", one.seq);
		vendor_set(&m, item, "reason", vendor_text(one.reason));
		vendor_append(&m, rejected, item);
	}
	vendor_set(&m, o, "rejected", rejected);
	vendor_set_number(&m, o, "received_at_ms", r->received_at_ms);
	vendor_set_hex(&m, o, "batch_digest", r->batch_digest, DIGEST_BYTES);
	json_t *want = vendor_array(&m);
	struct text key;
	list = r->want_full_list;
	while (receipt_next_want_full(&list, &key) > 0)
		vendor_append(&m, want, vendor_text(key));
	vendor_set(&m, o, "want_full", want);
	vendor_set(&m, o, "software", vendor_text(r->software));
	vendor_set_hex(&m, o, "public_key", r->public_key, r->public_key_len);
	json_t *outer = vendor_object(&m);
	vendor_set(&m, outer, "receipt", o);
	return vendor_finish(&m, outer, dst);
}
