/* SPDX-License-Identifier: Apache-2.0
 * The status as a small msgpack map, so that it survives in the spool. */
#include "engine/uplink/uplink.h"
#include "proto/msgpack/mpmap.h"

static void put_err(struct mpwrite *w, const void *object)
{
	const struct uplink_status *s = object;
	mpwrite_int(w, s->last_err);
}

static int read_err(struct mpread *in, void *object)
{
	struct uplink_status *s = object;
	return mpread_i32(in, &s->last_err);
}

#define AT(name) offsetof(struct uplink_status, name)

static const struct mp_member members[] = {
	{1, MP_U64, .at = AT(last_contact_ms)},
	{2, MP_U64, .at = AT(last_success_ms)},
	{3, MP_U64, .at = AT(next_ms)},
	{4, MP_OWN, .put = put_err, .read = read_err},
	{5, MP_U64, .at = AT(last_error_at_ms)},
	{6, MP_STRING, .at = AT(last_error), .max = LIMIT_WHY},
	{7, MP_U64, .at = AT(batches)},
	{8, MP_U64, .at = AT(records)},
	{9, MP_U64, .at = AT(sent_bytes)},
	{10, MP_U64, .at = AT(served_ms)},
	{11, MP_U64, .at = AT(missed)},
	{12, MP_U64, .at = AT(last_missed_ms)},
	{13, MP_U64, .at = AT(want_full_ms)},
	{14, MP_U64, .at = AT(hub_certificate.at_ms)},
	{15, MP_U64, .at = AT(hub_certificate.warned_ms)},
	{16, MP_U64, .at = AT(own_certificate.at_ms)},
	{17, MP_U64, .at = AT(own_certificate.warned_ms)},
	{19, MP_U64, .at = AT(last_heartbeat_ms)},
	{20, MP_U64, .at = AT(heartbeat_number)},
	{18, MP_STRING, .at = AT(hub_issuer), .max = LIMIT_CERT_NAME},
};
enum { MEMBERS = sizeof members / sizeof members[0] };
static const struct mp_table table = {members, MEMBERS};

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
	struct buf b;
	struct mpwrite w;
	buf_over(&b, dst, UPLINK_STATUS_BYTES);
	mpwrite_open(&w, &b);
	mpmap_write(&w, &table, s);
	/* Fields of at most 10 bytes and the two texts always fit. */
	_Static_assert(MEMBERS * 10 + LIMIT_WHY + LIMIT_CERT_NAME + 16 < UPLINK_STATUS_BYTES,
		"room for the status");
	return mpwrite_close(&w, UPLINK_STATUS_BYTES) < 0 ? 0 : (int)b.len;
}

int uplink_status_unpack(struct uplink_status *ret, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	*ret = (struct uplink_status){0};
	mpread_open(&in, bytes, len);
	return mpmap_read(&in, &table, ret);
}
