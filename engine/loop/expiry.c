/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop/expiry.h"

enum { DAY_MS = 86400000 };

bool expiry_note(struct expiry *e, uint64_t at_ms, uint64_t now_ms, int *days)
{
	static const uint64_t thresholds[] = {1, DAY_MS, 7ull * DAY_MS, 30ull * DAY_MS};
	if (at_ms != e->at_ms)
		*e = (struct expiry){.at_ms = at_ms};
	if (at_ms == 0)
		return false;
	uint64_t left_ms = at_ms > now_ms ? at_ms - now_ms : 0;
	int64_t left = (int64_t)at_ms - (int64_t)now_ms;
	*days = (int)(left >= 0 ? left / DAY_MS : (left - DAY_MS + 1) / DAY_MS);
	for (unsigned i = 0; i < sizeof thresholds / sizeof thresholds[0]; i++) {
		if (left_ms >= thresholds[i] && !(i > 0 && left_ms == thresholds[i]))
			continue;
		bool is_new = e->warned_ms == 0 || thresholds[i] < e->warned_ms;
		if (is_new)
			e->warned_ms = thresholds[i];
		return is_new;
	}
	return false;
}
