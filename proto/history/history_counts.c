/* SPDX-License-Identifier: Apache-2.0
 * Which changes of a group count: by what the evaluation makes events of. */
#include "proto/history/history.h"

static bool is_same_firmware(const struct firmware *a, const struct firmware *b)
{
	while (a != NULL && b != NULL && text_is_equal(a->name, b->name) &&
		text_is_equal(a->version, b->version)) {
		a = a->next;
		b = b->next;
	}
	return a == NULL && b == NULL;
}

/* But for sysUpTime. */
static bool is_same_identity(const struct identity *a, const struct identity *b)
{
	return a->is_printer == b->is_printer && a->why == b->why &&
	       a->confidence == b->confidence && text_is_equal(a->vendor, b->vendor) &&
	       text_is_equal(a->model, b->model) && text_is_equal(a->serial, b->serial) &&
	       text_is_equal(a->sys_descr, b->sys_descr) &&
	       text_is_equal(a->sys_object_id, b->sys_object_id) && text_is_equal(a->mac, b->mac) &&
	       text_is_equal(a->name, b->name) && text_is_equal(a->device_id, b->device_id) &&
	       is_same_firmware(a->firmware, b->firmware);
}

static unsigned first_counts(enum reading_group g, const struct reading *now)
{
	switch (g) {
	case GROUP_IDENTITY: /* another device at its address, from then on */
		return HISTORY_COUNTS;
	case GROUP_SUPPLIES:
		return history_first_supplies_count(now);
	case GROUP_ALERTS:
		return history_alerts_count(NULL, now);
	case GROUP_STATE:
		return history_errors_count(NULL, now);
	default:
		return 0;
	}
}

unsigned history_counts(enum reading_group g, const struct reading *old, uint64_t old_at_ms,
	const struct reading *now, uint64_t now_ms)
{
	if (old == NULL)
		return first_counts(g, now);
	if (old->group[g].status != now->group[g].status)
		return HISTORY_COUNTS | HISTORY_AWAITS;
	switch (g) {
	case GROUP_IDENTITY:
		return is_same_identity(&old->identity, &now->identity) ? 0 : HISTORY_COUNTS;
	case GROUP_METERS:
		return history_meters_count(old, old_at_ms, now, now_ms);
	case GROUP_SUPPLIES:
		return history_supplies_count(old, now);
	case GROUP_ALERTS:
		return history_alerts_count(old, now);
	case GROUP_STATE:
		return history_errors_count(old, now);
	default:
		return 0;
	}
}
