/* SPDX-License-Identifier: Apache-2.0
 * The status as a small msgpack map, so that it survives in the spool. */
#include "engine/uplink/uplink.h"
#include "proto/msgpack/mpread.h"
#include "proto/msgpack/mpwrite.h"

#include <string.h>

/* The map's keys. */
enum { STATUS_ERR = 4, STATUS_ERROR = 6, STATUS_KEYS = 13 };

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
		[13] = &s->want_full_ms};
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
		else
			mpwrite_uint(&w, *number_at(&values, key));
	}
	/* Fields of at most 10 bytes and a text of LIMIT_WHY always fit. */
	_Static_assert(
		STATUS_KEYS * 10 + LIMIT_WHY + 16 < UPLINK_STATUS_BYTES, "room for the status");
	return mpwrite_close(&w, UPLINK_STATUS_BYTES) < 0 ? 0 : (int)b.len;
}

static int take(struct mpread *in, uint64_t key, struct uplink_status *s)
{
	struct text error;
	uint64_t *number = number_at(s, key);
	if (number != NULL)
		return mpread_uint(in, UINT64_MAX, number);
	if (key == STATUS_ERR)
		return mpread_i32(in, &s->last_err);
	if (key != STATUS_ERROR)
		return mpread_skip(in);
	int err = mpread_str(in, sizeof s->last_error - 1, &error);
	if (err < 0)
		return err;
	memcpy(s->last_error, error.p, error.len);
	s->last_error[error.len] = '\0';
	return 0;
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
