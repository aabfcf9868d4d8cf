/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire/envelope.h"
#include "proto/msgpack/mpmap.h"
#include "proto/wire/unpack_internal.h"

#include <string.h>

/* ---- the head of a batch ---- */

#define AT(type, name) offsetof(struct type, name)
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Numbers as in proto/wire/SCHEMA.md. The members are the fields of PART_SITE, in their order. */
#define INFO_TEXT(key, name, most)                                                                 \
	{                                                                                          \
		key, MP_TEXT, .is_optional = true, .at = AT(site_information, name), .max = (most) \
	}
#define INFO_NUMBER(key, name)                                                                     \
	{                                                                                          \
		key, MP_U32, .is_optional = true, .at = AT(site_information, name)                 \
	}
static const struct mp_member info_members[] = {
	INFO_TEXT(1, dns_name, LIMIT_TEXT),
	INFO_NUMBER(2, store_kib),
	INFO_TEXT(3, address, LIMIT_TEXT_SHORT),
	INFO_TEXT(4, os, LIMIT_TEXT),
	INFO_TEXT(5, cpu, LIMIT_TEXT),
	INFO_NUMBER(6, discovery_kib),
	INFO_NUMBER(7, disk_mib),
	INFO_NUMBER(8, disk_free_mib),
	INFO_NUMBER(9, os_bits),
	INFO_TEXT(10, time_zone, LIMIT_TEXT_SHORT),
	INFO_TEXT(11, utc_offset, LIMIT_TEXT_SHORT),
	INFO_NUMBER(12, discovered),
	INFO_NUMBER(13, memory_mib),
	INFO_NUMBER(14, memory_free_mib),
	INFO_TEXT(15, name, LIMIT_TEXT),
	INFO_NUMBER(16, included),
	INFO_NUMBER(17, excluded),
	INFO_TEXT(18, rules, LIMIT_TEXT_SHORT),
	{19, MP_FIXED, .is_optional = true, .at = AT(site_information, host_id),
		.max = AGENT_ID_BYTES},
};
static const struct mp_table info_table = {info_members, COUNT(info_members)};

static const struct mp_member polls_members[] = {
	{1, MP_NUMBER, .at = AT(batch_head, polls_made)},
	{2, MP_NUMBER, .at = AT(batch_head, polls_unchanged)},
	{3, MP_NUMBER, .at = AT(batch_head, polls_failed)},
};
static const struct mp_table polls_table = {polls_members, COUNT(polls_members)};

static const struct mp_member dropped_members[] = {
	{1, MP_NUMBER, .at = AT(batch_head, dropped[0])},
	{2, MP_NUMBER, .at = AT(batch_head, dropped[1])},
	{3, MP_NUMBER, .at = AT(batch_head, dropped[2])},
};
static const struct mp_table dropped_table = {dropped_members, COUNT(dropped_members)};

static const struct mp_member head_members[] = {
	{1, MP_FIXED, true, .at = AT(batch_head, agent_id), .max = AGENT_ID_BYTES},
	{2, MP_U64, true, .at = AT(batch_head, epoch)}, /* 64 random bits */
	{3, MP_NUMBER, true, .at = AT(batch_head, first)},
	{4, MP_NUMBER, true, .at = AT(batch_head, last)},
	{5, MP_U32, true, .at = AT(batch_head, count)},
	{6, MP_NUMBER, .at = AT(batch_head, sent_at_ms)},
	{7, MP_U8, true, .at = AT(batch_head, body_encoding)},
	{8, MP_U32, true, .at = AT(batch_head, body_raw_len)},
	{9, MP_TEXT, .at = AT(batch_head, software), .max = LIMIT_TEXT_SHORT},
	{10, MP_NESTED, .nested = &polls_table},
	{11, MP_BYTES, true, .at = AT(batch_head, public_key), .max = LIMIT_PUBLIC_KEY},
	{12, MP_TEXT, .at = AT(batch_head, site), .max = LIMIT_TEXT},
	{13, MP_U32, .at = AT(batch_head, devices)},
	{14, MP_U32, .at = AT(batch_head, minor)},
	{15, MP_NESTED, .nested = &dropped_table},
	{16, MP_NUMBER, .at = AT(batch_head, receipted)},
	{17, MP_BYTES, .at = AT(batch_head, ledger), .max = DIGEST_BYTES},
	{18, MP_U8, .is_optional = true, .at = AT(batch_head, is_corporate)},
	{19, MP_NESTED, .is_optional = true, .at = AT(batch_head, info), .nested = &info_table},
};
static const struct mp_table head_table = {head_members, COUNT(head_members)};

