/* SPDX-License-Identifier: Apache-2.0
 * The status as a small msgpack map, so that it survives in the spool. */
#include "engine/uplink/uplink.h"
#include "proto/msgpack/mpread.h"
#include "proto/msgpack/mpwrite.h"

#include <string.h>

/* The map's keys. */
enum { STATUS_ERR = 4, STATUS_ERROR = 6, STATUS_ISSUER = 18, STATUS_KEYS = 18 };

/* The numbers, by key. */
static uint64_t *number_at(struct uplink_status *s, uint64_t key)
{
	uint64_t *const numbers[STATUS_KEYS + 1] = {[1] = &s->last_contact_ms,
		[2] = &s->last_success_ms,
		[3] = &s->next_ms,
		[5] = &s->last_error_at_ms,
		[7] = &s->batches,
		[8] = &s->records,
		[9] = &s->sent_bytes,
		[10] = &s->served_ms,
		[11] = &s->missed,
		[12] = &s->last_missed_ms,
		[13] = &s->want_full_ms,
		[14] = &s->hub_certificate.at_ms,
		[15] = &s->hub_certificate.warned_ms,
		[16] = &s->own_certificate.at_ms,
		[17] = &s->own_certificate.warned_ms};
	return key <= STATUS_KEYS ? numbers[key] : NULL;
}

const char *uplink_state_name(enum uplink_state state)
{
	static const char *const names[] = {[UPLINK_IDLE] = "idle",
		[UPLINK_PACKING] = "packing",
		[UPLINK_CONNECTING] = "connecting",
		[UPLINK_SENDING] = "sending",
		[UPLINK_WAITING] = "waiting",
		[UPLINK_DELETING] = "deleting",
		[UPLINK_BACKED_OFF] = "backed-off",
		[UPLINK_ENDING] = "ending"};
	return (unsigned)state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

int uplink_status_pack(const struct uplink_status *s, uint8_t dst[UPLINK_STATUS_BYTES])
{
	struct uplink_status values = *s;
	struct buf b;
	struct mpwrite w;
	buf_over(&b, dst, UPLINK_STATUS_BYTES);
	mpwrite_open(&w, &b);
	mpwrite_map(&w, STATUS_KEYS);
	for (uint64_t key = 1; key <= STATUS_KEYS; key++) {
		mpwrite_uint(&w, key);
		if (key == STATUS_ERR)
			mpwrite_int(&w, s->last_err);
		else if (key == STATUS_ERROR)
			mpwrite_text(&w, (struct text){s->last_error,
						 strnlen(s->last_error, sizeof s->last_error)});
		else if (key == STATUS_ISSUER)
			mpwrite_text(&w, (struct text){s->hub_issuer,
						 strnlen(s->hub_issuer, sizeof s->hub_issuer)});
		else
			mpwrite_uint(&w, *number_at(&values, key));
	}
	/* Fields of at most 10 bytes and the two texts always fit. */
	_Static_assert(STATUS_KEYS * 10 + LIMIT_WHY + LIMIT_CERT_NAME + 16 < UPLINK_STATUS_BYTES,
		"room for the status");
	return mpwrite_close(&w, UPLINK_STATUS_BYTES) < 0 ? 0 : (int)b.len;
}

static int take_text(struct mpread *in, char *dst, size_t cap)
{
	struct text text;
	int err = mpread_str(in, cap - 1, &text);
	if (err < 0)
		return err;
	memcpy(dst, text.p, text.len);
	dst[text.len] = '\0';
	return 0;
}

static int take(struct mpread *in, uint64_t key, struct uplink_status *s)
{
	uint64_t *number = number_at(s, key);
	if (number != NULL)
		return mpread_uint(in, UINT64_MAX, number);
	if (key == STATUS_ERR)
		return mpread_i32(in, &s->last_err);
	if (key == STATUS_ERROR)
		return take_text(in, s->last_error, sizeof s->last_error);
	if (key == STATUS_ISSUER)
		return take_text(in, s->hub_issuer, sizeof s->hub_issuer);
	return mpread_skip(in);
}

int uplink_status_unpack(struct uplink_status *ret, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	struct mpread_fields fields;
	uint64_t key;
	*ret = (struct uplink_status){0};
	mpread_open(&in, bytes, len);
	int err = mpread_fields_open(&in, &fields);
	while (err == 0 && (err = mpread_key(&in, &fields, &key)) > 0)
		err = take(&in, key, ret);
	return err;
}
