/* SPDX-License-Identifier: Apache-2.0
 * Batches, receipts and records; one device is json_device.c's. */
#include "proto/document/json.h"
#include "proto/document/json_internal.h"
#include "proto/msgpack/mpread.h"

#include <stdio.h>

int json_put_reading(
	struct buf *dst, const struct record_head *head, const struct reading *r, unsigned mask)
{
	struct maker m = {0};
	return maker_finish(&m, json_device(&m, head, r, mask), dst);
}

int json_put_text(struct buf *dst, struct text t)
{
	struct maker m = {0};
	return maker_finish(&m, maker_text(t), dst);
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
	struct maker *m, json_t *o, const uint8_t *body, size_t len, struct slab *blocks)
{
	json_t *list = maker_array(m);
	int err = 0;
	size_t at = 0;
	while (at < len && !m->is_broken) {
		struct record_head head;
		struct reading r;
		unsigned mask;
		reading_open(&r, blocks);
		err = record_unpack(&head, &r, &mask, body + at, len - at);
		if (err > 0)
			maker_append(m, list, json_device(m, &head, &r, mask));
		reading_close(&r);
		if (err < 0)
			break;
		at += (size_t)err;
		err = 0;
	}
	maker_set(m, o, "records", list);
	if (err < 0) {
		json_t *error = maker_object(m);
		maker_set_number(m, error, "offset", at);
		maker_set_word(m, error, "reason", err_text(err));
		maker_set(m, o, "error", error);
	}
	return err;
}

int json_put_records(struct buf *dst, const uint8_t *body, size_t len, struct slab *blocks)
{
	struct maker m = {0};
	json_t *o = maker_object(&m);
	int damage = add_records(&m, o, body, len, blocks);
	int err = maker_finish(&m, o, dst);
	return err < 0 ? err : damage;
}

static json_t *seal(struct maker *m, const struct envelope *e)
{
	json_t *o = maker_object(m);
	maker_set_number(m, o, "version", ENVELOPE_VERSION);
	maker_set_word(m, o, "alg",
		e->alg == 1   ? "ed25519"
		: e->alg == 2 ? "ecdsa-p256"
			      : "unknown");
	maker_set_hex(m, o, "key_id", e->key_id, KEY_ID_BYTES);
	maker_set_hex(m, o, "signature", e->signature, e->signature_len);
	return o;
}

static json_t *head_of(struct maker *m, const struct batch_head *h)
{
	json_t *o = maker_object(m);
	maker_set_hex(m, o, "agent_id", h->agent_id, AGENT_ID_BYTES);
	char epoch[17];
	/* 64 random bits: as text, because JSON numbers would be rounded. */
	(void)snprintf(epoch, sizeof epoch, "%016llx", (unsigned long long)h->epoch);
	maker_set_word(m, o, "epoch", epoch);
	maker_set_number(m, o, "first", h->first);
	maker_set_number(m, o, "last", h->last);
	maker_set_number(m, o, "count", h->count);
	maker_set_number(m, o, "sent_at_ms", h->sent_at_ms);
	maker_set_word(m, o, "body_encoding", h->body_encoding == BODY_ZSTD ? "zstd" : "raw");
	maker_set_number(m, o, "body_raw_len", h->body_raw_len);
	maker_set(m, o, "software", maker_text(h->software));
	json_t *visits = maker_object(m);
	maker_set_number(m, visits, "made", h->visits_made);
	maker_set_number(m, visits, "unchanged", h->visits_unchanged);
	maker_set_number(m, visits, "failed", h->visits_failed);
	maker_set(m, o, "visits", visits);
	maker_set_hex(m, o, "public_key", h->public_key, h->public_key_len);
	maker_set(m, o, "site", maker_text(h->site));
	maker_set_number(m, o, "devices", h->devices);
	maker_set_number(m, o, "minor", h->minor);
	return o;
}

int json_put_batch(struct buf *dst, const struct envelope *e, const struct batch_head *h,
	const uint8_t *body, size_t len, struct slab *blocks)
{
	struct maker m = {0};
	json_t *o = maker_object(&m);
	json_t *batch = seal(&m, e);
	maker_set_number(&m, batch, "body_len", e->body_len);
	maker_set(&m, o, "batch", batch);
	maker_set(&m, o, "head", head_of(&m, h));
	int damage = add_records(&m, o, body, len, blocks);
	int err = maker_finish(&m, o, dst);
	return err < 0 ? err : damage;
}

int json_put_receipt(struct buf *dst, const struct envelope *e, const struct receipt *r)
{
	struct maker m = {0};
	json_t *o = seal(&m, e);
	maker_set_hex(&m, o, "agent_id", r->agent_id, AGENT_ID_BYTES);
	char epoch[17];
	(void)snprintf(epoch, sizeof epoch, "%016llx", (unsigned long long)r->epoch);
	maker_set_word(&m, o, "epoch", epoch);
	maker_set_number(&m, o, "last", r->last);
	maker_set_number(&m, o, "stored", r->stored);
	maker_set_number(&m, o, "duplicates", r->duplicates);
	json_t *rejected = maker_array(&m);
	struct receipt_list list = r->rejected_list;
	struct receipt_rejected one;
	while (receipt_next_rejected(&list, &one) > 0) {
		json_t *item = maker_object(&m);
		maker_set_number(&m, item, "seq", one.seq);
		maker_set(&m, item, "reason", maker_text(one.reason));
		maker_append(&m, rejected, item);
	}
	maker_set(&m, o, "rejected", rejected);
	maker_set_number(&m, o, "received_at_ms", r->received_at_ms);
	maker_set_hex(&m, o, "batch_digest", r->batch_digest, DIGEST_BYTES);
	json_t *want = maker_array(&m);
	struct text key;
	list = r->want_full_list;
	while (receipt_next_want_full(&list, &key) > 0)
		maker_append(&m, want, maker_text(key));
	maker_set(&m, o, "want_full", want);
	maker_set(&m, o, "software", maker_text(r->software));
	maker_set_hex(&m, o, "public_key", r->public_key, r->public_key_len);
	json_t *outer = maker_object(&m);
	maker_set(&m, outer, "receipt", o);
	return maker_finish(&m, outer, dst);
}