static int head_check(const struct batch_head *h)
{
	if (h->body_raw_len > LIMIT_BATCH_RAW || h->count > LIMIT_BATCH_RECORDS)
		return ERR_LIMIT;
	if (h->last < h->first || h->count == 0 || h->count - 1 > h->last - h->first)
		return ERR_FORMAT;
	return h->body_encoding < BODY_ENCODING_COUNT ? 0 : ERR_VERSION;
}

int batch_head_pack(struct buf *dst, const struct batch_head *head)
{
	struct mpwrite w;
	int err = head_check(head);
	if (err < 0)
		return err;
	mpwrite_open(&w, dst);
	mpmap_write(&w, &head_table, head);
	return mpwrite_close(&w, LIMIT_HEAD);
}

/* A map that is all there is. */
static int read_whole(
	const struct mp_table *t, void *object, const uint8_t *bytes, size_t len, size_t max)
{
	struct mpread in;
	if (len > max)
		return ERR_LIMIT;
	mpread_open(&in, bytes, len);
	int err = mpmap_read(&in, t, object);
	return err == 0 && !mpread_is_end(&in) ? ERR_FORMAT : err;
}

int batch_head_unpack(struct batch_head *ret, const uint8_t *bytes, size_t len)
{
	*ret = (struct batch_head){0};
	int err = read_whole(&head_table, ret, bytes, len, LIMIT_HEAD);
	return err < 0 ? err : head_check(ret);
}

/* ---- site information ---- */
int site_information_pack(struct buf *dst, const struct site_information *info)
{
	struct mpwrite w;
	mpwrite_open(&w, dst);
	mpmap_write(&w, &info_table, info);
	return mpwrite_close(&w, LIMIT_HEAD);
}

int site_information_unpack(struct site_information *ret, const uint8_t *bytes, size_t len)
{
	*ret = (struct site_information){.store_kib = 0};
	return read_whole(&info_table, ret, bytes, len, LIMIT_HEAD);
}

static bool is_left_out(const struct policy *p, unsigned part, unsigned field)
{
	return (p->left_out[part] >> field & 1) != 0;
}

void policy_apply_head(const struct policy *p, struct batch_head *head)
{
	_Static_assert(COUNT(info_members) <= 32 && COUNT(head_members) <= 32,
		"a policy's mask has 32 bits");
	for (unsigned i = 0; i < COUNT(info_members); i++) {
		if (is_left_out(p, PART_SITE, i))
			mpmap_clear(&info_members[i], &head->info);
	}
	for (unsigned i = 0; i < COUNT(head_members); i++) {
		const struct mp_member *m = &head_members[i];
		if (!is_left_out(p, PART_BATCH, m->key - 1u))
			continue;
		mpmap_clear(m, head);
		if (m->nested == &info_table)
			head->info = (struct site_information){.store_kib = 0};
	}
	head->is_corporate = p->is_corporate;
}

/* ---- the two outer arrays ---- */
static int put_seal(struct buf *dst, const struct envelope *e, bool has_body, size_t head_max)
{
	struct mpwrite w;
	if (e->head_len > head_max || e->body_len > LIMIT_BATCH_SENT ||
		e->signature_len > LIMIT_SIGNATURE)
		return ERR_LIMIT;
	mpwrite_open(&w, dst);
	mpwrite_array(&w, has_body ? 6 : 5);
	mpwrite_uint(&w, ENVELOPE_VERSION);
	mpwrite_uint(&w, e->alg);
	mpwrite_bin(&w, e->key_id, KEY_ID_BYTES);
	mpwrite_bin(&w, e->head, e->head_len);
	if (has_body)
		mpwrite_bin(&w, e->body, e->body_len);
	mpwrite_bin(&w, e->signature, e->signature_len);
	return mpwrite_close(&w, SIZE_MAX);
}

