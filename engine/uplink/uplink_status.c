/* SPDX-License-Identifier: Apache-2.0
 * The status as a small msgpack map, so that it survives in the spool. */
#include "engine/uplink/uplink.h"
#include "proto/msgpack/mpread.h"
#include "proto/msgpack/mpwrite.h"

#include <string.h>

enum {
	STATUS_CONTACT = 1,
	STATUS_SUCCESS = 2,
	STATUS_NEXT = 3,
	STATUS_ERR = 4,
	STATUS_ERROR_AT = 5,
	STATUS_ERROR = 6,
	STATUS_BATCHES = 7,
	STATUS_RECORDS = 8,
	STATUS_SENT_BYTES = 9
};

const char *uplink_state_name(enum uplink_state state)
{
	switch (state) {
	case UPLINK_IDLE:
		return "idle";
	case UPLINK_PACKING:
		return "packing";
	case UPLINK_CONNECTING:
		return "connecting";
	case UPLINK_SENDING:
		return "sending";
	case UPLINK_WAITING:
		return "waiting";
	case UPLINK_DELETING:
		return "deleting";
	case UPLINK_BACKED_OFF:
		return "backed-off";
	case UPLINK_ENDING:
		return "ending";
	}
	return "unknown";
}

static void put(struct mpwrite *w, uint8_t key, uint64_t v)
{
	mpwrite_uint(w, key);
	mpwrite_uint(w, v);
}

int uplink_status_pack(const struct uplink_status *s, uint8_t dst[UPLINK_STATUS_BYTES])
{
	struct buf b;
	struct mpwrite w;
	buf_over(&b, dst, UPLINK_STATUS_BYTES);
	mpwrite_open(&w, &b);
	mpwrite_map(&w, 9);
	put(&w, STATUS_CONTACT, s->last_contact_ms);
	put(&w, STATUS_SUCCESS, s->last_success_ms);
	put(&w, STATUS_NEXT, s->next_ms);
	mpwrite_uint(&w, STATUS_ERR);
	mpwrite_int(&w, s->last_err);
	put(&w, STATUS_ERROR_AT, s->last_error_at_ms);
	mpwrite_uint(&w, STATUS_ERROR);
	mpwrite_text(
		&w, (struct text){s->last_error, strnlen(s->last_error, sizeof s->last_error)});
	put(&w, STATUS_BATCHES, s->batches);
	put(&w, STATUS_RECORDS, s->records);
	put(&w, STATUS_SENT_BYTES, s->sent_bytes);
	/* 9 fields of at most 10 bytes and a text of LIMIT_WHY always fit. */
	_Static_assert(9 * 10 + LIMIT_WHY + 16 < UPLINK_STATUS_BYTES, "room for the status");
	return mpwrite_close(&w, UPLINK_STATUS_BYTES) < 0 ? 0 : (int)b.len;
}

static int take(struct mpread *in, uint64_t key, struct uplink_status *s)
{
	struct text error;
	int err;
	switch (key) {
	case STATUS_CONTACT:
		return mpread_uint(in, UINT64_MAX, &s->last_contact_ms);
	case STATUS_SUCCESS:
		return mpread_uint(in, UINT64_MAX, &s->last_success_ms);
	case STATUS_NEXT:
		return mpread_uint(in, UINT64_MAX, &s->next_ms);
	case STATUS_ERR:
		return mpread_i32(in, &s->last_err);
	case STATUS_ERROR_AT:
		return mpread_uint(in, UINT64_MAX, &s->last_error_at_ms);
	case STATUS_ERROR:
		err = mpread_str(in, sizeof s->last_error - 1, &error);
		if (err == 0) {
			memcpy(s->last_error, error.p, error.len);
			s->last_error[error.len] = '\0';
		}
		return err;
	case STATUS_BATCHES:
		return mpread_uint(in, UINT64_MAX, &s->batches);
	case STATUS_RECORDS:
		return mpread_uint(in, UINT64_MAX, &s->records);
	case STATUS_SENT_BYTES:
		return mpread_uint(in, UINT64_MAX, &s->sent_bytes);
	default:
		return mpread_skip(in);
	}
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
