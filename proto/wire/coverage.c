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

static const struct mp_member row_members[] = {
	{1, MP_BYTES, .is_optional = true, .at = AT(coverage_row, device),
		.max = COVERAGE_DEVICE_BYTES},
	{2, MP_U32, .is_optional = true, .at = AT(coverage_row, complete_s)},
	{3, MP_U32, .is_optional = true, .at = AT(coverage_row, attempt_s)},
	{4, MP_U8, .is_optional = true, .at = AT(coverage_row, reason)},
	{5, MP_TEXT, .is_optional = true, .at = AT(coverage_row, address),
		.max = LIMIT_ADDRESS - 1},
};
static const struct mp_table row_table = {row_members, COUNT(row_members)};

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
	mpmap_write(&w, &row_table, row);
	return mpwrite_close(&w, LIMIT_COVERAGE_ROW);
}

int coverage_row_unpack(struct coverage_row *ret, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	*ret = (struct coverage_row){.device_len = 0};
	mpread_open(&in, bytes, len);
	int err = mpmap_read(&in, &row_table, ret);
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