/* The version comes first, so that a later one may look different behind it. */
static int read_seal(
	struct envelope *e, const uint8_t *bytes, size_t len, bool has_body, size_t head_max)
{
	struct mpread in;
	uint32_t items;
	uint64_t version = 0;
	*e = (struct envelope){0};
	mpread_open(&in, bytes, len);
	int err = mpread_array(&in, 16, &items);
	if (err == 0)
		err = items == 0 ? ERR_FORMAT : mpread_uint(&in, UINT64_MAX, &version);
	if (err < 0)
		return err;
	if (version != ENVELOPE_VERSION)
		return ERR_VERSION;
	if (items != (has_body ? 6 : 5))
		return ERR_FORMAT;
	err = mpread_u8(&in, &e->alg);
	if (err == 0)
		err = mpread_bin_fixed(&in, e->key_id, KEY_ID_BYTES);
	if (err == 0)
		err = mpread_bin(&in, head_max, &e->head, &e->head_len);
	if (err == 0 && has_body)
		err = mpread_bin(&in, LIMIT_BATCH_SENT, &e->body, &e->body_len);
	if (err == 0)
		err = mpread_bin(&in, LIMIT_SIGNATURE, &e->signature, &e->signature_len);
	if (err == 0 && !mpread_is_end(&in))
		err = ERR_FORMAT;
	return err;
}

int batch_pack(struct buf *dst, const struct envelope *e)
{
	return put_seal(dst, e, true, LIMIT_HEAD);
}

int batch_unpack(struct envelope *ret, const uint8_t *bytes, size_t len)
{
	return read_seal(ret, bytes, len, true, LIMIT_HEAD);
}

int receipt_envelope_pack(struct buf *dst, const struct envelope *e)
{
	return put_seal(dst, e, false, LIMIT_RECEIPT);
}

int receipt_envelope_unpack(struct envelope *ret, const uint8_t *bytes, size_t len)
{
	return read_seal(ret, bytes, len, false, LIMIT_RECEIPT);
}

/* ---- what is signed ---- */
static const char batch_domain[15] = "platen-batch-1";
static const char receipt_domain[17] = "platen-receipt-1";

void batch_signed(uint8_t dst[BATCH_SIGNED_BYTES], const uint8_t head_digest[DIGEST_BYTES],
	const uint8_t body_digest[DIGEST_BYTES])
{
	memcpy(dst, batch_domain, sizeof batch_domain);
	memcpy(dst + sizeof batch_domain, head_digest, DIGEST_BYTES);
	memcpy(dst + sizeof batch_domain + DIGEST_BYTES, body_digest, DIGEST_BYTES);
}

void receipt_signed(uint8_t dst[RECEIPT_SIGNED_BYTES], const uint8_t digest[DIGEST_BYTES])
{
	memcpy(dst, receipt_domain, sizeof receipt_domain);
	memcpy(dst + sizeof receipt_domain, digest, DIGEST_BYTES);
}

static const char key_domain[17] = "platen-hub-key-1";

void hub_key_signed(uint8_t dst[HUB_KEY_SIGNED_BYTES], const uint8_t digest[DIGEST_BYTES])
{
	memcpy(dst, key_domain, sizeof key_domain);
	memcpy(dst + sizeof key_domain, digest, DIGEST_BYTES);
}

/* ---- the receipt ---- */
static int next_rejected(struct mpread *in, struct receipt_rejected *ret)
{
	uint32_t items;
	int err = mpread_array(in, 8, &items);
	if (err == 0 && items < 2)
		err = ERR_FORMAT;
	if (err == 0)
		err = mpread_uint(in, NUMBER_MAX, &ret->seq);
	if (err == 0)
		err = mpread_str(in, LIMIT_TEXT_SHORT, &ret->reason);
	for (uint32_t i = 2; i < items && err == 0; i++)
		err = mpread_skip(in);
	return err;
}

/* Of want_full, an item is its reason alone. */
static int next_item(struct mpread *in, bool is_rejected, struct receipt_rejected *ret)
{
	return is_rejected ? next_rejected(in, ret) : mpread_str(in, LIMIT_TEXT, &ret->reason);
}

static int list_next(struct receipt_list *at, bool is_rejected, struct receipt_rejected *ret)
{
	struct mpread in;
	if (at->left == 0)
		return 0;
	mpread_open(&in, at->p, (size_t)(at->end - at->p));
	int err = next_item(&in, is_rejected, ret);
	if (err < 0)
		return err;
	at->p = in.p;
	at->left--;
	return 1;
}

int receipt_next_rejected(struct receipt_list *at, struct receipt_rejected *ret)
{
	return list_next(at, true, ret);
}

