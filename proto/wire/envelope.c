/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire/envelope.h"
#include "proto/msgpack/mpwrite.h"
#include "proto/wire/unpack_internal.h"

#include <string.h>

/* ---- writing ---- */
static void put_uint(struct mpwrite *w, uint8_t key, uint64_t v)
{
	mpwrite_uint(w, key);
	mpwrite_uint(w, v);
}

static void put_bin(struct mpwrite *w, uint8_t key, const uint8_t *bytes, size_t n)
{
	mpwrite_uint(w, key);
	mpwrite_bin(w, bytes, n);
}

static void put_text(struct mpwrite *w, uint8_t key, struct text t)
{
	mpwrite_uint(w, key);
	mpwrite_text(w, t);
}

/* ---- the head of a batch ---- */
enum {
	HEAD_AGENT_ID = 1,
	HEAD_EPOCH = 2,
	HEAD_FIRST = 3,
	HEAD_LAST = 4,
	HEAD_COUNT = 5,
	HEAD_SENT_AT = 6,
	HEAD_BODY_ENCODING = 7,
	HEAD_BODY_RAW_LEN = 8,
	HEAD_SOFTWARE = 9,
	HEAD_POLLS = 10,
	HEAD_PUBLIC_KEY = 11,
	HEAD_SITE = 12,
	HEAD_DEVICES = 13,
	HEAD_MINOR = 14
};

enum { POLLS_MADE = 1, POLLS_UNCHANGED = 2, POLLS_FAILED = 3 };

/* What every head must say; the rest may be absent. */
#define HEAD_REQUIRED                                                                              \
	(1u << HEAD_AGENT_ID | 1u << HEAD_EPOCH | 1u << HEAD_FIRST | 1u << HEAD_LAST |             \
		1u << HEAD_COUNT | 1u << HEAD_BODY_ENCODING | 1u << HEAD_BODY_RAW_LEN |            \
		1u << HEAD_PUBLIC_KEY)

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
	int err = head_check(head);
	if (err < 0)
		return err;
	if (head->software.len > LIMIT_TEXT_SHORT || head->site.len > LIMIT_TEXT ||
		head->public_key_len > LIMIT_PUBLIC_KEY)
		return ERR_LIMIT;
	struct mpwrite w;
	mpwrite_open(&w, dst);
	mpwrite_map(&w, 14);
	put_bin(&w, HEAD_AGENT_ID, head->agent_id, AGENT_ID_BYTES);
	put_uint(&w, HEAD_EPOCH, head->epoch);
	put_uint(&w, HEAD_FIRST, head->first);
	put_uint(&w, HEAD_LAST, head->last);
	put_uint(&w, HEAD_COUNT, head->count);
	put_uint(&w, HEAD_SENT_AT, head->sent_at_ms);
	put_uint(&w, HEAD_BODY_ENCODING, head->body_encoding);
	put_uint(&w, HEAD_BODY_RAW_LEN, head->body_raw_len);
	put_text(&w, HEAD_SOFTWARE, head->software);
	mpwrite_uint(&w, HEAD_POLLS);
	mpwrite_map(&w, 3);
	put_uint(&w, POLLS_MADE, head->polls_made);
	put_uint(&w, POLLS_UNCHANGED, head->polls_unchanged);
	put_uint(&w, POLLS_FAILED, head->polls_failed);
	put_bin(&w, HEAD_PUBLIC_KEY, head->public_key, head->public_key_len);
	put_text(&w, HEAD_SITE, head->site);
	put_uint(&w, HEAD_DEVICES, head->devices);
	put_uint(&w, HEAD_MINOR, head->minor);
	return mpwrite_close(&w, LIMIT_HEAD);
}

