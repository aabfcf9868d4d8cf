/* SPDX-License-Identifier: Apache-2.0
 * Records in. Every byte is foreign here: the agent's own spool, a batch at the hub, a file given
 * to `platen decode`. */
#include "proto/wire/unpack_internal.h"

#include <string.h>

/* Names of ours: printable, so that they can be keys, file names and log values. */
static int read_name(struct mpread *in, size_t max, struct text *ret)
{
	int err = mpread_str(in, max, ret);
	for (size_t i = 0; err == 0 && i < ret->len; i++) {
		uint8_t c = (uint8_t)ret->p[i];
		if (c < 0x20 || c == 0x7f)
			return ERR_FORMAT;
	}
	return err;
}

static int head_field(struct mpread *in, uint64_t key, struct record_head *head)
{
	switch (key) {
	case RECORD_SEQ:
		return mpread_uint(in, NUMBER_MAX, &head->seq);
	case RECORD_READ_AT:
		return mpread_uint(in, NUMBER_MAX, &head->read_at_ms);
	case RECORD_POLICY:
		return mpread_u32(in, &head->policy_id);
	case RECORD_IS_FULL:
		return mpread_bool(in, &head->is_full);
	case RECORD_ADDRESS:
		return read_name(in, LIMIT_TEXT_SHORT, &head->address);
	case RECORD_DEVICE_KEY:
		return read_name(in, LIMIT_TEXT, &head->device_key);
	case RECORD_AGE:
		return mpread_u32(in, &head->age_ms);
	default:
		return mpread_skip(in);
	}
}

int record_spans(struct record_head *head, struct record_span groups[GROUP_COUNT],
	const uint8_t *bytes, size_t len)
{
	struct mpread in;
	struct mpread_fields fields;
	uint64_t key;
	/* One byte over the limit is enough to see that it is over. */
	mpread_open(&in, bytes, len > LIMIT_RECORD + 1 ? LIMIT_RECORD + 1 : len);
	*head = (struct record_head){0};
	memset(groups, 0, GROUP_COUNT * sizeof groups[0]);
	int err = mpread_fields_open(&in, &fields);
	while (err == 0 && (err = mpread_key(&in, &fields, &key)) > 0) {
		if (key < RECORD_GROUP || key >= RECORD_GROUP + GROUP_COUNT) {
			err = head_field(&in, key, head);
			continue;
		}
		int type = mpread_type(&in);
		if (type != MP_MAP)
			return type < 0 ? type : ERR_TYPE;
		struct record_span *span = &groups[key - RECORD_GROUP];
		span->p = in.p;
		err = mpread_skip(&in);
		span->len = (size_t)(in.p - span->p);
	}
	if (err == ERR_SHORT && len > LIMIT_RECORD)
		return ERR_LIMIT;
	if (err < 0)
		return err;
	if (!mpread_has(&fields, RECORD_SEQ) || !mpread_has(&fields, RECORD_READ_AT) ||
		head->device_key.len == 0)
		return ERR_FORMAT;
	size_t taken = (size_t)(in.p - bytes);
	return taken > LIMIT_RECORD ? ERR_LIMIT : (int)taken;
}

int record_cut(uint8_t *dst, const uint8_t *bytes, size_t len, unsigned mask)
{
	enum { FIXMAP = 0x80, FIXMAP_ITEMS = 15 };
	struct record_head head;
	struct record_span groups[GROUP_COUNT];
	int taken = record_spans(&head, groups, bytes, len);
	if (taken < 0 || (size_t)taken != len || (bytes[0] & ~FIXMAP_ITEMS) != FIXMAP)
		return ERR_FORMAT;
	const uint8_t *from = bytes + 1;
	size_t n = 1;
	dst[0] = bytes[0];
	/* record_pack writes the groups in their order, each behind its one byte of key. */
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		const uint8_t *p = groups[g].p;
		if ((mask >> g & 1) == 0 || groups[g].len == 0)
			continue;
		if (p <= from || p[-1] != RECORD_GROUP + g)
			return ERR_FORMAT;
		memcpy(dst + n, from, (size_t)(p - 1 - from));
		n += (size_t)(p - 1 - from);
		from = p + groups[g].len;
		dst[0]--;
	}
	size_t rest = (size_t)(bytes + len - from);
	memcpy(dst + n, from, rest);
	return (int)(n + rest);
}

int record_unpack(struct record_head *head, struct reading *r, unsigned *mask, const uint8_t *bytes,
	size_t len)
{
	struct record_span groups[GROUP_COUNT];
	*mask = 0;
	int taken = record_spans(head, groups, bytes, len);
	for (unsigned g = 0; g < GROUP_COUNT && taken >= 0; g++) {
		struct mpread in;
		if (groups[g].len == 0)
			continue;
		mpread_open(&in, groups[g].p, groups[g].len);
		int err = read_group(&in, r, (enum reading_group)g, head->read_at_ms);
		if (err < 0)
			return err;
		*mask |= 1u << g;
	}
	return taken;
}

int record_group_unpack(struct reading *r, enum reading_group g, uint64_t read_at_ms,
	const uint8_t *bytes, size_t len)
{
	struct mpread in;
	mpread_open(&in, bytes, len);
	int err = read_group(&in, r, g, read_at_ms);
	if (err < 0)
		return err;
	return mpread_is_end(&in) ? 0 : ERR_FORMAT;
}
