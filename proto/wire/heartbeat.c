/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire/heartbeat.h"

#include "proto/msgpack/mpmap.h"
#include "proto/wire/pack_internal.h"

#include <string.h>

#define AT(type, name) offsetof(struct type, name)
#define COUNT(table) (sizeof(table) / sizeof(table)[0])
/* Absent if it is 0. */
#define OPTIONAL(kind, key, name)                                                                  \
	{                                                                                          \
		key, MP_##kind, .is_optional = true, .at = AT(heartbeat, name)                     \
	}

/* In the order of heartbeat_fields in row_types.c. */
static const struct mp_member members[] = {
	{1, MP_FIXED, true, .at = AT(heartbeat, agent_id), .max = AGENT_ID_BYTES},
	{2, MP_U64, true, .at = AT(heartbeat, epoch)},
	{3, MP_NUMBER, true, .at = AT(heartbeat, number)},
	{4, MP_NUMBER, true, .at = AT(heartbeat, sent_at_ms)},
	{5, MP_U32, .at = AT(heartbeat, minor)},
	{6, MP_TEXT, .is_optional = true, .at = AT(heartbeat, software),
		.max = LIMIT_HEARTBEAT_SOFTWARE},
	OPTIONAL(U32, 7, interval_s),
	OPTIONAL(NUMBER, 8, receipted),
	OPTIONAL(NUMBER, 9, pending),
	OPTIONAL(NUMBER, 10, pending_bytes),
	OPTIONAL(NUMBER, 11, dropped),
	OPTIONAL(NUMBER, 12, quarantined),
	OPTIONAL(NUMBER, 13, last_sync_ms),
	OPTIONAL(NUMBER, 14, next_sync_ms),
	OPTIONAL(U32, 15, known),
	OPTIONAL(U32, 16, complete),
	OPTIONAL(U32, 17, failed),
};
static const struct mp_table table = {members, COUNT(members)};

static const struct mp_member response_members[] = {
	{1, MP_FIXED, true, .at = AT(heartbeat_response, digest), .max = DIGEST_BYTES},
	{2, MP_NUMBER, true, .at = AT(heartbeat_response, received_at_ms)},
	{3, MP_U32, .is_optional = true, .at = AT(heartbeat_response, work)},
};
static const struct mp_table response_table = {response_members, COUNT(response_members)};

void policy_apply_heartbeat(const struct policy *p, struct heartbeat *h)
{
	_Static_assert(COUNT(members) <= 32, "a policy's mask has 32 bits");
	for (unsigned i = 0; i < COUNT(members); i++) {
		if ((p->left_out[PART_HEARTBEAT] >> i & 1) != 0)
			mpmap_clear(&members[i], h);
	}
}

static int pack(struct buf *dst, const struct mp_table *t, const void *object)
{
	struct mpwrite w;
	mpwrite_open(&w, dst);
	mpmap_write(&w, t, object);
	return mpwrite_close(&w, LIMIT_HEAD);
}

static int unpack(const struct mp_table *t, void *object, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	if (len > LIMIT_HEAD)
		return ERR_LIMIT;
	mpread_open(&in, bytes, len);
	int err = mpmap_read(&in, t, object);
	return err == 0 && !mpread_is_end(&in) ? ERR_FORMAT : err;
}

int heartbeat_pack(struct buf *dst, const struct heartbeat *h)
{
	return pack(dst, &table, h);
}

int heartbeat_unpack(struct heartbeat *ret, const uint8_t *bytes, size_t len)
{
	*ret = (struct heartbeat){0};
	return unpack(&table, ret, bytes, len);
}

int heartbeat_response_pack(struct buf *dst, const struct heartbeat_response *r)
{
	return pack(dst, &response_table, r);
}

int heartbeat_response_unpack(struct heartbeat_response *ret, const uint8_t *bytes, size_t len)
{
	*ret = (struct heartbeat_response){0};
	return unpack(&response_table, ret, bytes, len);
}

void heartbeat_signed(uint8_t dst[HEARTBEAT_SIGNED_BYTES], const uint8_t head_digest[DIGEST_BYTES],
	const uint8_t body_digest[DIGEST_BYTES])
{
	static const char domain[19] = "platen-heartbeat-1";
	memcpy(dst, domain, sizeof domain);
	memcpy(dst + sizeof domain, head_digest, DIGEST_BYTES);
	memcpy(dst + sizeof domain + DIGEST_BYTES, body_digest, DIGEST_BYTES);
}

void heartbeat_response_signed(
	uint8_t dst[HEARTBEAT_RESPONSE_SIGNED_BYTES], const uint8_t digest[DIGEST_BYTES])
{
	static const char domain[28] = "platen-heartbeat-response-1";
	memcpy(dst, domain, sizeof domain);
	memcpy(dst + sizeof domain, digest, DIGEST_BYTES);
}
