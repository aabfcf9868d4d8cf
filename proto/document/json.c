/* SPDX-License-Identifier: Apache-2.0
 * Batches, receipts and records; json_device.c writes one device. */
#include "proto/document/json.h"
#include "proto/document/json_internal.h"
#include "proto/msgpack/mpread.h"

#include <stdio.h>
#include <string.h>

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

/* "records", and "error" if one of them is damaged; its error is returned. */
static int put_records(struct writer *w, const uint8_t *body, size_t len, struct slab *blocks)
{
	int err = 0;
	size_t at = 0;
	jw_array(w, "records");
	while (at < len && w->err == 0) {
		struct record_head head;
		struct reading r;
		unsigned mask;
		reading_open(&r, blocks);
		err = record_unpack(&head, &r, &mask, body + at, len - at);
		if (err > 0)
			json_device(w, NULL, &head, &r, mask);
		reading_close(&r);
		if (err < 0)
			break;
		at += (size_t)err;
		err = 0;
	}
	jw_end(w);
	if (err < 0) {
		jw_object(w, "error");
		jw_uint(w, "offset", at);
		jw_str(w, "reason", err_text(err));
		jw_end(w);
	}
	return err;
}

int json_records(struct writer *w, const uint8_t *body, size_t len, struct slab *blocks)
{
	jw_object(w, NULL);
	int err = put_records(w, body, len, blocks);
	jw_end(w);
	return err;
}

static void put_envelope(struct writer *w, const struct envelope *e)
{
	jw_uint(w, "version", ENVELOPE_VERSION);
	jw_str(w, "alg", e->alg == 1 ? "ed25519" : e->alg == 2 ? "ecdsa-p256" : "unknown");
	jw_hex(w, "key_id", e->key_id, KEY_ID_BYTES);
	jw_hex(w, "signature", e->signature, e->signature_len);
}

/* 64 random bits as text: readers round JSON numbers above 2^53. */
static void put_epoch(struct writer *w, uint64_t epoch)
{
	char hex[17];
	(void)snprintf(hex, sizeof hex, "%016jx", epoch);
	jw_str(w, "epoch", hex);
}

static void put_text(struct writer *w, const char *key, struct text t)
{
	if (t.len > 0)
		jw_text(w, key, t);
}

static void put_number(struct writer *w, const char *key, uint32_t n)
{
	if (n > 0)
		jw_uint(w, key, n);
}

void json_site_members(struct writer *w, const struct site_information *i)
{
	static const uint8_t no_id[AGENT_ID_BYTES];
	put_text(w, "dns_name", i->dns_name);
	put_number(w, "store_kib", i->store_kib);
	put_text(w, "address", i->address);
	put_text(w, "os", i->os);
	put_text(w, "cpu", i->cpu);
	put_number(w, "discovery_kib", i->discovery_kib);
	put_number(w, "disk_mib", i->disk_mib);
	put_number(w, "disk_free_mib", i->disk_free_mib);
	put_number(w, "os_bits", i->os_bits);
	put_text(w, "time_zone", i->time_zone);
	put_text(w, "utc_offset", i->utc_offset);
	put_number(w, "discovered", i->discovered);
	put_number(w, "memory_mib", i->memory_mib);
	put_number(w, "memory_free_mib", i->memory_free_mib);
	put_text(w, "name", i->name);
	put_number(w, "included", i->included);
	put_number(w, "excluded", i->excluded);
	put_text(w, "rules", i->rules);
	if (memcmp(i->host_id, no_id, sizeof no_id) != 0)
		jw_hex(w, "host_id", i->host_id, sizeof i->host_id);
}

static void put_head(struct writer *w, const struct batch_head *h)
{
	static const char *const encodings[BODY_ENCODING_COUNT] = {
		[BODY_RAW] = "raw", [BODY_ZSTD] = "zstd", [BODY_COLUMNS] = "columns"};
	jw_object(w, "head");
	jw_hex(w, "agent_id", h->agent_id, AGENT_ID_BYTES);
	put_epoch(w, h->epoch);
	jw_uint(w, "first", h->first);
	jw_uint(w, "last", h->last);
	jw_uint(w, "count", h->count);
	jw_uint(w, "sent_at_ms", h->sent_at_ms);
	jw_str(w, "body_encoding", encodings[h->body_encoding]);
	jw_uint(w, "body_raw_len", h->body_raw_len);
	jw_text(w, "software", h->software);
	jw_object(w, "polls");
	jw_uint(w, "made", h->polls_made);
	jw_uint(w, "unchanged", h->polls_unchanged);
	jw_uint(w, "failed", h->polls_failed);
	jw_end(w);
	jw_hex(w, "public_key", h->public_key, h->public_key_len);
	jw_text(w, "site", h->site);
	jw_uint(w, "devices", h->devices);
	jw_uint(w, "minor", h->minor);
	if (h->dropped[0] + h->dropped[1] + h->dropped[2] > 0) {
		jw_object(w, "dropped");
		jw_uint(w, "diagnostics", h->dropped[0]);
		jw_uint(w, "supplies", h->dropped[1]);
		jw_uint(w, "meters", h->dropped[2]);
		jw_end(w);
	}
	if (h->receipted > 0)
		jw_uint(w, "receipted", h->receipted);
	jw_bool(w, "corporate", h->is_corporate != 0);
	jw_object(w, "information");
	json_site_members(w, &h->info);
	jw_end(w);
	jw_end(w);
}

int json_batch(struct writer *w, const struct envelope *e, const struct batch_head *h,
	const uint8_t *body, size_t len, struct slab *blocks)
{
	jw_object(w, NULL);
	jw_object(w, "batch");
	put_envelope(w, e);
	jw_uint(w, "body_len", e->body_len);
	jw_end(w);
	put_head(w, h);
	int err = put_records(w, body, len, blocks);
	jw_end(w);
	return err;
}

void json_receipt(struct writer *w, const struct envelope *e, const struct receipt *r)
{
	struct receipt_list list = r->rejected_list;
	struct receipt_rejected one;
	struct text key;
	jw_object(w, NULL);
	jw_object(w, "receipt");
	put_envelope(w, e);
	jw_hex(w, "agent_id", r->agent_id, AGENT_ID_BYTES);
	put_epoch(w, r->epoch);
	jw_uint(w, "last", r->last);
	jw_uint(w, "stored", r->stored);
	jw_uint(w, "duplicates", r->duplicates);
	jw_array(w, "rejected");
	while (receipt_next_rejected(&list, &one) > 0) {
		jw_object(w, NULL);
		jw_uint(w, "seq", one.seq);
		jw_text(w, "reason", one.reason);
		jw_end(w);
	}
	jw_end(w);
	jw_uint(w, "received_at_ms", r->received_at_ms);
	jw_hex(w, "batch_digest", r->batch_digest, DIGEST_BYTES);
	jw_array(w, "want_full");
	list = r->want_full_list;
	while (receipt_next_want_full(&list, &key) > 0)
		jw_text(w, NULL, key);
	jw_end(w);
	jw_text(w, "software", r->software);
	jw_hex(w, "public_key", r->public_key, r->public_key_len);
	if (r->encodings != 0)
		jw_uint(w, "encodings", r->encodings);
	jw_end(w);
	jw_end(w);
}
