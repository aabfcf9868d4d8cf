/* SPDX-License-Identifier: Apache-2.0
 * A time zone file: refused, or one that gives offsets within the bounds and a next time after any
 * other, on every calendar. */
#include "proto/base/calendar.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct zone z;
	if (zone_parse(&z, bytes, len) < 0)
		return 0;
	struct calendar c = {.count = 1,
		.times = {{150, 151}},
		.weekdays = (uint8_t)(1u << len % 7),
		.zone = &z};
	uint64_t at = UINT64_C(1795352800123);
	for (size_t i = 0; i <= z.count; i++) {
		uint64_t now = i < z.count && z.at_s[i] > 0 && z.at_s[i] < INT64_C(1) << 40
				       ? (uint64_t)z.at_s[i] * 1000
				       : at;
		int32_t offset = zone_offset_s(&z, (int64_t)(now / 1000));
		uint64_t next = calendar_next_ms(&c, now);
		if (offset < -90000 || offset > 93600 || next <= now || next - now > 1123200000)
			abort();
	}
	return 0;
}
