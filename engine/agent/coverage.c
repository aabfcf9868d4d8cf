/* SPDX-License-Identifier: Apache-2.0
 * How each device of the roster was read last, for the hub (proto/wire/coverage.h). */
#include "engine/agent/agent_internal.h"

#include "proto/wire/coverage.h"

struct telling {
	const struct policy *policy;
	struct coverage_head *head;
	struct buf *body;
};

static uint8_t reason_of(const struct device *dev)
{
	switch ((enum device_outcome)dev->outcome) {
	case OUTCOME_COMPLETE:
		return COVERAGE_COMPLETE;
	case OUTCOME_PARTIAL:
		return COVERAGE_PARTIAL;
	case OUTCOME_OTHER:
		return COVERAGE_NOT_PRINTER;
	case OUTCOME_SILENT:
		if (device_is_absence(dev->err))
			return COVERAGE_NOT_RESPONDING;
		return device_is_refused(dev) ? COVERAGE_REFUSED : COVERAGE_FAILED;
	case OUTCOME_NEVER:
	case OUTCOME_COUNT:
		break;
	}
	return COVERAGE_NOT_TRIED;
}

/* Seconds before the message was made, at least 1; 0 of no time. */
static uint32_t seconds_before(uint64_t now_ms, uint64_t at_ms)
{
	uint64_t s = now_ms > at_ms ? (now_ms - at_ms) / 1000 : 0;
	return at_ms == 0 ? 0 : s == 0 ? 1 : s < UINT32_MAX ? (uint32_t)s : UINT32_MAX;
}

static void add_device(void *owner, struct device *dev)
{
	struct telling *t = owner;
	enum device_standing standing = device_standing(dev);
	uint8_t digest[CRYPTO_SHA256];
	char key[POLICY_KEY];
	if (standing == STANDING_RETIRED || standing == STANDING_ABSENT ||
		(standing == STANDING_OTHER && dev->is_range))
		return;
	uint64_t now_ms = t->head->sent_at_ms;
	struct coverage_row row = {.reason = reason_of(dev),
		.complete_s = seconds_before(now_ms, dev->complete_wall_ms)};
	if (dev->attempt_wall_ms != dev->complete_wall_ms)
		row.attempt_s = seconds_before(now_ms, dev->attempt_wall_ms);
	struct address_text address = device_address(dev);
	if (dev->key[0] != '\0') {
		struct text name = policy_device_key(t->policy, text_of(dev->key), key);
		if (crypto_sha256(name.p, name.len, digest) < 0)
			return;
		row.device = digest;
		row.device_len = COVERAGE_DEVICE_BYTES;
	} else {
		row.address = policy_unread_address(t->policy, text_of(address.text));
		t->head->unread++;
	}
	t->head->known++;
	if (coverage_row_pack(t->body, &row) < 0)
		return; /* beyond LIMIT_BATCH_RAW it is counted only */
}

void agent_on_coverage(
	void *owner, const struct policy *policy, struct coverage_head *head, struct buf *body)
{
	struct agent *a = owner;
	struct telling t = {policy, head, body};
	roster_each(a->roster, add_device, &t);
}