static int read_polls(struct mpread *in, struct batch_head *h)
{
	struct mpread_fields fields;
	uint64_t key;
	int err = mpread_fields_open(in, &fields);
	while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0) {
		switch (key) {
		case POLLS_MADE:
			err = mpread_uint(in, NUMBER_MAX, &h->polls_made);
			break;
		case POLLS_UNCHANGED:
			err = mpread_uint(in, NUMBER_MAX, &h->polls_unchanged);
			break;
		case POLLS_FAILED:
			err = mpread_uint(in, NUMBER_MAX, &h->polls_failed);
			break;
		default:
			err = mpread_skip(in);
			break;
		}
	}
	return err;
}

static int read_head_field(struct mpread *in, uint64_t key, struct batch_head *h)
{
	switch (key) {
	case HEAD_AGENT_ID:
		return mpread_bin_fixed(in, h->agent_id, AGENT_ID_BYTES);
	case HEAD_EPOCH:
		return mpread_uint(in, UINT64_MAX, &h->epoch);
	case HEAD_FIRST:
		return mpread_uint(in, NUMBER_MAX, &h->first);
	case HEAD_LAST:
		return mpread_uint(in, NUMBER_MAX, &h->last);
	case HEAD_COUNT:
		return mpread_u32(in, &h->count);
	case HEAD_SENT_AT:
		return mpread_uint(in, NUMBER_MAX, &h->sent_at_ms);
	case HEAD_BODY_ENCODING:
		return mpread_u8(in, &h->body_encoding);
	case HEAD_BODY_RAW_LEN:
		return mpread_u32(in, &h->body_raw_len);
	case HEAD_SOFTWARE:
		return mpread_str(in, LIMIT_TEXT_SHORT, &h->software);
	case HEAD_POLLS:
		return read_polls(in, h);
	case HEAD_PUBLIC_KEY:
		return mpread_bin(in, LIMIT_PUBLIC_KEY, &h->public_key, &h->public_key_len);
	case HEAD_SITE:
		return mpread_str(in, LIMIT_TEXT, &h->site);
	case HEAD_DEVICES:
		return mpread_u32(in, &h->devices);
	case HEAD_MINOR:
		return mpread_u32(in, &h->minor);
	default:
		return mpread_skip(in);
	}
}

