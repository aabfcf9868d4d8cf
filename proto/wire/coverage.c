/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire/coverage.h"

#include "proto/msgpack/mpmap.h"

#include <string.h>

#define AT(type, name) offsetof(struct type, name)
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct mp_member head_members[] = {
	{1, MP_FIXED, true, .at = AT(coverage_head, agent_id), .max = AGENT_ID_BYTES},
	{2, MP_U64, true, .at = AT(coverage_head, epoch)},
	{3, MP_NUMBER, true, .at = AT(coverage_head, sent_at_ms)},
	{4, MP_U8, true, .at = AT(coverage_head, body_encoding)},
	{5, MP_U32, true, .at = AT(coverage_head, body_raw_len)},
	{6, MP_BYTES, true, .at = AT(coverage_head, public_key), .max = LIMIT_PUBLIC_KEY},
	{7, MP_U32, .at = AT(coverage_head, known)},
	{8, MP_U32, .at = AT(coverage_head, unread)},
	{9, MP_U32, .at = AT(coverage_head, minor)},
};
static const struct mp_table head_table = {head_members, COUNT(head_members)};

/* Of a row, by what is not 0. */
enum { ROW_DEVICE = 1, ROW_COMPLETE, ROW_ATTEMPT, ROW_REASON, ROW_ADDRESS };

const char *coverage_reason_name(unsigned reason)
{
	static const char *const names[COVERAGE_REASONS] = {[COVERAGE_COMPLETE] = "complete",
		[COVERAGE_PARTIAL] = "partial",
		[COVERAGE_NOT_RESPONDING] = "not-responding",
		[COVERAGE_REFUSED] = "refused",
		[COVERAGE_NOT_PRINTER] = "not-a-printer",
		[COVERAGE_DENIED] = "denied",
		[COVERAGE_FAILED] = "failed",
		[COVERAGE_NOT_TRIED] = "not-tried"};
	return reason < COVERAGE_REASONS ? names[reason] : "failed";
}

int coverage_head_pack(struct buf *dst, const struct coverage_head *head)
{
	struct mpwrite w;
	mpwrite_open(&w, dst);
	mpmap_write(&w, &head_table, head);
	return mpwrite_close(&w, LIMIT_HEAD);
}

int coverage_head_unpack(struct coverage_head *ret, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	*ret = (struct coverage_head){0};
	if (len > LIMIT_HEAD)
		return ERR_LIMIT;
	mpread_open(&in, bytes, len);
	int err = mpmap_read(&in, &head_table, ret);
	if (err == 0 && !mpread_is_end(&in))
		err = ERR_FORMAT;
	if (err == 0 && ret->body_raw_len > LIMIT_BATCH_RAW)
		err = ERR_LIMIT;
	if (err == 0 && ret->body_encoding >= BODY_ENCODING_COUNT)
		err = ERR_VERSION;
	return err;
}

int coverage_row_pack(struct buf *dst, const struct coverage_row *row)
{
	struct mpwrite w;
	mpwrite_open(&w, dst);
	mpwrite_map(&w, (size_t)(row->device_len > 0) + (row->complete_s > 0) +
				(row->attempt_s > 0) + (row->reason > 0) + (row->address.len > 0));
	if (row->device_len > 0) {
		mpwrite_uint(&w, ROW_DEVICE);
		mpwrite_bin(&w, row->device, row->device_len);
	}
	const uint32_t numbers[] = {row->complete_s, row->attempt_s, row->reason};
	for (unsigned i = 0; i < COUNT(numbers); i++) {
		if (numbers[i] == 0)
			continue;
		mpwrite_uint(&w, ROW_COMPLETE + i);
		mpwrite_uint(&w, numbers[i]);
	}
	if (row->address.len > 0) {
		mpwrite_uint(&w, ROW_ADDRESS);
		mpwrite_text(&w, row->address);
	}
	return mpwrite_close(&w, LIMIT_COVERAGE_ROW);
}

static int read_field(struct mpread *in, uint64_t key, struct coverage_row *ret)
{
	switch (key) {
	case ROW_DEVICE:
		return mpread_bin(in, COVERAGE_DEVICE_BYTES, &ret->device, &ret->device_len);
	case ROW_COMPLETE:
		return mpread_u32(in, &ret->complete_s);
	case ROW_ATTEMPT:
		return mpread_u32(in, &ret->attempt_s);
	case ROW_REASON:
		return mpread_u8(in, &ret->reason);
	case ROW_ADDRESS:
		return mpread_str(in, LIMIT_ADDRESS - 1, &ret->address);
	default:
		return mpread_skip(in);
	}
}

int coverage_row_unpack(struct coverage_row *ret, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	struct mpread_fields fields;
	uint64_t key;
	*ret = (struct coverage_row){.device_len = 0};
	mpread_open(&in, bytes, len);
	int err = mpread_fields_open(&in, &fields);
	while (err == 0 && (err = mpread_key(&in, &fields, &key)) > 0)
		err = read_field(&in, key, ret);
	if (err < 0)
		return err;
	if (ret->device_len != 0 && ret->device_len != COVERAGE_DEVICE_BYTES)
		return ERR_FORMAT;
	if (ret->reason >= COVERAGE_REASONS)
		ret->reason = COVERAGE_FAILED;
	return (int)(in.p - bytes);
}

void coverage_signed(uint8_t dst[COVERAGE_SIGNED_BYTES], const uint8_t head_digest[DIGEST_BYTES],
	const uint8_t body_digest[DIGEST_BYTES])
{
	static const char domain[18] = "platen-coverage-1";
	memcpy(dst, domain, sizeof domain);
	memcpy(dst + sizeof domain, head_digest, DIGEST_BYTES);
	memcpy(dst + sizeof domain + DIGEST_BYTES, body_digest, DIGEST_BYTES);
}