int receipt_next_want_full(struct receipt_list *at, struct text *ret)
{
	struct receipt_rejected item;
	int n = list_next(at, false, &item);
	if (n > 0)
		*ret = item.reason;
	return n;
}

/* The list's place is kept and its items are read once, so that walking it later cannot fail. */
static int read_list(struct mpread *in, struct receipt_list *list, size_t *count, bool is_rejected)
{
	uint32_t items;
	int err = mpread_array(in, LIMIT_BATCH_RECORDS, &items);
	if (err < 0)
		return err;
	*list = (struct receipt_list){.p = in->p, .left = items};
	*count = items;
	for (uint32_t i = 0; i < items && err == 0; i++) {
		struct receipt_rejected item;
		err = next_item(in, is_rejected, &item);
	}
	list->end = in->p;
	return err;
}

static void put_rejected(struct mpwrite *w, const void *receipt)
{
	const struct receipt *r = receipt;
	mpwrite_array(w, r->rejected_count);
	for (size_t i = 0; i < r->rejected_count; i++) {
		mpwrite_array(w, 2);
		mpwrite_uint(w, r->rejected[i].seq);
		mpwrite_text(w, r->rejected[i].reason);
	}
}

static int read_rejected(struct mpread *in, void *receipt)
{
	struct receipt *r = receipt;
	return read_list(in, &r->rejected_list, &r->rejected_count, true);
}

static void put_want_full(struct mpwrite *w, const void *receipt)
{
	const struct receipt *r = receipt;
	mpwrite_array(w, r->want_full_count);
	for (size_t i = 0; i < r->want_full_count; i++)
		mpwrite_text(w, r->want_full[i]);
}

static int read_want_full(struct mpread *in, void *receipt)
{
	struct receipt *r = receipt;
	return read_list(in, &r->want_full_list, &r->want_full_count, false);
}

static const struct mp_member receipt_members[] = {
	{1, MP_FIXED, true, .at = AT(receipt, agent_id), .max = AGENT_ID_BYTES},
	{2, MP_U64, true, .at = AT(receipt, epoch)},
	{3, MP_NUMBER, true, .at = AT(receipt, last)},
	{4, MP_U32, .at = AT(receipt, stored)},
	{5, MP_U32, .at = AT(receipt, duplicates)},
	{6, MP_OWN, .put = put_rejected, .read = read_rejected},
	{7, MP_NUMBER, .at = AT(receipt, received_at_ms)},
	{8, MP_FIXED, true, .at = AT(receipt, batch_digest), .max = DIGEST_BYTES},
	{9, MP_OWN, .put = put_want_full, .read = read_want_full},
	{10, MP_TEXT, .at = AT(receipt, software), .max = LIMIT_TEXT_SHORT},
	{11, MP_BYTES, true, .at = AT(receipt, public_key), .max = LIMIT_PUBLIC_KEY},
	{12, MP_BYTES, .at = AT(receipt, ledger), .max = DIGEST_BYTES},
	{13, MP_U32, .at = AT(receipt, encodings)},
	{14, MP_BYTES, .at = AT(receipt, old_key), .max = LIMIT_PUBLIC_KEY},
	{15, MP_BYTES, .at = AT(receipt, old_signature), .max = LIMIT_SIGNATURE},
	{16, MP_U8, .at = AT(receipt, old_alg)},
};
static const struct mp_table receipt_table = {receipt_members, COUNT(receipt_members)};

int receipt_pack(struct buf *dst, const struct receipt *r)
{
	struct mpwrite w;
	if (r->rejected_count > LIMIT_BATCH_RECORDS || r->want_full_count > LIMIT_BATCH_RECORDS)
		return ERR_LIMIT;
	struct mp_table t = receipt_table;
	/* The last ones: left out by a hub whose key was never rotated, and by an older hub. */
	if (r->old_key_len == 0)
		t.count -= r->encodings == 0 ? 4 : 3;
	mpwrite_open(&w, dst);
	mpmap_write(&w, &t, r);
	return mpwrite_close(&w, LIMIT_RECEIPT);
}

int receipt_unpack(struct receipt *ret, const uint8_t *bytes, size_t len)
{
	*ret = (struct receipt){0};
	return read_whole(&receipt_table, ret, bytes, len, LIMIT_RECEIPT);
}