int batch_head_unpack(struct batch_head *ret, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	struct mpread_fields fields;
	uint64_t key;
	*ret = (struct batch_head){0};
	if (len > LIMIT_HEAD)
		return ERR_LIMIT;
	mpread_open(&in, bytes, len);
	int err = mpread_fields_open(&in, &fields);
	while (err == 0 && (err = mpread_key(&in, &fields, &key)) > 0)
		err = read_head_field(&in, key, ret);
	if (err < 0)
		return err;
	if (!mpread_is_end(&in) || (fields.seen & HEAD_REQUIRED) != HEAD_REQUIRED)
		return ERR_FORMAT;
	return head_check(ret);
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

/* ---- the receipt ---- */
enum {
	RECEIPT_AGENT_ID = 1,
	RECEIPT_EPOCH = 2,
	RECEIPT_LAST = 3,
	RECEIPT_STORED = 4,
	RECEIPT_DUPLICATES = 5,
	RECEIPT_REJECTED = 6,
	RECEIPT_RECEIVED_AT = 7,
	RECEIPT_BATCH_DIGEST = 8,
	RECEIPT_WANT_FULL = 9,
	RECEIPT_SOFTWARE = 10,
	RECEIPT_PUBLIC_KEY = 11
};

#define RECEIPT_REQUIRED                                                                           \
	(1u << RECEIPT_AGENT_ID | 1u << RECEIPT_EPOCH | 1u << RECEIPT_LAST |                       \
		1u << RECEIPT_BATCH_DIGEST | 1u << RECEIPT_PUBLIC_KEY)

int receipt_pack(struct buf *dst, const struct receipt *r)
{
	if (r->rejected_count > LIMIT_BATCH_RECORDS || r->want_full_count > LIMIT_BATCH_RECORDS ||
		r->software.len > LIMIT_TEXT_SHORT || r->public_key_len > LIMIT_PUBLIC_KEY)
		return ERR_LIMIT;
	struct mpwrite w;
	mpwrite_open(&w, dst);
	mpwrite_map(&w, 11);
	put_bin(&w, RECEIPT_AGENT_ID, r->agent_id, AGENT_ID_BYTES);
	put_uint(&w, RECEIPT_EPOCH, r->epoch);
	put_uint(&w, RECEIPT_LAST, r->last);
	put_uint(&w, RECEIPT_STORED, r->stored);
	put_uint(&w, RECEIPT_DUPLICATES, r->duplicates);
	mpwrite_uint(&w, RECEIPT_REJECTED);
	mpwrite_array(&w, r->rejected_count);
	for (size_t i = 0; i < r->rejected_count; i++) {
		mpwrite_array(&w, 2);
		mpwrite_uint(&w, r->rejected[i].seq);
		mpwrite_text(&w, r->rejected[i].reason);
	}
	put_uint(&w, RECEIPT_RECEIVED_AT, r->received_at_ms);
	put_bin(&w, RECEIPT_BATCH_DIGEST, r->batch_digest, DIGEST_BYTES);
	mpwrite_uint(&w, RECEIPT_WANT_FULL);
	mpwrite_array(&w, r->want_full_count);
	for (size_t i = 0; i < r->want_full_count; i++)
		mpwrite_text(&w, r->want_full[i]);
	put_text(&w, RECEIPT_SOFTWARE, r->software);
	put_bin(&w, RECEIPT_PUBLIC_KEY, r->public_key, r->public_key_len);
	return mpwrite_close(&w, LIMIT_RECEIPT);
}

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

static int read_receipt_field(struct mpread *in, uint64_t key, struct receipt *r)
{
	switch (key) {
	case RECEIPT_AGENT_ID:
		return mpread_bin_fixed(in, r->agent_id, AGENT_ID_BYTES);
	case RECEIPT_EPOCH:
		return mpread_uint(in, UINT64_MAX, &r->epoch);
	case RECEIPT_LAST:
		return mpread_uint(in, NUMBER_MAX, &r->last);
	case RECEIPT_STORED:
		return mpread_u32(in, &r->stored);
	case RECEIPT_DUPLICATES:
		return mpread_u32(in, &r->duplicates);
	case RECEIPT_REJECTED:
		return read_list(in, &r->rejected_list, &r->rejected_count, true);
	case RECEIPT_RECEIVED_AT:
		return mpread_uint(in, NUMBER_MAX, &r->received_at_ms);
	case RECEIPT_BATCH_DIGEST:
		return mpread_bin_fixed(in, r->batch_digest, DIGEST_BYTES);
	case RECEIPT_WANT_FULL:
		return read_list(in, &r->want_full_list, &r->want_full_count, false);
	case RECEIPT_SOFTWARE:
		return mpread_str(in, LIMIT_TEXT_SHORT, &r->software);
	case RECEIPT_PUBLIC_KEY:
		return mpread_bin(in, LIMIT_PUBLIC_KEY, &r->public_key, &r->public_key_len);
	default:
		return mpread_skip(in);
	}
}

int receipt_unpack(struct receipt *ret, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	struct mpread_fields fields;
	uint64_t key;
	*ret = (struct receipt){0};
	if (len > LIMIT_RECEIPT)
		return ERR_LIMIT;
	mpread_open(&in, bytes, len);
	int err = mpread_fields_open(&in, &fields);
	while (err == 0 && (err = mpread_key(&in, &fields, &key)) > 0)
		err = read_receipt_field(&in, key, ret);
	if (err < 0)
		return err;
	if (!mpread_is_end(&in) || (fields.seen & RECEIPT_REQUIRED) != RECEIPT_REQUIRED)
		return ERR_FORMAT;
	return 0;
}
